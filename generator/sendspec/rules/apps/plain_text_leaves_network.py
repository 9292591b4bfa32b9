"""Mail goes to a relay or a catcher in plain text, and its host is not in a private network.

Why it matters: whoever is on the way reads and changes it, password resets too.
Do instead: let the relay listen with `tls: starttls`, or on 127.0.0.1 or a private address.
A private host is an address that is not global, a name of one label, or one below localhost, local, internal, home.arpa, lan or svc.
Source: RFC 8314 section 4.1; RFC 6761 section 6.3; RFC 8375
"""

from collections.abc import Iterator
from itertools import chain

from sendspec.model.app import App, Binding
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.private_network import stays_private
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Mail, Tls
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.relays import relay_of


def find(setup: Setup) -> Iterator[Problem]:
    """Give each app and environment once."""
    for app in chain.from_iterable(each.expanded() for each in setup.apps):
        open_ways = [binding for binding in app.bindings if _is_open(binding)]
        if open_ways:
            endpoint = open_ways[0].route.endpoint
            message = f"{app.title} hands its mail to {endpoint.host} in plain text"
            yield Problem(at=_place(app), message=message, related=_related(app, setup))


def _is_open(binding: Binding) -> bool:
    endpoint = binding.route.endpoint
    return endpoint.tls is Tls.NONE and not binding.problem and not stays_private(endpoint.host)


def _place(app: App) -> Origin:
    if app.mail is Mail.CATCHER:
        return app.origin.key("environments", app.environment, "catcher")
    return app.origin.key("through")


def _related(app: App, setup: Setup) -> tuple[tuple[Origin, str], ...]:
    if app.mail is Mail.CATCHER:
        return ()
    return ((relay_of(app, setup).listens.origin, "where the relay listens"),)


RULE = Rule(id="apps-plain-text-leaves-network", severity=Severity.WARNING, find=find)
