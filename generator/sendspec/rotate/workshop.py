"""What rotating works with, and the entry of the lock file that says how far it has come."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sendspec.esp.managing import Desk
from sendspec.lock.book import LockBook
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.keeper import Keeper
from sendspec.model.key_age import ROTATIONS
from sendspec.model.live import Failure
from sendspec.model.rotation import UNDER_WAY, Prospect, Rotated, Todo, Trial
from sendspec.model.secret import Secret
from sendspec.model.setup import Setup
from sendspec.net.net import Net

OVERLAP_SECONDS = 24 * 3600
"""How long the old key stays where nobody says otherwise: long enough for every app to be deployed anew."""
DKIM_OVERLAP_SECONDS = 7 * 24 * 3600
"""Mail waits in queues for five days (RFC 5321 section 4.5.4.1), and is verified again when it is forwarded."""

TryOut = Callable[[Sequence[Credential], Mapping[str, Secret]], Awaitable[Trial]]
Issued = Mapping[str, Mapping[str, Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line.

    Attributes:
        accounts: Ids of accounts; all of the spec where only what is due counts.
        credential: Id or name of one credential; empty: all.
        is_due_only: Only what is older than `rotate_every`, and what is under way.
        overlap_seconds: In place of what the spec says; None: not given.
        dkim: Replace the DKIM keys of this domain; empty: of all domains of the account; None: credentials.
    """

    accounts: tuple[str, ...]
    credential: str = ""
    is_due_only: bool = False
    overlap_seconds: int | None = None
    dkim: str | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything that rotating needs.

    Attributes:
        setup: Gives the setup as the lock book stands now.
        desk: Gives the desk of an account.
        try_out: Tries credentials as apps use them; values by credential id stand in for what the stores hold.
        note_issued: Takes what an ESP issued into the book.
        stopped: Says why to begin nothing more; empty: go on.
        tell: Progress, a few words.
        pause: Waits.
    """

    book: LockBook
    setup: Callable[[], Setup]
    desk: Callable[[Setup, Account], Desk]
    keeper: Keeper
    net: Net
    try_out: TryOut
    note_issued: Callable[[LockBook, Account, Issued], bool]
    stopped: Callable[[], str]
    tell: Callable[[str], None]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    def now(self) -> datetime:
        """Give the time of day, to the second."""
        return self.net.now().replace(microsecond=0)


class Record:
    """The entry of one key: `key`, `made` or `seen`, and what is under way."""

    def __init__(self, book: LockBook, key_id: str) -> None:
        self._book, self._path = book, (ROTATIONS, key_id)

    @property
    def facts(self) -> Mapping[str, Any]:
        """Give what is noted."""
        found = self._book.get(*self._path)
        return found if isinstance(found, dict) else {}

    @property
    def under_way(self) -> Mapping[str, Any]:
        """Give how far a rotation has come; empty: none is under way."""
        found = self.facts.get(UNDER_WAY)
        return found if isinstance(found, dict) else {}

    def moment(self, name: str) -> datetime | None:
        """Give a moment of the rotation that is under way."""
        return moment(self.under_way.get(name))

    def note(self, **facts: object) -> None:
        """Note how far it has come, for good."""
        plain = {name: stamp(value) if isinstance(value, datetime) else value for name, value in facts.items()}
        self._book.edit((*self._path, UNDER_WAY), {**self.under_way, **plain})

    def forget(self, *names: str) -> None:
        """Take facts of the rotation away."""
        left = {name: value for name, value in self.under_way.items() if name not in names}
        self._book.edit((*self._path, UNDER_WAY), left)

    def close(self) -> None:
        """Note that nothing is under way any more."""
        self._book.drop((*self._path, UNDER_WAY))

    def set(self, **facts: object) -> None:
        """Note something of the key itself; None takes it away."""
        plain = {name: stamp(value) if isinstance(value, datetime) else value for name, value in facts.items()}
        merged = {**self.facts, **plain}
        self._book.edit(self._path, {name: value for name, value in merged.items() if value is not None})


def stamp(when: datetime) -> str:
    """Give a moment as the lock file has it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: object) -> datetime | None:
    """Read a moment; None for what is none."""
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def shown(when: datetime) -> str:
    """Give a moment for people."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def ended(prospect: Prospect, *, then: Sequence[str] = ()) -> Rotated:
    """Give what came of something that nothing is done about."""
    failure = prospect.failure if prospect.todo is Todo.BLOCKED else None
    said = prospect.said if failure else ""
    return Rotated(prospect.id, prospect.account, (), failure, said, prospect.fix, tuple(then))


UNDETERMINED = frozenset({Failure.LATER, Failure.UNKNOWN})
