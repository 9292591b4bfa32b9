"""Setup -> the files of `output/monitoring/`."""

from collections.abc import Iterable, Iterator

from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.render.monitoring import blackbox, scrape
from sendspec.render.monitoring.dns_records import record_probes
from sendspec.render.monitoring.probe_alerts import probe_alerts
from sendspec.render.monitoring.probes import Watched, endpoint_probes
from sendspec.render.monitoring.reputation_alerts import reputation_alerts
from sendspec.render.monitoring.rules import group_lines
from sendspec.render.monitoring.schedules import schedule_files
from sendspec.render.monitoring.team_alerts import canary_alerts, credential_alerts
from sendspec.targets.app_notes import GENERATED, hash_comment

ALERTS_PATH = "monitoring/alerts.yml"
HEADER = f"# {GENERATED}"
ALERT_NOTES = (
    "Alert rules for Prometheus; name this file under `rule_files:`. Check: promtool check rules alerts.yml",
    (
        "The label severity is critical (mail is not leaving, or is about to be stopped), warning (look today) or info (nobody "
        "measures it). What cannot be told has alerts of its own: silence is not health."
    ),
)


def monitoring_files(setup: Setup) -> Iterator[OutputFile]:
    """Give every file, sorted by path; none for a spec that implies nothing to probe."""
    return iter(sorted(_files(setup), key=lambda file: file.path))


def _files(setup: Setup) -> Iterator[OutputFile]:
    endpoints, records = endpoint_probes(setup), record_probes(setup)
    probes = (*endpoints, *(record.probe for record in records.probes))
    if not probes:
        return
    kinds = [kind for kind in Watched if any(probe.watched is kind for probe in probes)]
    origins = _once(origin for probe in probes for origin in probe.origins)
    accounts, streams = (account.origin for account in setup.accounts), (stream.origin for stream in setup.streams)
    said = _once((*accounts, *streams)) or origins
    used = frozenset(probe.module for probe in endpoints)
    yield OutputFile(
        blackbox.PATH,
        blackbox.blackbox_text(HEADER, used, records),
        origins,
        "what the blackbox exporter asks of SMTP endpoints, APIs, webhooks and DNS, and which answers are good",
    )
    yield OutputFile(
        scrape.PATH,
        scrape.scrape_text(HEADER, kinds),
        said,
        "scrape jobs by which Prometheus has the blackbox exporter probe the targets",
    )
    for kind in kinds:
        chosen = [probe for probe in probes if probe.watched is kind]
        yield OutputFile(
            scrape.targets_path(kind),
            scrape.targets_text(HEADER, chosen),
            _once(origin for probe in chosen for origin in probe.origins),
            f"targets of the job {scrape.job_name(kind)}, with the labels that alerts show",
        )
    yield OutputFile(
        ALERTS_PATH,
        _alerts_text(setup, kinds),
        said,
        "alert rules for Prometheus: probes, certificates, DNS, bounce and complaint rates, key age, canaries",
    )
    sending = [stream for stream in setup.streams if stream.routes]
    if sending:
        for path, text, why in schedule_files(HEADER, [stream.id for stream in sending]):
            yield OutputFile(path, text, tuple(stream.origin for stream in sending), why)


def _alerts_text(setup: Setup, kinds: list[Watched]) -> str:
    lines = [HEADER, *(line for note in ALERT_NOTES for line in hash_comment(note).splitlines()), "groups:"]
    for group in (probe_alerts(kinds), reputation_alerts(setup), credential_alerts(setup), canary_alerts(setup)):
        if group.alerts:
            lines += group_lines(group)
    return "\n".join((*lines, ""))


def _once(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(origins))
