"""What a change of somebody else's SPF record means for ours, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sendspec.records.spf import LOOKUP_LIMIT

MAX_TERMS, MAX_TERM, MAX_NAMES = 4, 60, 5


@dataclass(frozen=True, slots=True)
class Budget:
    """A record of ours: what it cost and costs, the names its tree leads to, and the streams whose envelope it is at."""

    name: str
    before: int
    after: int
    names: frozenset[str]
    streams: tuple[str, ...]


def term_words(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> str:
    """Say what is otherwise in a record: `_spf.example.com: 4 lookups -> 6; new: include:c.example.com`."""
    if old is None:
        return f"{name}: costs {_lookups(new['lookups'])}"
    cost = (
        f"{_lookups(old['lookups'])} -> {new['lookups']}"
        if old["lookups"] != new["lookups"]
        else f"its text has changed, and it costs {_lookups(new['lookups'])} as before"
    )
    was, now = (str(entry["text"]).split()[1:] for entry in (old, new))
    parts = [
        f"{verb}: {_terms(terms)}"
        for verb, terms in (
            ("new", [term for term in now if term not in was]),
            ("gone", [term for term in was if term not in now]),
        )
        if terms
    ]
    return "; ".join([f"{name}: {cost}", *parts])


def budget_words(budgets: Iterable[Budget]) -> Iterator[str]:
    """Say what our records spend now. Records with the same numbers share a sentence: thousands of domains do."""
    alike: dict[tuple[int, int], list[str]] = {}
    for budget in budgets:
        if budget.before != budget.after:
            alike.setdefault((budget.before, budget.after), []).append(budget.name)
    for (before, after), names in alike.items():
        more = len(names) - MAX_NAMES
        who = ", ".join([*names[:MAX_NAMES], *([f"{more} more"] if more > 0 else [])])
        spends = "spends" if len(names) == 1 else "spend"
        over = (
            ": a permanent error, mail that is not matched before the eleventh fails SPF"
            if after > LOOKUP_LIMIT
            else ""
        )
        yield f"{who} now {spends} {after} of {LOOKUP_LIMIT}, {before} before{over}"


def _lookups(number: int) -> str:
    return f"{number} lookup{'s' if number != 1 else ''}"


def _terms(terms: list[str]) -> str:
    more = len(terms) - MAX_TERMS
    texts = [term if len(term) <= MAX_TERM else f"{term[:MAX_TERM]}…" for term in terms[:MAX_TERMS]]
    return ", ".join([*texts, *([f"{more} more"] if more > 0 else [])])
