"""Alerts on bounces and complaints, at half of the rate at which the ESP acts, and at that rate."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sendspec.model.account import Account
from sendspec.model.canary import Metric
from sendspec.model.fact import Fact
from sendspec.model.limits import Limits
from sendspec.model.setup import Setup
from sendspec.render.monitoring.rules import Alert, AlertGroup, Urgency, joined_names, literal, selector

MAILBOX_COMPLAINT_LIMIT = Fact(
    0.003,
    source="https://support.google.com/a/answer/81126",
    verified=date(2026, 11, 26),
    note="Gmail: below 0.1 %, never 0.3 %. Taken for an ESP that publishes no limit of its own",
)
LAST_KNOWN = "6h"
"""CloudWatch gives reputation now and then; the last value counts so long."""
COMMENT = (
    "An ESP reviews an account, then stops it, for the share of its mail that bounces or is reported as spam: here a warning at "
    "half of the ESP's own limit, critical at the limit. What one ESP counts is not what another counts: never compare."
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate that is watched.

    Attributes:
        word: `bounce` or `complaint`.
        series: The selector of what is read.
        exported: The name of a metric that an exporter gives; None where somebody has to count.
        accounts: Those that share the series, because the exporter tells them apart by no label.
    """

    word: str
    series: str
    exported: Fact[str] | None
    limit: Fact[float]
    accounts: tuple[Account, ...]


def reputation_alerts(setup: Setup) -> AlertGroup:
    """Give the alerts for every account that streams use."""
    return AlertGroup("sendspec-reputation", tuple(alert for rate in _rates(setup) for alert in _alerts(rate)), COMMENT)


def _rates(setup: Setup) -> Iterator[Rate]:
    """Give the rates by account; then those that an exporter gives, once for all accounts that it does not tell apart."""
    shared: dict[tuple[str, Fact[str], Fact[float]], list[Account]] = {}
    for account in setup.accounts:
        for word, limit, exported, ours in _watched(account.limits):
            if limit is None or not account.streams:
                continue
            if exported is not None:
                shared.setdefault((word, exported, limit), []).append(account)
            else:
                yield Rate(word, selector(ours, esp=account.id), exported, limit, (account,))
    for (word, exported, limit), accounts in shared.items():
        yield Rate(word, exported.value, exported, limit, tuple(accounts))


def _watched(limits: Limits) -> tuple[tuple[str, Fact[float] | None, Fact[str] | None, Metric], ...]:
    complaints = limits.complaint_limit or MAILBOX_COMPLAINT_LIMIT
    return (
        ("bounce", limits.bounce_limit, limits.bounce_metric, Metric.BOUNCES),
        ("complaint", complaints, limits.complaint_metric, Metric.COMPLAINTS),
    )


def _alerts(rate: Rate) -> Iterator[Alert]:
    names = joined_names([account.id for account in rate.accounts])
    title = f"{literal(names)} ({literal(rate.accounts[0].title)})"
    latest = f"last_over_time({rate.series}[{LAST_KNOWN}])"
    value = latest if rate.exported else f"max by (esp) ({latest})"
    limit = f"{rate.limit.value * 100:g} %"
    labels = (("esp", names),)
    for suffix, share, urgency, words in (
        ("RateHigh", rate.limit.value / 2, Urgency.WARNING, f"half of the limit of {limit}"),
        ("RateOverLimit", rate.limit.value, Urgency.CRITICAL, f"the limit of {limit}"),
    ):
        yield Alert(
            f"Sendspec{rate.word.capitalize()}{suffix}",
            f"{value} >= {share:g}",
            "15m",
            urgency,
            f"{title}: {rate.word}s are at {{{{ $value | humanizePercentage }}}}, {words}",
            "Find the stream and the campaign that they come from, stop it, and mail these addresses no more. The limit: "
            + literal(rate.limit.source),
            labels,
            comment=_limit_note(rate.limit, limit) if urgency is Urgency.WARNING else "",
        )
    yield Alert(
        f"Sendspec{rate.word.capitalize()}RateUnknown",
        f"absent_over_time({rate.series}[1d])",
        "1h",
        Urgency.INFO,
        f"{title}: nobody tells Prometheus the share of {rate.word}s",
        literal(_who_writes(rate)),
        labels,
        comment=_who_writes(rate),
    )


def _limit_note(limit: Fact[float], shown: str) -> str:
    return f"{shown}: {limit.source}, read {limit.verified}" + (f"; {limit.note}." if limit.note else ".")


def _who_writes(rate: Rate) -> str:
    if rate.exported is not None:
        note = f": {rate.exported.note}" if rate.exported.note else ""
        return f"{rate.exported.value} comes from an exporter that is yours to run{note}."
    return (
        f"No exporter gives {rate.series.partition('{')[0]}: whoever counts your webhook events writes it, a share from 0 to 1 "
        "with the label esp. Until then the two alerts above see nothing."
    )
