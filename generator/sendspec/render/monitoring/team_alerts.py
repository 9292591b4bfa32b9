"""Alerts on credentials that grow old, and on the canary."""

from collections.abc import Iterator

from sendspec.model.canary import INTERVAL_SECONDS, Metric
from sendspec.model.credential import Credential
from sendspec.model.setup import Setup
from sendspec.render.monitoring.rules import Alert, AlertGroup, Urgency, literal, selector

SECONDS_A_DAY = 86_400
CREDENTIALS = (
    f"Key age. `sendspec rotate --due --yes --metrics FILE` writes {Metric.CREDENTIAL} for accounts with `managed: apply`. "
    "For others it is yours to write, in Unix seconds with the label credential, from the secret store's own date of the "
    "value (LastChangedDate of AWS Secrets Manager, created_time of Vault, updated_at of 1Password). While nobody does, the alerts on age are silent and those that say so are not."
)
CANARY = (
    "The canary: `sendspec smoke STREAM --yes --metrics FILE`, by one of the schedules in canary/. The greatest value of a stream "
    "counts, because on Kubernetes each node keeps the file of the last run it had."
)
TWO_FAILED = INTERVAL_SECONDS * 3 // 2
"""Seconds between the last run and the last good one that only two failures in a row explain, jitter allowed for."""


def credential_alerts(setup: Setup) -> AlertGroup:
    """Give two alerts for each credential with `rotate_every`: too old, and of unknown age."""
    return AlertGroup(
        "sendspec-credentials",
        tuple(
            alert
            for account in setup.accounts
            for credential in (*account.credentials, *account.manage)
            if credential.rotate_every_seconds is not None
            for alert in _credential_alerts(credential, credential.rotate_every_seconds)
        ),
        CREDENTIALS,
    )


def _credential_alerts(credential: Credential, seconds: int) -> Iterator[Alert]:
    made = selector(Metric.CREDENTIAL, credential=credential.id)
    name = literal(credential.id)
    labels = (("credential", credential.id), ("esp", credential.account))
    yield Alert(
        "SendspecCredentialTooOld",
        f"time() - max by (credential) ({made}) > {seconds}",
        "1h",
        Urgency.WARNING,
        f"{name} is {{{{ $value | humanizeDuration }}}} old",
        f"The spec wants it changed every {seconds / SECONDS_A_DAY:g} days.",
        labels,
    )
    yield Alert(
        "SendspecCredentialAgeUnknown",
        f"absent_over_time({made}[1d])",
        "1h",
        Urgency.INFO,
        f"{name}: nobody tells Prometheus how old it is",
        f"Run `sendspec rotate --due --yes --metrics FILE` by cron, or write {Metric.CREDENTIAL} with the label credential.",
        labels,
    )


def canary_alerts(setup: Setup) -> AlertGroup:
    """Give the alerts on canaries: one a stream for a canary that does not run, three for all that do."""
    streams = [stream.id for stream in setup.streams if stream.routes]
    if not streams:
        return AlertGroup("sendspec-canary", ())
    return AlertGroup("sendspec-canary", (*_shared_alerts(), *map(_missing, streams)), CANARY)


def _shared_alerts() -> Iterator[Alert]:
    run, success, fallback = (f"max by (stream) ({metric})" for metric in (Metric.RUN, Metric.SUCCESS, Metric.FALLBACK))
    yield Alert(
        "SendspecCanaryFailing",
        f"({run} - {success} > {TWO_FAILED}) or ({run} unless {success})",
        "5m",
        Urgency.CRITICAL,
        "{{ $labels.stream }}: canary messages do not come through",
        "The canary runs, but its messages are refused or their event does not come back. `sendspec smoke {{ $labels.stream }}` "
        "shows which step fails.",
    )
    yield Alert(
        "SendspecCanaryByFallback",
        f"{fallback} >= {run}",
        "",
        Urgency.WARNING,
        "{{ $labels.stream }}: the last canary message left by the fallback",
        "The primary refused it or did not answer. `sendspec check --stream {{ $labels.stream }}` says why.",
    )


def _missing(stream: str) -> Alert:
    run = selector(Metric.RUN, stream=stream)
    return Alert(
        "SendspecCanaryMissing",
        f"absent({run}) or (time() - max by (stream) ({run}) > {2 * INTERVAL_SECONDS})",
        "5m",
        Urgency.WARNING,
        "{{ $labels.stream }}: no canary has run for two intervals",
        "The schedule in canary/ is not installed or fails before it writes its file. Whether mail comes through is not known.",
        labels=(("stream", stream),),
    )
