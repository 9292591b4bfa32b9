"""SPF records of others, as far as ours lead to them: read, counted, compared with what the lock file holds.

The lock file keeps one entry for each name that a record of ours includes or redirects to, with what it costs in all; and
for names further down where somebody has put one. An entry whose text is as it was keeps its day until that is a month
old: so most pulls change nothing, and an entry that is looked at now and then is never stale (a rule calls it that after
90 days).
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sendspec.lock.book import LockBook
from sendspec.lock.load import MAX_SPF_LOOKUPS
from sendspec.model.live import Unread
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Status
from sendspec.net.net import Net
from sendspec.pull.entries import reads_back, secret_in
from sendspec.pull.result import Found, Pulled, Turn
from sendspec.pull.spf_words import Budget, budget_words, term_words
from sendspec.records.error import RecordError
from sendspec.records.spf import LookupTrees, followed, is_spf, parse

SPF = "spf"
KEPT_DAYS = 30
MOST_FOLLOWED = 100
"""Records that one tree may lead to; a receiver gives up after the tenth."""
AT_ONCE = 50
MAX_TEXT = 4_000
"""A longer record does not go through a UDP answer of any size that resolvers allow."""


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Why nothing can be taken from a name. `is_unknown`: it was not seen, else it is seen to be so."""

    name: str
    reason: str
    is_unknown: bool


