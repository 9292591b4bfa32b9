"""Streams as Postfix transports: where each hands its mail, in which TLS mode, with which logins and headers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential, Login
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import StreamBindings, by_stream, obstacle, same_tls
from sendspec.targets.interface import LeftOut

TRIGGERS = ("From", "Message-ID", "Date")
"""Headers of every message: Postfix adds those that mail it takes from this machine lacks. Each can carry one more."""


@dataclass(frozen=True, slots=True)
class PasswordLine:
    """One line of a password table. `key` must be byte for byte the destination."""

    key: str
    user: Login
    password: Login


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """A header that Postfix sets. The app's own of that name is dropped. `trigger` is the header it is put before."""

    name: str
    value: str
    trigger: str


@dataclass(frozen=True, slots=True)
class Service:
    """One stream as Postfix delivers it. `bindings` are those it can use: SMTP, complete, in one TLS mode."""

    name: str
    stream: StreamBindings
    bindings: tuple[Binding, ...]
    headers: tuple[HeaderLine, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def primary(self) -> Binding:
        """Give the route that is tried first."""
        return self.bindings[0]

    @property
    def next_hop(self) -> str:
        """Give where mail goes first."""
        return next_hop(self.primary.route.endpoint)

    @property
    def fallbacks(self) -> str:
        """Give where mail goes when that fails, as `smtp_fallback_relay` takes it; may be empty."""
        return ", ".join(next_hop(binding.route.endpoint) for binding in self.bindings[1:])

    @property
    def is_implicit_tls(self) -> bool:
        """Tell whether TLS starts with the connection."""
        return self.primary.route.endpoint.tls is Tls.IMPLICIT

    @property
    def is_plain_text(self) -> bool:
        """Tell whether there is no TLS: towards a relay or a catcher on this machine or in a private network."""
        return self.primary.route.endpoint.tls is Tls.NONE

    @property
    def password_lines(self) -> tuple[PasswordLine, ...]:
        """Give the logins of all its destinations, each destination once."""
        lines: dict[str, PasswordLine] = {}
        for binding in self.bindings:
            endpoint = binding.route.endpoint
            if endpoint.username is not None and endpoint.password is not None:
                key = next_hop(endpoint)
                lines.setdefault(key, PasswordLine(key, endpoint.username, endpoint.password))
        return tuple(lines.values())

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Give the credentials of its logins, each once."""
        logins = [login for line in self.password_lines for login in (line.user, line.password)]
        return tuple(dict.fromkeys(login for login in logins if isinstance(login, Credential)))


@dataclass(frozen=True, slots=True)
class Relay:
    """What one app's Postfix does, and what of the app it cannot do."""

    services: tuple[Service, ...]
    refused: tuple[str, ...]
    senders: tuple[tuple[str, Service], ...]
    left_out: tuple[LeftOut, ...]


def next_hop(endpoint: Endpoint) -> str:
    """Give a destination as Postfix writes it; the brackets mean: this host, not its MX."""
    return f"[{endpoint.host}]:{endpoint.port}"


def relay_of(app: App) -> Relay:
    """Sort an app's routes into what Postfix can do and what it cannot."""
    services: list[Service] = []
    refused: list[str] = []
    for stream in by_stream(app):
        usable, problems, left_out = _usable(stream)
        if usable:
            services.append(_service(stream, usable, problems, left_out))
        else:
            refused.extend((*problems, f"{stream.stream.id} has no route that Postfix can use"))
    senders = dict(_senders(services))
    unsayable = [
        LeftOut(
            service.bindings,
            f"{sender} is not written: a table takes the # for a comment",
            f"choose another From for {service.stream.stream.id}",
            is_whole=False,
        )
        for sender, service in senders.items()
        if sender[0] == "#"
    ]
    refused.extend(each.reason for each in unsayable)
    return Relay(
        tuple(services),
        tuple(refused),
        tuple(entry for entry in senders.items() if not entry[0].startswith("#")),
        (*(each for service in services for each in service.left_out), *unsayable),
    )


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give what Postfix's own limits keep out of its files."""
    return relay_of(app).left_out


def _usable(stream: StreamBindings) -> tuple[list[Binding], list[str], list[LeftOut]]:
    """Give the routes Postfix can use, why not the others, and which of them Postfix's own limits keep out."""
    usable: list[Binding] = []
    problems: list[str] = []
    left_out: list[LeftOut] = []
    for binding in stream.bindings:
        route = binding.route
        missing = obstacle(binding)
        if route.via is Via.API:
            problems.append(f"{route.id} ({route.account}) goes over the ESP's API, which Postfix does not speak")
        elif missing:
            problems.append(f"{route.id} is pending: {missing}")
        elif usable and route.endpoint.tls is not usable[0].route.endpoint.tls:
            reason = (
                f"{route.id} ({route.account}) is left out: one Postfix transport speaks one TLS mode, and the stream's"
                f" first route speaks {usable[0].route.endpoint.tls}"
            )
            left_out.append(LeftOut((binding,), reason, same_tls(usable[0], binding)))
            problems.append(f"{reason}; {left_out[-1].fix}")
        else:
            usable.append(binding)
    return usable, problems, left_out


def _service(
    stream: StreamBindings, usable: Sequence[Binding], problems: Sequence[str], left_out: Sequence[LeftOut]
) -> Service:
    wanted = {name: value for binding in reversed(usable) for name, value in binding.route.endpoint.headers}
    in_order = list(dict.fromkeys(name for binding in usable for name, _ in binding.route.endpoint.headers))
    headers = tuple(HeaderLine(name, wanted[name], trigger) for name, trigger in zip(in_order, TRIGGERS, strict=False))
    too_many = [
        LeftOut(
            tuple(usable),
            f"the header {name} is not written: Postfix can add {len(TRIGGERS)} headers",
            "let the app set it",
            is_whole=False,
        )
        for name in in_order[len(TRIGGERS) :]
    ]
    notes = [*problems, *(f"{each.reason}; {each.fix}" for each in too_many)]
    if len(headers) > 1 and len(usable) > 1:
        notes.append("each ESP gets the headers of all routes; it takes its own and hands the others on unread")
    return Service(f"sendspec-{stream.stream.id}", stream, tuple(usable), headers, (*left_out, *too_many), tuple(notes))


def _senders(services: Sequence[Service]) -> Iterator[tuple[str, Service]]:
    """Give the envelope senders by which Postfix knows a stream, sorted.

    A domain that one stream alone sends from stands for all its addresses, so that a bounce address of the app's own
    finds its stream too; a domain that streams share is told apart by address.
    """
    uses = Counter(
        domain for service in services for domain in {sender.mailbox.domain for sender in service.stream.stream.senders}
    )
    keys = {
        (f"@{sender.mailbox.domain}" if uses[sender.mailbox.domain] == 1 else sender.mailbox.address): service
        for service in services
        for sender in service.stream.stream.senders
    }
    yield from sorted(keys.items(), key=lambda entry: entry[0])
