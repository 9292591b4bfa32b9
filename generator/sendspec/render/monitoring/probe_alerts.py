"""Alerts on what the blackbox exporter saw, and on its seeing nothing."""

from collections.abc import Iterator, Sequence

from sendspec.render.monitoring.probes import Watched
from sendspec.render.monitoring.rules import Alert, AlertGroup, Urgency, selector
from sendspec.render.monitoring.scrape import job_name

CERTIFICATE_DAYS = 14
SECONDS_A_DAY = 86_400

ENDPOINTS = 'job=~"sendspec-(smtp|api)"'
DNS = f'job="{job_name(Watched.DNS)}"'
WRONG = "probe_success{%s} == 0 and probe_dns_query_succeeded{%s} == 1"
"""The record was looked up, and is not what it should be: a resolver that does not answer says nothing of it."""


def probe_alerts(watched: Sequence[Watched]) -> AlertGroup:
    """Give the alerts for the kinds of probe that have targets."""
    return AlertGroup("sendspec-probes", tuple(_alerts(watched)))


def _alerts(watched: Sequence[Watched]) -> Iterator[Alert]:
    if Watched.SMTP in watched or Watched.API in watched:
        yield Alert(
            "SendspecPrimaryDown",
            f'probe_success{{{ENDPOINTS},role="primary"}} == 0',
            "10m",
            Urgency.CRITICAL,
            "{{ $labels.stream }}: the primary way out, {{ $labels.instance }} at {{ $labels.esp }}, fails",
            "The probe {{ $labels.module }} has failed for ten minutes: no connection, no valid TLS, or not the answer that is "
            "due. Mail that has a fallback should be leaving by it; all other mail waits.",
        )
        yield Alert(
            "SendspecFallbackDown",
            f'probe_success{{{ENDPOINTS},role="fallback"}} == 0',
            "10m",
            Urgency.WARNING,
            "{{ $labels.stream }}: the fallback, {{ $labels.instance }} at {{ $labels.esp }}, fails",
            "The probe {{ $labels.module }} has failed for ten minutes. No mail waits today; the day the primary fails, it will.",
        )
    if Watched.WEBHOOK in watched:
        yield Alert(
            "SendspecWebhookDown",
            f'probe_success{{job="{job_name(Watched.WEBHOOK)}"}} == 0',
            "10m",
            Urgency.WARNING,
            "{{ $labels.stream }}: {{ $labels.host }} does not take events of {{ $labels.esp }}",
            "{{ $labels.instance }} has failed its probe for ten minutes: bounces and complaints do not arrive. ESPs try again "
            "for hours, some switch a webhook off that keeps failing.",
        )
    if Watched.DNS in watched:
        yield from _dns_alerts()
    yield from _general_alerts(watched)


def _dns_alerts() -> Iterator[Alert]:
    for name, role, urgency, follows in (
        ("SendspecDnsRecordWrong", 'role!="fallback"', Urgency.CRITICAL, "Mail that leaves now is affected."),
        (
            "SendspecFallbackDnsRecordWrong",
            'role="fallback"',
            Urgency.WARNING,
            "Only fallbacks need it: mail is affected the day the primary fails.",
        ),
    ):
        chosen = f"{DNS},{role}"
        yield Alert(
            name,
            WRONG % (chosen, chosen),
            "15m",
            urgency,
            "{{ $labels.purpose }}: {{ $labels.type }} {{ $labels.host }} is gone or not as declared",
            f"{follows} `sendspec check --only dns` says what every name server answers, `sendspec explain {{{{ $labels.host }}}}` "
            "what breaks.",
        )
    yield Alert(
        "SendspecDnsUnknown",
        f"count by (job) (probe_dns_query_succeeded{{{DNS}}} == 0) > 0",
        "15m",
        Urgency.WARNING,
        "{{ $value }} DNS records could not be looked up",
        "The name server in scrape.yml does not answer the blackbox exporter over TCP. Whether the records are there is not known.",
    )


def _general_alerts(watched: Sequence[Watched]) -> Iterator[Alert]:
    if set(watched) - {Watched.DNS}:
        yield Alert(
            "SendspecCertificateExpires",
            f'probe_ssl_earliest_cert_expiry{{job=~"sendspec-.*"}} - time() < {CERTIFICATE_DAYS * SECONDS_A_DAY}',
            "1h",
            Urgency.WARNING,
            "{{ $labels.host }}: the certificate expires in {{ $value | humanizeDuration }}",
            "Seen at {{ $labels.instance }}. A webhook's certificate is yours to renew; an ESP renews its own, and a date this "
            "close means that something is stuck there.",
        )
    yield Alert(
        "SendspecProbesUnknown",
        'count by (job) (up{job=~"sendspec-.*"} == 0) > 0',
        "10m",
        Urgency.WARNING,
        "{{ $labels.job }}: {{ $value }} probes give no result",
        "The blackbox exporter does not answer Prometheus, or does not know the module: it runs with another blackbox.yml. "
        "Nothing is known of what it should probe.",
    )
    for kind in watched:
        yield Alert(
            "SendspecNotScraped",
            f"absent({selector('up', job=job_name(kind))})",
            "15m",
            Urgency.WARNING,
            "Nothing is probed by {{ $labels.job }}",
            "Prometheus has no such job or no targets for it: scrape.yml and targets/ of this spec are not loaded.",
            labels=(("job", job_name(kind)),),
        )
