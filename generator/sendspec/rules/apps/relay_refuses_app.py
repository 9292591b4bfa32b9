"""Relay refuses the mail of an app that goes through it.

Why it matters: the app's mail is answered with 550 or 554 and never leaves.
Do instead: name the address or the network of the app's machine in `listens.clients` of the relay.
Without clients a relay takes mail of its own machine, at 127.0.0.1 and ::1 alone.
Source: what the files of relay targets let in
"""

import ipaddress
from collections.abc import Iterator

from sendspec.model.app import LOOPBACK, App, Listener
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.private_network import faces_internet, is_this_machine
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Mail
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.relays import relay_of


def find(setup: Setup) -> Iterator[Problem]:
    """Give each place where a relay listens once, with the apps that it refuses."""
    refused: dict[Origin, tuple[Listener, list[App]]] = {}
    for app in (each for one in setup.apps for each in one.expanded()):
        if app.through and app.mail is not Mail.CATCHER:
            listens = relay_of(app, setup).listens
            if _refuses(listens):
                refused.setdefault(listens.origin, (listens, []))[1].append(app)
    for listens, apps in refused.values():
        who = ", ".join(listens.allowed)
        yield Problem(
            at=listens.origin,
            message=f"{', '.join(app.title for app in apps)}: the relay at {listens.host} takes mail of {who} alone",
            fix=f"add the addresses of the apps' machines to `clients:` of {listens.origin.to_text()}, as in [10.0.0.0/24]",
            related=tuple((app.origin.key("through"), "goes through it") for app in apps),
        )


def _refuses(listens: Listener) -> bool:
    """Tell whether none of the apps can hand mail in. One that faces the internet without clients is an error already."""
    if is_this_machine(listens.host):
        return not any(
            ipaddress.ip_address(address) in ipaddress.ip_network(client)
            for client in listens.allowed
            for address in LOOPBACK
        )
    return not listens.clients and not faces_internet(listens.host)


RULE = Rule(id="apps-relay-refuses-app", severity=Severity.WARNING, find=find)
