"""Webhook also gets the events of other streams.

Why it matters: the ESP posts the events of all mail of an account to each of its webhooks, so a handler sees messages that it never sent.
Do instead: let the handler pass over what carries another stream's category or tag, use one URL for all, or give each stream an account or subuser of its own.
Source: the ESP's page on webhooks, as its facts cite it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.route import Events
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Capability
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each account once whose streams post to different URLs although its ESP cannot tell them apart."""
    subscriptions: dict[str, dict[str, tuple[str, Events | None]]] = {}
    for stream, route in setup.routes():
        url = route.events.url if route.events else ""
        subscriptions.setdefault(route.account, {}).setdefault(url, (stream.id, route.events))
    for account in setup.accounts:
        urls = subscriptions.get(account.id, {})
        if Capability.PER_STREAM_EVENTS in account.capabilities or len(urls) == 1:
            continue
        for url, (stream_id, events) in sorted(urls.items()):
            if events is not None:
                others = ", ".join(sorted(other for name, (other, _) in urls.items() if name != url))
                message = (
                    f"{account.id}: {url} is for {stream_id}, but {account.title} posts the events of {others} too"
                )
                yield Problem(at=events.origin.key("url"), message=message)
                break


RULE = Rule(id="events-of-other-streams", severity=Severity.INFO, find=find)
