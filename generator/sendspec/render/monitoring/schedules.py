"""`canary/`: the schedules that run `sendspec smoke` for every stream: systemd, cron, Kubernetes. One of them is enough."""

import zlib
from collections.abc import Iterator, Sequence

from sendspec.model.canary import INTERVAL_SECONDS
from sendspec.render.monitoring.yaml_text import Node, block
from sendspec.targets.app_notes import hash_comment, one_line
from sendspec.templating import environment

FOLDER = "monitoring/canary"
MINUTES = INTERVAL_SECONDS // 60
MAX_CRONJOB_NAME = 52
"""Kubernetes adds eleven characters for each Job (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/)."""
TEXTFILES = "/var/lib/prometheus/node-exporter"
"""Where Debian's node_exporter reads; elsewhere it is what `--collector.textfile.directory` says."""
IMAGE = "registry.example/sendspec:replace-me"
SHOWN = 50

EVENT_NOTE = (
    "The canary counts as good when the message was taken and its event has come back. Postmark tells that itself. For SES name "
    "an SQS queue that the events are copied to: SENDSPEC_SMOKE_QUEUE; for any ESP a receiver behind a tunnel will do: "
    "SENDSPEC_SMOKE_LISTEN and SENDSPEC_SMOKE_EVENT_KEY. Without them the event is unknown, and the time of the last good one "
    "does not move."
)
"""What a team has to bring, or the alert about a missing canary never falls silent."""
CRONJOB_NOTES = (
    (
        "One CronJob a stream. Yours to fill in: the image, with sendspec and this spec inside (it runs in the folder that holds "
        "specs/), and the Secret sendspec-canary with the variables that the spec's env:// references and the secret stores' clients "
        "read."
    ),
    (
        "The metrics go through the textfile collector of the node's node_exporter. The folder must be writable for user 65534; "
        "where nodes must not be written to, run the canary by systemd or cron on one machine instead."
    ),
    EVENT_NOTE,
)


def schedule_files(header: str, streams: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Give (path, text, what it is) of each file, for the streams in the order given."""
    render = environment("sendspec.render.monitoring", {"comment": hash_comment, "line": one_line}).get_template
    common = {
        "header": header,
        "event_note": EVENT_NOTE,
        "minutes": MINUTES,
        "textfiles": TEXTFILES,
        "streams": streams[:SHOWN],
        "left": max(0, len(streams) - SHOWN),
        "jobs": [(_minutes(number), stream) for number, stream in enumerate(streams)],
    }
    systemd = "canaries by systemd, one instance of the unit a stream"
    yield f"{FOLDER}/sendspec-canary@.service", render("canary.service.j2").render(common), f"{systemd}: what runs"
    yield f"{FOLDER}/sendspec-canary@.timer", render("canary.timer.j2").render(common), f"{systemd}: when it runs"
    yield f"{FOLDER}/crontab", render("crontab.j2").render(common), "canaries by cron, for /etc/cron.d"
    lines = [header, *(line for note in CRONJOB_NOTES for line in hash_comment(note).splitlines())]
    for number, stream in enumerate(streams):
        lines += ["---", *block(_cronjob(stream, _minutes(number)), 0)]
    yield f"{FOLDER}/cronjob.yaml", "\n".join((*lines, "")), "canaries on Kubernetes, one CronJob a stream"


def _minutes(number: int) -> str:
    """Give the minutes of cron, spread over the interval so that not all streams send at once."""
    return f"{number % MINUTES}-59/{MINUTES}"


def _cronjob(stream: str, minutes: str) -> Node:
    name = cronjob_name(stream)
    labels: Node = {"app.kubernetes.io/name": "sendspec-canary", "sendspec/stream": stream}
    file = f"{TEXTFILES}/sendspec_canary_{stream}.prom"
    container: Node = {
        "name": "canary",
        "image": IMAGE,
        "command": ["sendspec"],
        "args": ["smoke", stream, "--yes", "--metrics", file],
        "envFrom": [{"secretRef": {"name": "sendspec-canary"}}],
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "textfiles", "mountPath": TEXTFILES}],
    }
    pod: Node = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": "textfiles", "hostPath": {"path": TEXTFILES, "type": "Directory"}}],
    }
    job: Node = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": INTERVAL_SECONDS * 2 // 3,
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "schedule": f"{minutes} * * * *",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": INTERVAL_SECONDS // 3,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {"spec": job},
        },
    }


def cronjob_name(stream: str) -> str:
    """Give a name that Kubernetes takes; a long one is cut, and a digest tells it from others that begin the same."""
    name = f"sendspec-canary-{stream}"
    if len(name) <= MAX_CRONJOB_NAME:
        return name
    digest = f"{zlib.crc32(stream.encode()):08x}"
    return f"{name[: MAX_CRONJOB_NAME - len(digest) - 1].rstrip('-')}-{digest}"
