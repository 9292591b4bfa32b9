"""Stream has no primary route.

Why it matters: its apps have a fallback to nothing; settings are written for a route that should be the exception.
Do instead: give one of the routes `role: primary`.
Source: sendspec: a stream leaves by one primary route
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each stream whose routes are all fallbacks."""
    for stream in setup.streams:
        if all(route.role is not Role.PRIMARY for route in stream.routes):
            yield Problem(at=stream.origin.key("routes"), message=f"{stream.id}: no route has `role: primary`")


RULE = Rule(id="streams-no-primary", severity=Severity.ERROR, find=find)
