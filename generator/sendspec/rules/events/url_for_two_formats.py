"""Two ESPs post their events to one URL.

Why it matters: each ESP posts a format of its own and is verified in its own way, so a handler for one refuses or misreads the other's events.
Do instead: put `{kind}` into the URL, which becomes the ESP's kind: `https://hooks.example.com/mail/{kind}`.
Source: the ESPs' pages on webhooks
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.route import Events
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each such URL once, at the last subscription that brings another ESP to it."""
    posted: dict[str, dict[str, Events]] = {}
    for _, route in setup.routes():
        if route.events:
            posted.setdefault(route.events.url, {}).setdefault(setup.account(route.account).title, route.events)
    for url, by_esp in sorted(posted.items()):
        if len(by_esp) > 1:
            first, *_, last = by_esp.values()
            message = f"{' and '.join(sorted(by_esp))} post their events to {url}"
            related = ((first.origin.key("url"), "the first ESP"),) if first.origin != last.origin else ()
            yield Problem(at=last.origin.key("url"), message=message, related=related)


RULE = Rule(id="events-url-for-two-formats", severity=Severity.WARNING, find=find)
