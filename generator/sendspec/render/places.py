"""Origins as the generated files show them: names of spec files, and `file:line`."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from sendspec.model.origin import Origin
from sendspec.model.setup import Setup

UNSAFE = re.compile(r"[^A-Za-z0-9._/@+,= -]")
"""Everything else in a file name is percent-encoded: it lands in comments of ten formats, and a line break ends one."""


class Positions(Protocol):
    """What render asks of `sendspec.spec.positions.Positions`."""

    def file_and_line(self, origin: Origin) -> tuple[str, int]:
        """Give the file an origin is written in, relative to the spec folder, and its line, counted from 1."""


class Places:
    """Looks origins up, each once, and makes file names safe for a comment."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._known: dict[Origin, tuple[str, int]] = {}
        self._safe: dict[str, str] = {}

    def file(self, origin: Origin) -> str:
        """Give the name of the spec file: `northwind.yaml`."""
        return self._place(origin)[0]

    def files(self, origins: Iterable[Origin]) -> str:
        """Give the names of all spec files, sorted, joined by commas."""
        return ", ".join(sorted({self.file(origin) for origin in origins}))

    def lines(self, origins: Iterable[Origin]) -> list[str]:
        """Give `northwind.yaml:12` for each origin, in the order given, each once."""
        return list(dict.fromkeys("{}:{}".format(*self._place(origin)) for origin in origins))

    def one_per_file(self, origins: Iterable[Origin]) -> tuple[Origin, ...]:
        """Give the first origin of each spec file: enough to name the files, and short for thousands of domains."""
        first: dict[str, Origin] = {}
        for origin in origins:
            first.setdefault(self.file(origin), origin)
        return tuple(first[name] for name in sorted(first))

    def _place(self, origin: Origin) -> tuple[str, int]:
        place = self._known.get(origin)
        if place is None:
            name, line = self._positions.file_and_line(origin)
            if name not in self._safe:
                self._safe[name] = UNSAFE.sub(_percent, name)
            place = self._known[origin] = (self._safe[name], line)
        return place


def entry_origins(setup: Setup) -> Sequence[Origin]:
    """Give where each domain, account, stream and app of a setup was said; the whole spec for an empty one."""
    domains = [domain.origin for domain in setup.domains]
    accounts = [account.origin for account in setup.accounts]
    streams = [stream.origin for stream in setup.streams]
    return [*domains, *accounts, *streams, *(app.origin for app in setup.apps)] or [Origin()]


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode(errors="surrogateescape"))
