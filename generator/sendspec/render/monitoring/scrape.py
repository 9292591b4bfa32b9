"""`scrape.yml` and `targets/*.yml`: what Prometheus asks the blackbox exporter to probe."""

from collections.abc import Sequence

from sendspec.render.monitoring.probes import Probe, Watched
from sendspec.render.monitoring.yaml_text import Node, block
from sendspec.targets.app_notes import hash_comment

PATH = "monitoring/scrape.yml"
EXPORTER = "127.0.0.1:9115"
"""Where the blackbox exporter listens by default on the same machine."""
RESOLVER = "1.1.1.1:53"
INTERVALS = {Watched.SMTP: "1m", Watched.API: "1m", Watched.WEBHOOK: "1m", Watched.DNS: "5m"}
SCRAPE_TIMEOUT = "15s"
"""Longer than a module's own timeout, so that a slow probe is a failed probe and not a missing one."""

INTRODUCTION = (
    (
        "Scrape jobs for Prometheus. Name this file under `scrape_config_files:` (Prometheus 2.43 or newer) or copy its jobs; "
        "name alerts.yml under `rule_files:`. Check: promtool check config scrape.yml"
    ),
    (
        f"Change two addresses to yours, each in the `replacement:` of its line: {EXPORTER} is the blackbox exporter, which runs "
        f"with blackbox.yml; {RESOLVER} is the name server that DNS records are asked of, best one outside your own network."
    ),
    "The canary writes for node_exporter's textfile collector: that job is one you have.",
)


def job_name(watched: Watched) -> str:
    """Give the name of the job, which alerts choose by."""
    return f"sendspec-{watched}"


def targets_path(watched: Watched) -> str:
    """Give where the targets of one kind go."""
    return f"monitoring/targets/{watched}.yml"


def scrape_text(header: str, watched: Sequence[Watched]) -> str:
    """Give the file with a job for each kind that has targets."""
    lines = [header, *(line for note in INTRODUCTION for line in hash_comment(note).splitlines()), "scrape_configs:"]
    for kind in watched:
        lines += block([_job(kind)], 1)
    return "\n".join((*lines, "")) if watched else "\n".join((*lines[:-1], "scrape_configs: []", ""))


def targets_text(header: str, probes: Sequence[Probe]) -> str:
    """Give the targets of one kind, each with its module and its labels."""
    lines = [header]
    for probe in probes:
        lines += block(
            [{"targets": [probe.address], "labels": {"__param_module": probe.module, **dict(probe.labels)}}], 0
        )
    return "\n".join((*lines, ""))


def _job(watched: Watched) -> Node:
    relabel: list[Node] = [
        {"source_labels": ["__address__"], "target_label": "instance"},
        {"source_labels": ["__param_module"], "target_label": "module"},
    ]
    if watched is Watched.DNS:
        relabel.append({"target_label": "__param_target", "replacement": RESOLVER})
    else:
        relabel.append({"source_labels": ["__address__"], "target_label": "__param_target"})
    relabel.append({"target_label": "__address__", "replacement": EXPORTER})
    return {
        "job_name": job_name(watched),
        "metrics_path": "/probe",
        "scrape_interval": INTERVALS[watched],
        "scrape_timeout": SCRAPE_TIMEOUT,
        "file_sd_configs": [{"files": [targets_path(watched).removeprefix("monitoring/")]}],
        "relabel_configs": relabel,
    }
