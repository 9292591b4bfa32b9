"""Relay can be reached from the internet and does not say who may use it, or lets in all of it.

Why it matters: an open relay sends anybody's spam through your ESP accounts within hours, and they are suspended for it.
Do instead: name the machines of the apps that go through it in `listens.clients`, or let it listen on 127.0.0.1 or a private address.
Too much of the internet is more than the blocks that are handed to whole regions: IPv4 networks larger than /8, IPv6 ones larger than /12. Until clients are named, the files let in the relay's own machine alone.
Source: RFC 5321 section 7.9; RFC 2505 section 2.1; https://www.iana.org/numbers
"""

import ipaddress
from collections.abc import Iterator
from itertools import chain

from sendspec.model.app import Listener
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.private_network import faces_internet
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

WIDEST = {4: 8, 6: 12}
"""Prefix lengths of what IANA hands out, by IP version; nobody's machines fill more."""


def find(setup: Setup) -> Iterator[Problem]:
    """Give each place where a relay listens once, whatever environments share it."""
    places: dict[Origin, tuple[str, Listener]] = {}
    for app in chain.from_iterable(each.expanded() for each in setup.apps):
        places.setdefault(app.listens.origin, (app.title, app.listens))
    for title, listens in places.values():
        if faces_internet(listens.host) and not listens.clients:
            yield Problem(
                at=listens.origin.key("host"),
                message=f"{title} listens at {listens.host} for all the internet and names no clients",
                fix=f"add `clients:` with the addresses of the apps' machines to {listens.origin.to_text()}, as in [10.0.0.0/24]",
            )
        for index, client in enumerate(listens.clients):
            if _is_too_wide(client):
                yield Problem(
                    at=listens.origin.key("clients", index),
                    message=f"{title} takes mail of {client}: whoever is there sends in your name",
                    fix="name the addresses of the apps' machines alone",
                )


def _is_too_wide(client: str) -> bool:
    network = ipaddress.ip_network(client)
    return network.prefixlen < WIDEST[network.version] and not network.is_private


RULE = Rule(id="apps-relay-open", severity=Severity.ERROR, find=find)
