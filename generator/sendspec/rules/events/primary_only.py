"""Fallback reports less than the primary.

Why it matters: on the day of a failover bounces and complaints go unheard, and the app mails addresses that it should have dropped.
Do instead: declare `events` on the stream, where they hold for all its routes, with `{kind}` in the URL, since each ESP posts its own format.
Source: sendspec: a subscription on a route is that route's alone
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each fallback that lacks events which its primary reports."""
    for stream in setup.streams:
        primary = next((route for route in stream.routes if route.role is Role.PRIMARY), None)
        if primary is None or primary.events is None:
            continue
        for route in stream.routes:
            reported = route.events.types if route.events else ()
            missing = [event for event in primary.events.types if event not in reported]
            if missing:
                yield Problem(
                    at=route.events.origin.key("types") if route.events else route.origin,
                    message=f"{stream.id}: the {route.role} through {route.account} does not report {', '.join(missing)}",
                    related=((primary.events.origin, "what the primary reports"),),
                )


RULE = Rule(id="events-primary-only", severity=Severity.WARNING, find=find)
