"""Fallback goes to the same ESP as the primary.

Why it matters: an outage, a suspension or a leaked key at that ESP takes both routes at once, which is the day the fallback is for.
Do instead: send the fallback through an account at another ESP.
Source: https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures.html
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each fallback whose ESP is that of the primary."""
    for stream in setup.streams:
        primary = next((route for route in stream.routes if route.role is Role.PRIMARY), None)
        if primary is None:
            continue
        first = setup.account(primary.account)
        for route in stream.routes:
            account = setup.account(route.account)
            if route.role is not Role.FALLBACK or account.kind != first.kind:
                continue
            same = route.account == primary.account
            where = f"the same account, {account.id}" if same else f"{account.title} like the primary's {first.id}"
            message = f"{stream.id}: the fallback {'uses ' if same else f'{account.id} is at '}{where}"
            related = ((primary.origin.key("esp"), "the primary"),)
            yield Problem(at=route.origin.key("esp"), message=message, related=related)


RULE = Rule(id="streams-fallback-at-same-esp", severity=Severity.WARNING, find=find)
