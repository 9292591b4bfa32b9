"""Where the things that are explained come from."""

from collections.abc import Iterable
from typing import Protocol

from sendspec.model.finding import SourceSpan
from sendspec.model.origin import Origin


class SpanFinder(Protocol):
    """What explain asks of `sendspec.spec.positions.Positions`."""

    def span(self, origin: Origin, *, key: bool = False, label: str = "") -> SourceSpan:
        """Give the place of an origin."""


def places_of(origins: Iterable[Origin], positions: SpanFinder) -> tuple[SourceSpan, ...]:
    """Give the places of origins, each once."""
    return tuple(dict.fromkeys(positions.span(origin) for origin in origins))
