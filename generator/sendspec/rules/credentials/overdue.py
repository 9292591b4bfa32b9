"""Credential is older than its own `rotate_every`.

Why it matters: the interval is how long a leaked key may work for whoever found it; past it, nobody limits that.
Do instead: run `sendspec rotate --due` from cron; it replaces what is due, with an overlap, and nothing stops.
Counted from the date below `rotations:` in the lock file. Without `--today` nothing is old.
Source: CIS AWS Foundations Benchmark 1.14 (access keys: 90 days)
"""

from collections.abc import Iterator
from datetime import date, datetime

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import DatedRule, Problem
from sendspec.rules.logins import logins_in_use

DAY = 86_400


def find(setup: Setup, today: date) -> Iterator[Problem]:
    """Give each login once whose interval has passed. The day on which it is due is not late yet."""
    ages = {age.credential: age for age in setup.key_ages}
    for login in logins_in_use(setup):
        dated = [part for part in login.parts if part.rotate_every_seconds]
        for age in [ages[part.id] for part in login.parts if part.id in ages][:1] if dated else ():
            interval = min(part.rotate_every_seconds or 0 for part in dated)
            days = (today - datetime.fromisoformat(age.since).date()).days
            if days * DAY <= interval:
                continue
            at_least = "at least " if age.is_first_seen else ""
            message = f"{login.secret.id} is {at_least}{days} days old, and `rotate_every` says {interval // DAY}"
            at = dated[-1].origin.key("rotate_every")
            yield Problem(at=at, message=message, related=((age.origin, "since then"),))


RULE = DatedRule(id="credentials-overdue", severity=Severity.WARNING, find=find)
