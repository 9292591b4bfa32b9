"""Stream has two primary routes.

Why it matters: nothing says which of them carries the mail, so apps disagree and both reputations are half warm.
Do instead: keep one primary and make the other a fallback.
Source: sendspec: a stream leaves by one primary route
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give every primary after the first."""
    for stream in setup.streams:
        primaries = [route for route in stream.routes if route.role is Role.PRIMARY]
        for route in primaries[1:]:
            first = primaries[0]
            message = f"{stream.id}: {route.account} is a second primary beside {first.account}"
            related = ((first.origin.key("role"), "the first primary"),)
            yield Problem(at=route.origin.key("role"), message=message, related=related)


RULE = Rule(id="streams-two-primaries", severity=Severity.ERROR, find=find)
