"""Bulk mail beside other mail: who shares what."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream

Leaving = tuple[Stream, Route]


@dataclass(frozen=True, slots=True)
class Sharing:
    """A bulk stream's route, and the first route of another kind that shares something with it."""

    stream: Stream
    route: Route
    other: Stream
    other_route: Route


def bulk_beside_other(setup: Setup, shared: Callable[[Route], str]) -> Iterator[Sharing]:
    """Give each bulk route that shares something at its account with mail of other kinds, in the order of the setup.

    `shared` names what a route uses; an empty name shares nothing.
    """
    groups: dict[tuple[str, str], list[Leaving]] = {}
    for stream, route in setup.routes():
        name = shared(route)
        if name:
            groups.setdefault((route.account, name), []).append((stream, route))
    for leaving in groups.values():
        bulk = [each for each in leaving if each[0].kind.is_bulk]
        others = [each for each in leaving if not each[0].kind.is_bulk]
        for stream, route in bulk if others else ():
            yield Sharing(stream, route, *others[0])
