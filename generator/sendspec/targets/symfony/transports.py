"""Routes as Symfony transports: a DSN, the name by which a listener sees it, and what goes with each message through it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sendspec.esp.interface import OptionValue, load_esp
from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential, Literal, Login
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Support, Tls, Via
from sendspec.targets.app_bindings import (
    StreamBindings,
    credentials_of,
    fixed_sender,
    message_parts,
    obstacle,
    route_names,
)
from sendspec.targets.app_notes import kept_at
from sendspec.targets.php import default_first
from sendspec.targets.symfony.dsn import dsn

LIBRARY = "symfony-mailer"
TAG = "X-Tag"
"""Symfony's own header for a tag or category: only as an object of the class TagHeader, never as text."""
DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
PING_SECONDS = 5
"""SES closes a connection that was idle for 10 s (symfony-docs mailer.rst, 2026-11-26); NOOP finds out before MAIL."""


@dataclass(frozen=True, slots=True)
class Transport:
    """One route. `problem` says why it has no DSN.

    Attributes:
        seen_as: What a listener knows it by: scheme, host and port of `MessageEvent::getTransport()`.
        headers: By which the ESP knows the stream.
    """

    name: str
    binding: Binding
    dsn: str
    seen_as: str
    headers: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    problem: str

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"


@dataclass(frozen=True, slots=True)
class StreamTransports:
    """The transports of one stream, primary first."""

    group: StreamBindings
    transports: tuple[Transport, ...]

    @property
    def written(self) -> tuple[Transport, ...]:
        """Give those that have a DSN."""
        return tuple(each for each in self.transports if not each.problem)

    @property
    def dsns(self) -> tuple[tuple[str, str], ...]:
        """Give (name, DSN): the stream's own, with its failover, then each fallback alone, so that it can be tried."""
        found = self.written
        if not found:
            return ()
        stream = transport_name(self.group.stream.id)
        if len(found) == 1:
            return ((stream, found[0].dsn),)
        together = "failover(" + " ".join(each.dsn for each in found) + ")"
        return ((stream, together), *((transport_name(each.name), each.dsn) for each in found[1:]))


def transport_name(name: str) -> str:
    """Give a name as Symfony knows the transport: its configuration turns each `-` of a key into `_` (seen with 5.4)."""
    return name.replace("-", "_")


def streams_of(app: App) -> tuple[StreamTransports, ...]:
    """Give the streams of an app, the default first: Symfony takes the first transport for mail that names none."""
    names = route_names(app)
    return tuple(
        StreamTransports(group, tuple(_transport(names[binding.route.id], binding) for binding in group.bindings))
        for group in default_first(app)
    )


def _transport(name: str, binding: Binding) -> Transport:
    missing = obstacle(binding)
    if missing:
        return Transport(name, binding, "", "", (), (), f"pending: {missing}")
    notes = tuple(
        f"{credential.env}: secret, {kept_at(credential)}" for credential in credentials_of(binding.route.endpoint)
    )
    if binding.route.via is Via.API:
        return _api_transport(name, binding, notes)
    endpoint = binding.route.endpoint
    scheme = "smtps" if endpoint.tls is Tls.IMPLICIT else "smtp"
    place = f"{endpoint.host}:{endpoint.port}"
    return Transport(
        name,
        binding,
        dsn(scheme, place, endpoint.username, endpoint.password, dict(_smtp_options(binding))),
        f"{scheme}://{endpoint.host if endpoint.port == DEFAULT_PORTS[scheme] else place}",
        message_parts(binding).headers,
        (*notes, *binding.route.delivery.because),
        "",
    )


def _smtp_options(binding: Binding) -> Iterator[tuple[str, str]]:
    endpoint, delivery, sender = binding.route.endpoint, binding.route.delivery, fixed_sender(binding.stream)
    if endpoint.tls is Tls.STARTTLS:
        yield "require_tls", "true"
    if endpoint.tls is Tls.NONE:
        yield "auto_tls", "false"  # else STARTTLS is used where it is offered, and its certificate checked
    if sender is not None:
        yield "local_domain", sender.address.rpartition("@")[2]
    yield "restart_threshold", str(delivery.messages_per_connection)
    yield "ping_threshold", str(PING_SECONDS)
    if delivery.rate_per_second:
        yield "max_per_second", str(delivery.rate_per_second)


def _api_transport(name: str, binding: Binding, notes: tuple[str, ...]) -> Transport:
    """Give a transport of one of Symfony's bridges, as the ESP's entry for this library names it."""
    client = load_esp(binding.account.kind).clients.get(LIBRARY)
    if client is None or client.supported is Support.NO:
        return _unwritten(name, binding, f"Symfony has no bridge to {binding.account.title} that sendspec knows of")
    endpoint = binding.route.endpoint
    options = {option.name: option.value for option in client.options(endpoint, binding.route.delivery)}
    if "problem" in options:
        return _unwritten(name, binding, str(options["problem"]))
    place = str(options.get("place", "default"))
    return Transport(
        name,
        binding,
        dsn(
            client.title, place, _login(options.get("user")), _login(options.get("password")), _texts(options, "query")
        ),
        f"{client.title}://{_seen_host(endpoint, place, options)}",
        tuple(_texts(options, "headers").items()),
        (
            f"needs {', '.join(client.requirements)}",
            *notes,
            *((client.note,) if client.note else ()),
            *_unsaid(options),
        ),
        "",
    )


def _unwritten(name: str, binding: Binding, why: str) -> Transport:
    return Transport(name, binding, "", "", (), (), f"{why}; call its API with its own SDK, or say `via: smtp`")


def _login(value: "OptionValue | None") -> Login | None:
    return value if isinstance(value, Credential) or value is None else Literal(str(value))


def _texts(options: Mapping[str, OptionValue], name: str) -> Mapping[str, str]:
    found = options.get(name)
    return {key: str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}


def _seen_host(endpoint: Endpoint, place: str, options: Mapping[str, OptionValue]) -> str:
    """Give the host by which a bridge calls itself, where the DSN says `default`."""
    return str(options.get("seen_as", endpoint.host)) if place == "default" else place


def _unsaid(options: Mapping[str, OptionValue]) -> Iterator[str]:
    if "unsaid" in options:
        yield f"the bridge has no way to say {options['unsaid']}: there the ESP's own settings count"
