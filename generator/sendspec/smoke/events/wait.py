"""Wait for the event that must come back, by every way at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sendspec.model.sending import Proof
from sendspec.model.smoke import End, EventRun
from sendspec.model.vocabulary import Event
from sendspec.net.net import Net
from sendspec.smoke.events.sought import Blind, Came, Forged, News

ENDS = frozenset({Event.DELIVERED, Event.BOUNCED, Event.REJECTED, Event.COMPLAINED})
"""What decides a message's fate; all else is a stop on the way, or comes after it."""
WORSE = frozenset({Event.BOUNCED, Event.REJECTED, Event.COMPLAINED})
MOST_NOTES = 10
MOST_NEWS = 1_000


class Poller(Protocol):
    """A way that has to be asked."""

    async def next_events(self) -> tuple[Came, ...] | Blind:
        """Wait for news."""


@dataclass(slots=True)
class Inbox:
    """Where news of every way arrives. What comes faster than it is read is dropped: it cannot be about one message."""

    _queue: "asyncio.Queue[News]" = field(default_factory=lambda: asyncio.Queue(MOST_NEWS))
    forged: int = 0

    def put(self, news: News) -> None:
        """Take news."""
        if isinstance(news, Forged):
            self.forged += 1
        if not self._queue.full():
            self._queue.put_nowait(news)

    async def get(self) -> News:
        """Wait for news."""
        return await self._queue.get()


@dataclass(frozen=True, slots=True)
class Hoped:
    """What is waited for.

    Attributes:
        expected: The event that must come, by account; every account whose events may come is here.
        blind: Accounts that cannot be watched, with the reason.
        doubts: Why events of an account may go unrecognised; filled while the wait goes on.
    """

    expected: Mapping[str, Event | None]
    blind: Mapping[str, str]
    doubts: Mapping[str, str] = field(default_factory=dict)


async def wait_for_event(inbox: Inbox, pollers: Sequence[Poller], hoped: Hoped, seconds: float, net: Net) -> EventRun:
    """Wait until the fate of the message is known, the time is over, or no way is left that could show it."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    watch = _Watch(hoped, dict(hoped.blind))
    try:
        async with _polling(pollers, inbox), net.deadline.limit(seconds):
            while watch.end is None and not watch.is_blind:
                watch.take(await inbox.get())
    except TimeoutError:
        watch.is_late = True
    stopped = net.deadline.reason if net.deadline.has_passed else ""
    return watch.result(loop.time() - began, seconds, inbox.forged, stopped)


@asynccontextmanager
async def _polling(pollers: Sequence[Poller], inbox: Inbox) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_poll(poller, inbox.put)) for poller in pollers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):  # ours to cure, not the world's doing
                raise ended


async def _poll(poller: Poller, tell: Callable[[News], None]) -> None:
    while True:
        found = await poller.next_events()
        if isinstance(found, Blind):
            tell(found)
            return
        for came in found:
            tell(came)


@dataclass(slots=True)
class _Watch:
    hoped: Hoped
    blind: dict[str, str]
    end: Came | None = None
    is_late: bool = False
    passed: Counter[str] = field(default_factory=Counter)

    @property
    def is_blind(self) -> bool:
        return set(self.hoped.expected) <= set(self.blind)

    def take(self, news: News) -> None:
        if isinstance(news, Blind):
            self.blind.update(dict.fromkeys(news.accounts, news.reason))
        elif isinstance(news, Came):
            wanted = {self.hoped.expected.get(account) for account in news.accounts}
            event = news.seen.event
            if event in ENDS and (event in wanted or event in WORSE):
                self.end = news
            else:
                self.passed[news.seen.name] += 1

    def result(self, took: float, waited: float, forged: int, stopped: str) -> EventRun:
        notes = tuple(f"{name}{f' ({count} times)' if count > 1 else ''}" for name, count in self.passed.items())[
            :MOST_NOTES
        ]
        expected = next((event for event in self.hoped.expected.values() if event is not None), None)
        if self.end is not None:
            seen, proof = self.end.seen, self.end.proof
            is_hoped = seen.event in {self.hoped.expected.get(account) for account in self.end.accounts}
            return EventRun(
                end=End.GOOD if is_hoped else End.FAILED,
                seconds=took,
                expected=expected,
                event=seen.event,
                name=f"{seen.name}{f': {seen.detail}' if seen.detail else ''}"[:200],
                account=" or ".join(self.end.accounts),
                by=self.end.by,
                proof=str(proof) if proof else "",
                notes=notes,
                forged=forged,
            )
        if self.blind or stopped or self.hoped.doubts:
            told = (*self.blind.values(), *self.hoped.doubts.values(), stopped)
            reasons = dict.fromkeys(reason for reason in told if reason)
            return EventRun(End.UNKNOWN, took, expected, missing="; ".join(reasons), notes=notes, forged=forged)
        return EventRun(End.FAILED, took, expected, missing=f"none came in {waited:g} s", notes=notes, forged=forged)


UNPROVEN = frozenset({str(Proof.UNCHECKED), str(Proof.MISSING)})
"""What a report has to mention: the marker alone says whose event it is."""
