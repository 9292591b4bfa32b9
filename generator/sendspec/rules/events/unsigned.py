"""ESP does not sign the events it posts.

Why it matters: whoever learns the URL can post bounces and complaints that never happened, and have good addresses dropped.
Do instead: protect the URL with the password that the ESP's files set (basic auth) and let in only the ESP's published addresses.
Source: the ESP's page on webhooks, as its facts cite it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Capability
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each account once that posts events unsigned."""
    reporting: dict[str, list[str]] = {}
    for stream, route in setup.routes():
        if route.events:
            reporting.setdefault(route.account, []).append(stream.id)
    for account in setup.accounts:
        if account.id in reporting and Capability.SIGNED_EVENTS not in account.capabilities:
            streams = ", ".join(dict.fromkeys(reporting[account.id]))
            message = f"{account.id}: {account.title} does not sign the events of {streams}, so nothing proves them"
            yield Problem(at=account.origin, message=message)


RULE = Rule(id="events-unsigned", severity=Severity.INFO, find=find)
