"""Credential is never rotated, or too rarely.

Why it matters: a key that leaked into a log, a laptop or an old backup works for whoever finds it until it is replaced.
Do instead: add `rotate_every: 90d`; `sendspec rotate` replaces it with an overlap, so that nothing stops.
180 days is our own line; published advice is 90. The parts of one login count as one: they are replaced together.
Source: CIS AWS Foundations Benchmark 1.14 (access keys: 90 days)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.logins import LoginUse, logins_in_use

DAY = 86_400
LONGEST_DAYS = 180


def find(setup: Setup) -> Iterator[Problem]:
    """Give each secret once that has no interval, or a longer one."""
    found: dict[str, Problem] = {}
    for login in logins_in_use(setup):
        problem = _problem(login)
        if problem:
            found.setdefault(login.secret.id, problem)
    yield from found.values()


def _problem(login: LoginUse) -> Problem | None:
    secret = login.secret
    intervals = [part.rotate_every_seconds for part in login.parts if part.rotate_every_seconds is not None]
    if not intervals:
        return Problem(at=secret.origin, message=f"{secret.id} has no `rotate_every`")
    days = min(intervals) // DAY
    if days <= LONGEST_DAYS:
        return None
    message = f"{secret.id} is rotated every {days} days; {LONGEST_DAYS} is the longest that counts as rotation here"
    return Problem(at=secret.origin.key("rotate_every"), message=message, fix="shorten it: `rotate_every: 90d`")


RULE = Rule(id="credentials-rotated-too-rarely", severity=Severity.INFO, find=find)
