"""Streams as Exim delivers them: a router that knows the sender, a transport, and a login for each of its hosts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential, Login
from sendspec.model.vocabulary import StreamKind, Tls, Via
from sendspec.targets.app_bindings import (
    StreamBindings,
    by_stream,
    credentials_of,
    message_parts,
    obstacle,
    same_tls,
)
from sendspec.targets.exim.quoting import expanded, login_part, sender_item
from sendspec.targets.interface import LeftOut

SHORTEST_SECONDS = 60
"""The queue runner comes once a minute, so a shorter pause is none."""
CODE_LIFETIME = "1h"
"""A code or link that arrives later than this is of no use to anybody."""
LIFETIME = "5d"
"""RFC 5321 section 4.5.4.1 asks for 4 to 5 days."""


@dataclass(frozen=True, slots=True)
class Host:
    """One route as a host of a transport."""

    binding: Binding

    @property
    def item(self) -> str:
        """Give it as an item of a list, whose separator is doubled."""
        endpoint = self.binding.route.endpoint
        return f"{endpoint.host}::{endpoint.port}"

    @property
    def condition(self) -> str:
        """Give what holds while Exim speaks to it."""
        endpoint = self.binding.route.endpoint
        return f"{{eq{{$host}}{{{endpoint.host}}}}}{{eq{{$host_port}}{{{endpoint.port}}}}}"

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Give the headers that it gets, each as an expansion that is empty for other hosts, and as people read it."""
        headers = self.binding.route.endpoint.headers
        return tuple(
            (f"${{if and{{{self.condition}}}{{{expanded(name)}: {expanded(value)}}}}}", f"{name}: {value}")
            for name, value in headers
        )

    @property
    def login(self) -> tuple[Login, Login] | None:
        """Give user and password; none in plain text, where it would show the password."""
        endpoint = self.binding.route.endpoint
        if endpoint.username is None or endpoint.password is None or endpoint.tls is Tls.NONE:
            return None
        return endpoint.username, endpoint.password


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream with the routes Exim can use: SMTP, complete, in one TLS mode, each host and port once."""

    stream: StreamBindings
    hosts: tuple[Host, ...]
    senders: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Give its name for Exim, which takes no hyphen."""
        return "sendspec_" + self.stream.stream.id.replace("-", "_")

    @property
    def primary(self) -> Host:
        """Give the host that is tried first."""
        return self.hosts[0]

    @property
    def tls(self) -> Tls:
        """Give how all its hosts speak TLS."""
        return self.primary.binding.route.endpoint.tls

    @property
    def helo(self) -> str:
        """Give the name for EHLO; empty where each customer has a sender, and the machine's own name is said."""
        return message_parts(self.primary.binding).envelope_sender.rpartition("@")[2]

    @property
    def header_names(self) -> tuple[str, ...]:
        """Give the names of the headers that are set, as items of a list."""
        return tuple(dict.fromkeys(name for host in self.hosts for name, _ in host.binding.route.endpoint.headers))

    @property
    def logins(self) -> tuple[tuple[Login, Login], ...]:
        """Give user and password of each host that wants them."""
        return tuple(host.login for host in self.hosts if host.login)

    @property
    def user_choices(self) -> tuple[str, ...]:
        """Give an expansion for each host: its user name while Exim speaks to it for this stream, else nothing."""
        return tuple(self._choice(host, host.login[0]) for host in self.hosts if host.login)

    @property
    def password_choices(self) -> tuple[str, ...]:
        """Give the same for passwords."""
        return tuple(self._choice(host, host.login[1]) for host in self.hosts if host.login)

    def _choice(self, host: Host, login: Login) -> str:
        return f"${{if and{{{{eq{{$transport_name}}{{{self.name}}}}}{host.condition}}}{{{login_part(login)}}}}}"

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Give the secrets of its logins."""
        found = [
            credential
            for host in self.hosts
            if host.login
            for credential in credentials_of(host.binding.route.endpoint)
        ]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the queue tries again: seconds of the first pause and of the longest, and when it gives up."""

    first_seconds: int
    longest_seconds: int
    lifetime: str


