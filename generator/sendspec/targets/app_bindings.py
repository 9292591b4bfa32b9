"""What every application target asks of an app: who wants its files, what each route is called, and which can be written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.route import Endpoint
from sendspec.model.setup import Setup
from sendspec.model.stream import Mailbox, Stream
from sendspec.model.vocabulary import Role, Via


@dataclass(frozen=True, slots=True)
class StreamBindings:
    """The routes of one stream as an app uses them, primary first, then the fallbacks in order; never empty."""

    stream: Stream
    bindings: tuple[Binding, ...]

    @property
    def has_fallback(self) -> bool:
        """Tell whether there is a second route to change to; a catcher is the same place by another name."""
        return len(self.bindings) > 1 and self.bindings[0].account.is_esp


def apps_asking_for(setup: Setup, target_id: str) -> Iterator[App]:
    """Give the apps that list this target, sorted by id and environment. Their files go below `app.folder`."""
    wanted = (app for app in setup.apps if target_id in app.targets)
    yield from sorted(wanted, key=lambda app: (app.id, app.environment))


def by_stream(app: App) -> tuple[StreamBindings, ...]:
    """Group an app's bindings, streams in declared order."""
    grouped: dict[str, list[Binding]] = {}
    for binding in app.bindings:
        grouped.setdefault(binding.stream.id, []).append(binding)
    return tuple(StreamBindings(found[0].stream, tuple(found)) for found in grouped.values())


def _short_name(binding: Binding) -> str:
    """Give the short name of a route: `receipts`, `receipts-fallback`, `receipts-fallback-2`."""
    route = binding.route
    if route.role is Role.PRIMARY:
        return binding.stream.id
    return f"{binding.stream.id}-{route.role}" + (f"-{route.number}" if route.number > 1 else "")


def route_names(app: App) -> dict[str, str]:
    """Give the names a library knows an app's routes by, by route id: `receipts`, `receipts-fallback`; each different.

    Where two would be the same (a stream is itself called `receipts-fallback`) both are called by their route id,
    `receipts.fallback`: no stream's name has a dot.
    """
    names = {binding.route.id: _short_name(binding) for binding in app.bindings}
    taken = list(names.values())
    return {route: name if taken.count(name) == 1 else route for route, name in names.items()}


def origins(app: App) -> tuple[Origin, ...]:
    """Give the spec entries that an app's files are made from: the app, then each stream and account it uses."""
    streams = [binding.stream.origin for binding in app.bindings]
    accounts = [binding.account.origin for binding in app.bindings]
    return tuple(dict.fromkeys((app.origin, *streams, *accounts)))


def fixed_sender(stream: Stream) -> Mailbox | None:
    """Give the From that all mail of a stream has; None where each customer has one, even while there is one customer."""
    only = stream.senders[0] if len(stream.senders) == 1 else None
    return only.mailbox if only and not only.key else None


@dataclass(frozen=True, slots=True)
class MessageParts:
    """What goes with every message of one route, whatever a target calls it.

    Attributes:
        sender: From, name and address; None where each customer has one of its own and the app gives it.
        envelope_sender: Return path of SMTP (MAIL FROM), the address of From: relays tell streams apart by it, and ESPs put
            their own in its place. Empty where the app gives From.
        headers: By which the ESP knows the stream; SMTP only.
        unsubscribe: Of one-click unsubscribe; what stands in braces is the app's to fill in for each recipient.
    """

    sender: Mailbox | None
    envelope_sender: str
    headers: tuple[tuple[str, str], ...]
    unsubscribe: tuple[tuple[str, str], ...]


def message_parts(binding: Binding) -> MessageParts:
    """Give what goes with every message of one route."""
    sender = fixed_sender(binding.stream)
    return MessageParts(
        sender=sender,
        envelope_sender=sender.address if sender else "",
        headers=binding.route.endpoint.headers if binding.route.via is Via.SMTP else (),
        unsubscribe=binding.stream.unsubscribe_headers,
    )


def timeouts_of(bindings: Iterable[Binding]) -> tuple[int, int]:
    """Give (connect, answer) seconds for a target with one setting for several routes: the longest. At least one binding.

    The longest, because a client that gives up after the final dot sends the message twice (RFC 1047).
    """
    deliveries = [binding.route.delivery for binding in bindings]
    return (
        max(delivery.connect_timeout_seconds for delivery in deliveries),
        max(delivery.read_timeout_seconds for delivery in deliveries),
    )


def credentials_of(endpoint: Endpoint) -> tuple[Credential, ...]:
    """Give the credentials an endpoint is used with, user before password, each once."""
    logins = (endpoint.username, endpoint.password)
    return tuple(dict.fromkeys(login for login in logins if isinstance(login, Credential)))


def same_tls(first: Binding, other: Binding) -> str:
    """Say what to write so that two routes speak TLS alike: at `other`, or at `first` where only that ESP can change."""
    for changed, kept in ((other, first), (first, other)):
        mode = kept.route.endpoint.tls
        ports = changed.route.endpoint.ports.get(mode, ())
        if ports:
            return f"write `port: {ports[0]}, tls: {mode}` at {changed.route.origin.to_text()}"
    return "choose ESPs that serve SMTP in the same TLS mode"


def obstacle(binding: Binding) -> str:
    """Say what is still missing before a client can use this route; empty when nothing is.

    Half a configuration would send without a login or to no host, so targets print this in its place.
    """
    if binding.problem:
        return binding.problem
    endpoint, account = binding.route.endpoint, binding.account
    if endpoint.via is Via.SMTP and not endpoint.host:
        return f"no SMTP host is known for {account.id}: check its region, or send through its API"
    given = {credential.name for credential in credentials_of(endpoint)}
    missing = [name for name in endpoint.needs_credentials if name not in given]
    if missing:
        places = ", ".join(f"esps.{account.id}.credentials.{name}" for name in missing)
        return f"the spec does not say where a credential is kept: add {places}"
    return ""
