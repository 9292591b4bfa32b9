"""What a system gets that sends all its mail as one stream: the routes of that stream, and what stays outside.

Which of an app's streams that is, how its routes are called, and the warnings that belong beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import StreamBindings, by_stream, fixed_sender, obstacle, route_names
from sendspec.targets.interface import LeftOut


@dataclass(frozen=True, slots=True)
class ServerRoute:
    """One route over SMTP that can be written, under its name of `route_names`."""

    name: str
    binding: Binding

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{self.name}: {stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"


@dataclass(frozen=True, slots=True)
class FirstStream:
    """The stream that a system sends as: its routes in the order to try them, none where none can be written.

    `left_out` are sentences on every other stream and route of the app, and why each is not there; `other_streams` are
    those of them that the system's one server keeps out.
    """

    routes: tuple[ServerRoute, ...]
    left_out: tuple[str, ...]
    other_streams: tuple[LeftOut, ...]


def first_stream(app: App, system: str) -> FirstStream:
    """Choose the stream that a system sends as, which is called `system` in the sentences.

    The first that is not bulk, because a password reset that leaves with the newsletter shares its reputation; of those
    one with a From of our own rather than customers'; else the first. Streams without a route over SMTP come last.
    """
    names = route_names(app)
    ranked = sorted(
        by_stream(app),
        key=lambda each: (
            all(_problem(binding) for binding in each.bindings),
            each.stream.kind.is_bulk,
            fixed_sender(each.stream) is None,
        ),
    )
    if not ranked:
        return FirstStream((), (), ())
    chosen = ranked[0]
    routes = tuple(
        ServerRoute(names[binding.route.id], binding) for binding in chosen.bindings if not _problem(binding)
    )
    others = tuple(_other_stream(each, chosen, system) for each in ranked[1:])
    pending = tuple(_left_out(chosen, names))
    return FirstStream(routes, (*pending, *(f"{each.reason}; {each.fix}" for each in others)), others)


def headers_note(route: ServerRoute, system: str) -> str:
    """Say which headers the system cannot set, and the ways out; empty where the route needs none."""
    headers = dict(route.binding.route.endpoint.headers)
    if not headers or not route.binding.account.is_esp:
        return ""
    lines = ", ".join(f"`{name}: {value}`" for name, value in headers.items())
    return (
        f"{system} sets no headers of its own, so {lines} is missing and {route.binding.account.id} counts this mail to"
        " its default stream. Either make that the right one there, or let a relay add it (`through:` an app whose target"
        " relays)."
    )


def starttls_note(route: ServerRoute, system: str) -> str:
    """Warn where STARTTLS cannot be required, with the way out that this endpoint has; empty for other TLS."""
    endpoint = route.binding.route.endpoint
    if endpoint.tls is not Tls.STARTTLS:
        return ""
    ports = endpoint.ports.get(Tls.IMPLICIT, ())
    way_out = (
        f"say `tls: implicit` at the route: {endpoint.host} serves it on {ports[0]}"
        if ports
        else "hand the mail to a relay that can (`through:`)"
    )
    return (
        f"{system} cannot require STARTTLS: it is used where the server offers it, and where somebody on the way hides"
        f" the offer the login goes out in clear. What requires TLS: {way_out}."
    )


def _problem(binding: Binding) -> str:
    missing = obstacle(binding)
    if missing:
        return f"pending: {missing}"
    return "" if binding.route.via is Via.SMTP else f"it leaves over the API of {binding.account.title}"


def _left_out(chosen: StreamBindings, names: dict[str, str]) -> Iterator[str]:
    for binding in chosen.bindings:
        problem = _problem(binding)
        if problem:
            yield f"{names[binding.route.id]} is not written: {problem}"


def _other_stream(other: StreamBindings, chosen: StreamBindings, system: str) -> LeftOut:
    return LeftOut(
        other.bindings,
        f"{other.stream.id} is not written: {system} has one SMTP server and sends everything as {chosen.stream.id}",
        "give the stream to another app",
    )