@dataclass(frozen=True, slots=True)
class Relay:
    """What one app's Exim does, and what of the app it cannot do. `schedule` holds for all; None without streams."""

    streams: tuple[Stream, ...]
    refused: tuple[str, ...]
    schedule: Schedule | None
    left_out: tuple[LeftOut, ...]


def relay_of(app: App) -> Relay:
    """Sort an app's routes into what Exim can do and what it cannot."""
    found: list[tuple[StreamBindings, list[Host], list[str]]] = []
    refused: list[str] = []
    left_out: list[LeftOut] = []
    for group in by_stream(app):
        hosts, problems, limits = _usable(group)
        left_out.extend(limits)
        if hosts:
            found.append((group, hosts, problems))
        else:
            refused.extend((*problems, f"{group.stream.id} has no route that Exim can use"))
    items = _senders([group for group, _, _ in found])
    streams = tuple(
        Stream(group, tuple(hosts), items[group.stream.id], tuple(problems)) for group, hosts, problems in found
    )
    return Relay(streams, tuple(refused), _schedule(streams) if streams else None, tuple(left_out))


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give what Exim's own limits keep out of its files."""
    return relay_of(app).left_out


def _usable(group: StreamBindings) -> tuple[list[Host], list[str], list[LeftOut]]:
    """Give the hosts Exim can use, why not the other routes, and which of those Exim's own limits keep out."""
    usable: list[Host] = []
    problems: list[str] = []
    left_out: list[LeftOut] = []
    for binding in group.bindings:
        route = binding.route
        missing = obstacle(binding)
        if route.via is Via.API:
            problems.append(f"{route.id} ({route.account}) goes over the ESP's API, which Exim does not speak")
        elif missing:
            problems.append(f"{route.id} is pending: {missing}")
        elif limit := _limit(binding, usable):
            left_out.append(limit)
            problems.append(f"{limit.reason}; {limit.fix}")
        else:
            usable.append(Host(binding))
    return usable, problems, left_out


def _limit(binding: Binding, usable: Sequence[Host]) -> LeftOut | None:
    """Say why a route cannot stand behind those before it in one transport; None when it can."""
    route = binding.route
    start = f"{route.id} ({route.account}) is left out:"
    if usable and route.endpoint.tls is not usable[0].binding.route.endpoint.tls:
        mode = usable[0].binding.route.endpoint.tls
        reason = f"{start} one Exim transport speaks one TLS mode, and the stream's first route speaks {mode}"
        return LeftOut((binding,), reason, same_tls(usable[0].binding, binding))
    if any(host.item == Host(binding).item for host in usable):
        reason = f"{start} Exim knows a login by host and port, and an earlier route of the stream has the same"
        return LeftOut((binding,), reason, f"choose another `port:` or another ESP at {route.origin.to_text()}")
    return None


def _senders(groups: Sequence[StreamBindings]) -> dict[str, tuple[str, ...]]:
    """Give the envelope senders of each stream, by its id.

    A domain that one stream alone sends from stands for all its addresses, so that a bounce address of the app's own
    finds its stream too; a domain that streams share is told apart by address.
    """
    uses = Counter(domain for group in groups for domain in {sender.mailbox.domain for sender in group.stream.senders})
    return {
        group.stream.id: tuple(
            sorted(
                {
                    sender_item(
                        f"@{sender.mailbox.domain}" if uses[sender.mailbox.domain] == 1 else sender.mailbox.address
                    )
                    for sender in group.stream.senders
                }
            )
        )
        for group in groups
    }


def _schedule(streams: Sequence[Stream]) -> Schedule:
    retries = [host.binding.route.delivery.retry for stream in streams for host in stream.hosts]
    first = max(SHORTEST_SECONDS, round(min(retry.cap_seconds for retry in retries)))
    all_codes = all(stream.stream.stream.kind is StreamKind.AUTHENTICATION for stream in streams)
    longest = first * 2 ** (max(retry.attempts for retry in retries) - 1)
    return Schedule(first, longest, CODE_LIFETIME if all_codes else LIFETIME)
