"""Who spends the ten DNS lookups of an SPF record: its terms, and what the records they lead to cost in turn.

Source: RFC 7208 section 4.6.4. Nothing is asked of DNS: texts, and what is claimed of them, come in as mappings.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sendspec.records.error import RecordError
from sendspec.records.spf.record import LOOKUP_LIMIT, SpfRecord, followed_name, parse, querying

MAX_FOLLOWED = 100
"""Terms of one tree; a receiver gives up after the tenth, and records that include each other twice grow without end."""
MAX_LINES = 40
NO_CLAIMS: Mapping[str, int] = MappingProxyType({})
NO_NOTES: Mapping[str, str] = MappingProxyType({})


class Known(StrEnum):
    """What is known of the place a term leads to. The values are remarks for readers, empty where there is none."""

    HOST = ""
    """It leads to addresses, not to another record."""
    RECORD = " "
    """Its text is known and was followed."""
    COUNTED = "text not in the lock file; part of the number above"
    MISSING = "not in the lock file; counted as 1"
    MACRO = "a macro: what it leads to depends on the message; counted as 1"
    LOOP = "leads back to a record above: a permanent error"
    UNREADABLE = "its text cannot be read: a permanent error"
    CUT = "not followed any further"


@dataclass(frozen=True, slots=True)
class Branch:
    """A term that costs lookups.

    Attributes:
        term: As written: `include:_spf.google.com`.
        name: The record it leads to; empty for a term that leads to addresses.
        lookups: What it costs, itself and everything below it.
        branches: What costs lookups in the record it leads to, in the order of evaluation.
    """

    term: str
    name: str
    lookups: int
    known: Known
    branches: tuple["Branch", ...] = ()

    def remark(self, notes: Mapping[str, str]) -> str:
        """Give ` (…)` with the note on its name and what is known of it; empty where there is nothing to say."""
        parts = [text for text in (notes.get(self.name, ""), self.known.strip()) if text]
        return f" ({'; '.join(parts)})" if parts else ""

    def walk(self) -> Iterator["Branch"]:
        """Give this branch and every one below it."""
        yield self
        for branch in self.branches:
            yield from branch.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """What one record costs. `lookups` is a lower bound while `missing` holds names."""

    name: str
    lookups: int
    branches: tuple[Branch, ...]

    def walk(self) -> Iterator[Branch]:
        """Give every branch, depth first."""
        for branch in self.branches:
            yield from branch.walk()

    @property
    def missing(self) -> tuple[str, ...]:
        """Give the names nothing is known of, sorted, each once."""
        return tuple(sorted({branch.name for branch in self.walk() if branch.known is Known.MISSING}))

    @property
    def has_loop(self) -> bool:
        """Tell whether evaluation comes back to a record it is in."""
        return any(branch.known is Known.LOOP for branch in self.walk())

    @property
    def may_be_void(self) -> int:
        """Count the terms whose look-up may find nothing; a receiver stands two that do (section 4.6.4)."""
        return sum(branch.known is Known.HOST for branch in self.walk())

    def to_drop(self, among: Iterable[Branch]) -> tuple[Branch, ...]:
        """Give the fewest terms, dearest first, without which the record stays within the limit; all if none suffice."""
        dropped: list[Branch] = []
        left = self.lookups
        for branch in sorted(among, key=lambda each: -each.lookups):
            if left <= LOOKUP_LIMIT:
                break
            dropped.append(branch)
            left -= branch.lookups
        return tuple(dropped)

    def to_lines(self, notes: Mapping[str, str] = NO_NOTES) -> list[str]:
        """Give the tree as indented lines. `notes` adds a remark to a name, such as the day its text was read."""
        lines = [f"{self.name}: {self.lookups} of {LOOKUP_LIMIT} lookups"]
        for branch in self.branches:
            lines.extend(_lines(branch, "  ", notes))
        left = len(lines) - MAX_LINES
        return lines if left <= 0 else [*lines[:MAX_LINES], f"  … and {left} more lines"]


def _lines(branch: Branch, indent: str, notes: Mapping[str, str]) -> Iterator[str]:
    yield f"{indent}{branch.term}: {branch.lookups}{branch.remark(notes)}"
    for inner in branch.branches:
        yield from _lines(inner, f"{indent}  ", notes)


class LookupTrees:
    """Counts records among known texts.

    `texts` maps names (lower case, no final dot) to SPF records, `claimed` some of them to what somebody counted for an
    include of them, itself included. Where both are known, the greater number holds.
    """

    def __init__(self, texts: Mapping[str, str], claimed: Mapping[str, int] = NO_CLAIMS) -> None:
        self._texts, self._claimed = texts, claimed
        self._parsed: dict[str, SpfRecord | None] = {}
        self._grown: dict[str, tuple[tuple[Branch, ...], frozenset[str]]] = {}

    def of(self, name: str, text: str) -> Tree | None:
        """Give the tree of a record at `name`, None when its text cannot be read."""
        record = self._record(text)
        if record is None:
            return None
        if text not in self._grown:  # thousands of domains share a handful of texts
            branches = self._branches(record, (), [MAX_FOLLOWED])
            names = frozenset(branch.name for top in branches for branch in top.walk())
            self._grown[text] = branches, names
        branches, names = self._grown[text]
        if name in names:
            branches = self._branches(record, (name,), [MAX_FOLLOWED])
        return Tree(name, sum(branch.lookups for branch in branches), branches)

    def _record(self, text: str) -> SpfRecord | None:
        if text not in self._parsed:
            try:
                self._parsed[text] = parse(text)
            except RecordError:
                self._parsed[text] = None
        return self._parsed[text]

    def _branches(self, record: SpfRecord, path: tuple[str, ...], room: list[int]) -> tuple[Branch, ...]:
        return tuple(self._branch(term, path, room) for term in querying(record))

    def _branch(self, term: str, path: tuple[str, ...], room: list[int]) -> Branch:
        """Grow one term. `path` are the records above it, `room` how many more terms may be followed."""
        room[0] -= 1
        name = followed_name(term) or ""
        record = self._record(self._texts[name]) if name in self._texts else None
        known = self._known(term, name, path, record)
        if known is not Known.RECORD or record is None:
            lookups = 1 if known is Known.LOOP else self._claimed.get(name, 1)
            return Branch(term, "" if "%" in name else name, lookups, known)
        if room[0] <= 0:
            return Branch(term, name, self._claimed.get(name, 1), Known.CUT)
        inner = self._branches(record, (*path, name), room)
        lookups = 1 + sum(branch.lookups for branch in inner)
        return Branch(term, name, max(lookups, self._claimed.get(name, 1)), known, inner)

    def _known(self, term: str, name: str, path: tuple[str, ...], record: SpfRecord | None) -> Known:
        if "%" in term:
            return Known.MACRO
        if not name:
            return Known.HOST
        if name in path:
            return Known.LOOP
        if name in self._texts:
            return Known.UNREADABLE if record is None else Known.RECORD
        return Known.COUNTED if any(above in self._claimed for above in path) else Known.MISSING
