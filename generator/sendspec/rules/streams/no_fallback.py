"""Stream has no fallback.

Why it matters: while the ESP is down, or has suspended the account, nobody can log in, reset a password or see a receipt.
Do instead: add a route with `role: fallback` through another ESP, authenticated on the same subdomain before the day it is needed.
A warning for authentication and transactional mail above 1,000 a day (`advice.fallback_from_per_day` changes it), else information. Bulk mail needs none: a campaign waits in its queue.
Source: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures.html
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Need, StreamKind
from sendspec.rules.interface import Problem, Rule

IMPORTANT = frozenset({StreamKind.AUTHENTICATION, StreamKind.TRANSACTIONAL})


def find(setup: Setup) -> Iterator[Problem]:
    """Give each stream that is not bulk and has one route only; of two primaries another rule speaks."""
    limit = setup.thresholds.fallback_from_per_day.value
    for stream in setup.streams:
        if stream.kind.is_bulk or len(stream.routes) > 1:
            continue
        per_day = stream.volume.per_day
        amount = "" if per_day is None else f" of {per_day:,} a day"
        is_missed = stream.kind in IMPORTANT and (per_day or 0) > limit
        yield Problem(
            at=stream.origin.key("routes"),
            message=f"{stream.id}: {stream.kind} mail{amount} has no fallback",
            fix=_fix(stream),
            severity=Severity.WARNING if is_missed else Severity.INFO,
        )


def _fix(stream: Stream) -> str:
    if Need.TEMPLATES not in stream.needs:
        return ""
    return (
        "let the app render the templates, so that another ESP can send the same mail, and add a `role: fallback` route"
    )


RULE = Rule(id="streams-no-fallback", severity=Severity.WARNING, find=find)
