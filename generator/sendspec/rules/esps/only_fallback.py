"""Account sends only when another one fails.

Why it matters: an account without steady mail stays in its sandbox, keeps its first small quota and has a cold domain, which shows on the day it is needed.
Do instead: let it carry a small share all the time, such as a stream of low volume as its primary.
Source: https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each account that is used, and never as a primary."""
    busy = {route.account for _, route in setup.routes() if route.role is Role.PRIMARY}
    for account in setup.accounts:
        if account.streams and account.id not in busy:
            streams = ", ".join(account.streams)
            yield Problem(at=account.origin, message=f"{account.id}: only ever a fallback (for {streams})")


RULE = Rule(id="esps-only-fallback", severity=Severity.INFO, find=find)
