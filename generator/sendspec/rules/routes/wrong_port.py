"""SMTP route uses a port or a kind of TLS that the ESP does not serve.

Why it matters: STARTTLS on a port of implicit TLS hangs until a timeout, and so does the reverse; other ports are closed.
Do instead: leave `port` and `tls` out (required STARTTLS on 587), or take a pair from the list in the message.
Source: RFC 8314 section 3.3, RFC 6409; the ESP's list of ports, as its facts cite it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.route import Endpoint
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Capability, Tls, Via
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each SMTP route whose port does not go with its TLS, as far as the ESP's ports are known."""
    for stream, route in setup.routes():
        endpoint, account = route.endpoint, setup.account(route.account)
        if route.via is not Via.SMTP:
            continue
        if endpoint.tls is Tls.IMPLICIT and Capability.IMPLICIT_TLS not in account.capabilities:
            message = (
                f"{stream.id}: {account.title} serves no implicit TLS, so {route.account} hangs on port {endpoint.port}"
            )
            yield Problem(at=route.origin.key("tls"), message=message, fix=_choices(endpoint))
            continue
        if not endpoint.ports or endpoint.port in endpoint.ports.get(endpoint.tls, ()):
            continue
        key = "port" if endpoint.tls in endpoint.ports else "tls"
        message = f"{stream.id}: {route.account} does not serve {endpoint.tls} on port {endpoint.port}"
        yield Problem(at=route.origin.key(key), message=message, fix=_choices(endpoint))


def _choices(endpoint: Endpoint) -> str:
    choices = (f"{tls} on {', '.join(str(port) for port in ports)}" for tls, ports in sorted(endpoint.ports.items()))
    return f"it serves {'; '.join(choices)}" if endpoint.ports else ""


RULE = Rule(id="routes-wrong-port", severity=Severity.ERROR, find=find)
