"""What a live check is.

A check looks at one side of the world and yields what it sees, as it sees it. Its module exports `CHECK`; its id is its
path: `check/dns/published.py` = `dns-published`. What it can find is declared as `Kind`s, each with its documentation.
It never raises for what the world does, never sorts, prints or looks for line numbers.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from sendspec.model.observation import Kind, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.net import Net


@dataclass(frozen=True, slots=True)
class Check:
    """One live check.

    Attributes:
        title: What it looks at, for the progress line: `published records`.
        kinds: Everything it can find.
        run: Looks. Reads the setup, asks the world, yields what it sees.
        size: How many things it will look at, for the progress line; a guess is good enough.
    """

    id: str
    subject: Subject
    title: str
    kinds: tuple[Kind, ...]
    run: Callable[[Setup, Net], AsyncIterator[Seen]]
    size: Callable[[Setup], int]