@dataclass(slots=True)
class _Reader:
    """Texts by name: ours, and those that were read."""

    net: Net
    own: Mapping[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    flaws: dict[str, _Flaw] = field(default_factory=dict)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _asked: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def tree(self, name: str) -> None:
        """Read a name and everything that it leads to."""
        met, level = {name}, [name]
        while level:
            await asyncio.gather(*(self._read(each) for each in level))
            below = dict.fromkeys(inner for each in level for inner in self.below(each) if inner not in met)
            level = list(below)[: MOST_FOLLOWED - len(met)]
            met.update(level)

    def below(self, name: str) -> Iterator[str]:
        """Give what the record of a name leads to."""
        text = self.own.get(name) or self.texts.get(name)
        return followed(parse(text)) if text is not None else iter(())

    def reached(self, name: str) -> frozenset[str]:
        """Give the names in the tree of a name, itself included."""
        met, waiting = {name}, [name]
        while waiting and len(met) < MOST_FOLLOWED:
            fresh = [inner for inner in self.below(waiting.pop()) if inner not in met]
            met.update(fresh)
            waiting += fresh
        return frozenset(met)

    async def _read(self, name: str) -> None:
        if name not in self._asked:
            self._asked[name] = asyncio.create_task(self._look(name))
        await self._asked[name]

    async def _look(self, name: str) -> None:
        if name in self.own:
            return
        async with self.room:
            answer = await self.net.dns.lookup(name, "TXT")
        texts = [text for text in answer.texts if is_spf(text)]
        if not answer.status.is_known:
            said = self.net.deadline.reason if answer.status is Status.STOPPED else answer.said
            self._reject(name, said, is_unknown=True)
        elif not texts:
            said = "TXT records, none of them SPF" if answer.values else answer.said
            self._reject(name, f"there is no SPF record: {said}")
        elif len(texts) > 1:
            self._reject(name, f"there are {len(texts)} SPF records")
        elif len(texts[0]) > MAX_TEXT:
            self._reject(name, f"its record has more than {MAX_TEXT:,} characters")
        else:
            try:
                parse(texts[0])
            except RecordError as error:
                self._reject(name, f"its record cannot be read: {_short(str(error))}")
            else:
                self.texts[name] = texts[0]

    def _reject(self, name: str, reason: str, *, is_unknown: bool = False) -> None:
        self.flaws[name] = _Flaw(name, reason, is_unknown)


async def pull_spf(setup: Setup, book: LockBook, net: Net, today: date, tell: Callable[[str], None]) -> Found:
    """Read what our SPF records lead to, and take it into the book. Anything that is not whole leaves the old entry."""
    own = _own(setup)
    tops = tuple(dict.fromkeys(name for text in own.values() for name in followed(parse(text)) if name not in own))
    if tops:
        tell(f"reading SPF: {len(tops)} names")
    reader = _Reader(net, own)
    await asyncio.gather(*(reader.tree(name) for name in tops))
    entries: dict[str, dict[str, Any]] = dict(book.get(SPF) or {})
    spelt = {str(name).lower().removesuffix("."): str(name) for name in entries}
    needed = frozenset(inner for name in tops for inner in reader.reached(name)) - own.keys()
    trees = LookupTrees({**reader.texts, **own})
    found, fresh = Found(), dict[str, dict[str, Any]]()
    for name in sorted(needed & (set(tops) | spelt.keys())):
        old = entries.get(spelt.get(name, name))
        entry = _judge(reader, trees, name, today)
        if isinstance(entry, Found):
            found += entry
        elif _is_kept(old, entry, today):
            found += Found(in_place=1)
        else:
            fresh[spelt.get(name, name)] = entry
    dropped = [] if reader.flaws else [each for name, each in spelt.items() if name not in needed]
    book.edit_all({(SPF, name): entry for name, entry in fresh.items()})
    for name in dropped:
        book.drop((SPF, name))
    return found + Found(_changes(setup, own, entries, fresh, dropped))


def _own(setup: Setup) -> dict[str, str]:
    """Give our own records by name; where a name has two, others include the first."""
    own: dict[str, str] = {}
    for budget in setup.spf_budgets:
        own.setdefault(budget.name, str(budget.value.value))
    return own


def _judge(reader: _Reader, trees: LookupTrees, name: str, today: date) -> dict[str, Any] | Found:
    """Give the entry of a name, or why there is none."""
    flaws = [reader.flaws[each] for each in sorted(reader.reached(name)) if each in reader.flaws]
    if flaws:
        return _refused(name, flaws[0])
    tree = trees.of("", f"v=spf1 include:{name}")
    if tree is None or tree.has_loop or tree.lookups > MAX_SPF_LOOKUPS:
        return Found(
            troubles=(f"{name}: its SPF record leads back to itself: a permanent error for all who include it",)
        )
    entry = {"text": reader.texts[name], "lookups": tree.lookups, "read": today.isoformat()}
    secret = secret_in(SPF, (name,), entry)
    if secret or not reads_back(SPF, (name,), entry):
        what = f"has the shape of {secret}" if secret else "cannot stand in the lock file"
        return Found(unread=(Unread(name, f"its SPF record {what}", "ask its owner; nothing of it was written"),))
    return entry


def _refused(name: str, flaw: _Flaw) -> Found:
    via = "" if flaw.name == name else f" (by way of {_short(flaw.name)})"
    if flaw.is_unknown:
        return Found(unread=(Unread(f"SPF of {name}{via}", flaw.reason, "try again; the lock file keeps what it had"),))
    return Found(
        troubles=(
            f"{name}{via}: {flaw.reason}: a permanent error for all who include it; the lock file keeps what it had",
        )
    )


def _is_kept(old: dict[str, Any] | None, entry: dict[str, Any], today: date) -> bool:
    """Tell whether an entry says what it said and its day is not old yet."""
    if old is None or (old.get("text"), old.get("lookups")) != (entry["text"], entry["lookups"]):
        return False
    try:
        return (today - date.fromisoformat(str(old.get("read")))).days < KEPT_DAYS
    except ValueError:
        return False


def _changes(
    setup: Setup,
    own: Mapping[str, str],
    entries: Mapping[str, dict[str, Any]],
    fresh: Mapping[str, dict[str, Any]],
    dropped: list[str],
) -> tuple[Pulled, ...]:
    after = {name: entry for name, entry in {**entries, **fresh}.items() if name not in dropped}
    budgets = tuple(_budgets(setup, own, entries, after)) if fresh else ()
    changes = []
    for name, entry in fresh.items():
        old = entries.get(name)
        is_same = old is not None and (old.get("text"), old.get("lookups")) == (entry["text"], entry["lookups"])
        turn = Turn.READ_AGAIN if is_same else Turn.CHANGED if old else Turn.NEW
        touched = [budget for budget in budgets if name.lower() in budget.names]
        words = () if is_same else (term_words(name, old, entry), *budget_words(touched))
        streams = sorted({stream for budget in touched for stream in budget.streams})
        changes.append(Pulled(f"{SPF}/{name}", turn, old, entry, words, tuple(streams)))
    for name in dropped:
        words = (f"{name}: no SPF record of ours leads to it any more",)
        changes.append(Pulled(f"{SPF}/{name}", Turn.DROPPED, entries[name], None, words))
    return tuple(sorted(changes, key=lambda change: change.key))


def _budgets(
    setup: Setup, own: Mapping[str, str], before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[Budget]:
    """Give what each record of ours cost by the lock file as it was, and costs now."""
    old, new = (_counting(own, entries) for entries in (before, after))
    for budget in setup.spf_budgets:
        text = str(budget.value.value)
        was, now = old.of(budget.name, text), new.of(budget.name, text)
        if was is not None and now is not None:
            streams = {proof.stream for proof in setup.proofs if proof.spf.domain == budget.name}
            names = frozenset(branch.name for branch in now.walk())
            yield Budget(budget.name, was.lookups, now.lookups, names, tuple(sorted(streams)))


def _counting(own: Mapping[str, str], entries: Mapping[str, dict[str, Any]]) -> LookupTrees:
    foreign = {str(name).lower(): entry for name, entry in entries.items() if str(name).lower() not in own}
    texts = {name: str(entry.get("text")) for name, entry in foreign.items()}
    return LookupTrees({**texts, **own}, {name: max(1, int(entry["lookups"])) for name, entry in foreign.items()})


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004 - fits on a line
