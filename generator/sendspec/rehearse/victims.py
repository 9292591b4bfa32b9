"""What a fault happens to: the first thing in the spec that shows most."""

from collections.abc import Iterator

from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Role, Tls, Via


def primary_host(setup: Setup, via: Via, tls: Tls | None = None) -> str:
    """Give the host of a primary route of this protocol, empty where there is none: one with a fallback, if any has."""
    return next((route.endpoint.host for _, route in primaries(setup, via, tls)), "")


def primaries(setup: Setup, via: Via, tls: Tls | None = None) -> Iterator[tuple[Stream, Route]]:
    """Give the primary routes of a protocol, those with a fallback at another host first."""
    found = [
        (stream, route)
        for stream, route in setup.routes()
        if route.role is Role.PRIMARY and route.via is via and tls in {None, route.endpoint.tls}
    ]
    found.sort(key=lambda each: not has_fallback_elsewhere(*each))
    yield from found


def has_fallback_elsewhere(stream: Stream, primary: Route) -> bool:
    """Tell whether a stream can leave by another host than that of its primary route."""
    return any(route.role is Role.FALLBACK and route.endpoint.host != primary.endpoint.host for route in stream.routes)
