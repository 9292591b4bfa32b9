"""App's platform blocks the port of its route.

Why it matters: the connection hangs until it times out, message by message, and nothing is sent.
Do instead: take another port that the ESP serves (`port: 2525`, or 465 with `tls: implicit`), or send over the API.
An error for the primary; a warning for a fallback.
Source: sendspec: an app's `blocked_ports:` is what its platform lets nothing through
"""

from collections.abc import Iterator

from sendspec.model.app import App, Binding
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role, Via
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route of an app on a port that is blocked for it. An app that hands to a relay connects to that only."""
    for app in setup.apps:
        for binding in () if app.through else app.bindings:
            route = binding.route
            if route.via not in app.speaks or route.endpoint.port not in app.blocked_ports:
                continue
            yield Problem(
                at=app.origin.key("blocked_ports"),
                message=f"{app.id}: port {route.endpoint.port} is blocked, and the {route.role} of {binding.stream.id} uses it",
                fix=_fix(app, binding),
                related=((route.origin, f"the {route.role} route"),),
                severity=Severity.ERROR if route.role is Role.PRIMARY else Severity.WARNING,
            )


def _fix(app: App, binding: Binding) -> str:
    """Name the ports that are left."""
    served = sorted(binding.route.endpoint.ports.items())
    left = [(tls, port) for tls, ports in served for port in ports if port not in app.blocked_ports]
    if left:
        listed = ", ".join(f"`port: {port}` ({tls})" for tls, port in left)
        return f"{binding.account.title} also serves: {listed}"
    if binding.route.via is Via.SMTP:
        return f"every port that {binding.account.title} serves is blocked: send over the API, or through a relay (`through:`)"
    return ""


RULE = Rule(id="apps-port-blocked", severity=Severity.ERROR, find=find)
