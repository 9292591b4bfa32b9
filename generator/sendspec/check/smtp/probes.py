"""What there is to look at: routes that share host, port, TLS and login share their sessions."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sendspec.esp.interface import load_sending
from sendspec.model.account import Account
from sendspec.model.credential import Login
from sendspec.model.origin import Origin
from sendspec.model.route import Endpoint, Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Event, Need, Tls, Via
from sendspec.net.smtp.exchange import Envelope

_Key = tuple[str, int, Tls, Login | None, Login | None, str]


@dataclass(slots=True)
class Probe:
    """One endpoint with one login, and everything that goes through it.

    Attributes:
        routes: At least one, with its stream, in the order of the setup.
        envelopes: Every sender of these streams once, to the ESP's test address, with the place that declares it.
    """

    endpoint: Endpoint
    account: Account
    routes: list[tuple[Stream, Route]] = field(default_factory=list)
    envelopes: dict[Envelope, Origin] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Give `smtp.example.com:587`."""
        return f"{self.endpoint.host}:{self.endpoint.port}"

    @property
    def at(self) -> Origin:
        """Give the place of the first route."""
        return self.routes[0][1].origin

    @property
    def related(self) -> tuple[tuple[Origin, str], ...]:
        """Give the places of the other routes."""
        return tuple((route.origin, "this route uses the same endpoint and login") for _, route in self.routes[1:])

    @property
    def attaching(self) -> Stream | None:
        """Give the first stream that needs attachments."""
        return next((stream for stream, _ in self.routes if Need.ATTACHMENTS in stream.needs), None)


def probes_of(setup: Setup) -> Iterator[Probe]:
    """Give the probes of a setup, in the order of their first routes."""
    probes: dict[_Key, Probe] = {}
    for stream, route in setup.routes():
        if route.via is not Via.SMTP:
            continue
        endpoint = route.endpoint
        key = (endpoint.host, endpoint.port, endpoint.tls, endpoint.username, endpoint.password, route.account)
        account = setup.account(route.account)
        probe = probes.setdefault(key, Probe(endpoint, account))
        probe.routes.append((stream, route))
        sink = _sink(account)
        for sender in stream.senders:
            probe.envelopes.setdefault(Envelope(sender.mailbox.address, sink), sender.origin)
    yield from probes.values()


def _sink(account: Account) -> str | None:
    """Give the ESP's own address for tests; None for an ESP without one."""
    found = load_sending(account.kind).addresses.get(Event.DELIVERED)
    return found.address.value if found is not None else None
