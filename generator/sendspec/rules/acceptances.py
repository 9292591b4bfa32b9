"""Which problems the team has said it lives with: `accept:` on an object or at the top of the spec."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from sendspec.model.origin import Document, Origin
from sendspec.model.setup import Acceptance

Path = tuple[str | int, ...]
INDEX_BRACKET = re.compile(r"\[(?![*?]\])")
"""A bracket that is no `[*]` or `[?]`: in a glob it means itself, for `[1]` is an index."""
GLOB_SIGN = re.compile(r"[*?]")


def exact_glob(path: str) -> str:
    """Give the glob that fits this dotted path, and what lies below it, and nothing else."""
    return GLOB_SIGN.sub(r"[\g<0>]", path)


class Acceptances:
    """Looks acceptances up by rule and place, and remembers which of them matched a problem."""

    def __init__(self, acceptances: Iterable[Acceptance]) -> None:
        self._all = tuple(acceptances)
        self._used: set[Origin] = set()
        self._by_place: dict[tuple[str, Path], list[Acceptance]] = defaultdict(list)
        self._globs: dict[str, list[Acceptance]] = defaultdict(list)
        self._rules = frozenset(acceptance.rule for acceptance in self._all)
        for acceptance in self._all:
            if acceptance.at_glob:
                self._globs[acceptance.rule].append(acceptance)
            else:
                self._by_place[acceptance.rule, acceptance.at.path].append(acceptance)

    def covering(self, rule_id: str, at: Origin) -> tuple[Acceptance, ...]:
        """Give what accepts a problem of this rule at this place, the nearest first: at the object that says so, or below."""
        if rule_id not in self._rules:
            return ()
        found = dict.fromkeys(
            acceptance
            for place in _places_above(at)
            for acceptance in (*self._by_place.get((rule_id, place.path), ()), *self._matching(rule_id, place))
        )
        self._used.update(acceptance.origin for acceptance in found)
        return tuple(found)

    def unused(self) -> tuple[Acceptance, ...]:
        """Give the acceptances that matched nothing so far, in the order of the spec."""
        return tuple(acceptance for acceptance in self._all if acceptance.origin not in self._used)

    def _matching(self, rule_id: str, place: Origin) -> Iterator[Acceptance]:
        """Give the acceptances at the top whose glob fits the dotted path; `[*]` and `[?]` are these two signs themselves."""
        candidates = self._globs.get(rule_id, ())
        text = place.to_text() if candidates else ""
        return (found for found in candidates if fnmatchcase(text, INDEX_BRACKET.sub("[[]", found.at_glob)))


def _places_above(at: Origin) -> Iterator[Origin]:
    """Give the place and everything above it. What the lock file says of an account lies below that account too."""
    for length in range(len(at.path), -1, -1):
        yield Origin(at.path[:length], at.document)
    if at.document is Document.LOCK and at.path[:1] == ("issued",):
        yield Origin(("esps", *at.path[1:2]))
