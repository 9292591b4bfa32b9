"""Streams of different kinds send with one credential.

Why it matters: whoever steals it from the system with the most open doors can send password resets; and it cannot be revoked without stopping all of them.
Do instead: make a credential for each kind at the ESP, and name it in the app's or the route's `credentials:`.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html (least privilege)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.logins import logins_in_use


def find(setup: Setup) -> Iterator[Problem]:
    """Give each login once that sends streams of several kinds."""
    for login in logins_in_use(setup):
        kinds = sorted({setup.stream(stream_id).kind for stream_id in login.streams})
        if len(kinds) > 1:
            message = f"{login.secret.id} sends {len(kinds)} kinds of mail: {', '.join(kinds)}"
            yield Problem(at=login.secret.origin, message=f"{message} ({', '.join(login.streams)})")


RULE = Rule(id="credentials-shared-by-kinds", severity=Severity.INFO, find=find)
