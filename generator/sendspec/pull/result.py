"""What a pull found, as data: what of the lock file is otherwise now, what could not be read, what somebody should know."""

from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.live import Unread


class Turn(StrEnum):
    """What became of an entry of the lock file."""

    NEW = "new"
    CHANGED = "changed"
    READ_AGAIN = "read again"
    """Only its day: what it says is as it was."""
    DROPPED = "dropped"
    """Nothing in the spec needs it any more."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """One entry of the lock file that is otherwise now.

    Attributes:
        key: `issued/ACCOUNT/DOMAIN/PART` or `spf/NAME`.
        before, after: The entry as the lock file had and has it; None: absent. Public data.
        words: What it means, a sentence each; empty for READ_AGAIN.
        streams: Ids of the streams it is about, sorted.
    """

    key: str
    turn: Turn
    before: object
    after: object
    words: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one part of a pull.

    Attributes:
        changes: Sorted by key.
        unread: What could not be looked at, or says nothing that can be believed. The lock file keeps what it had.
        troubles: What was seen and should not be so, a sentence each; the lock file keeps what it had there too.
        notes: What an account says of itself.
        in_place: Entries that are as they were.
    """

    changes: tuple[Pulled, ...] = ()
    unread: tuple[Unread, ...] = ()
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    in_place: int = 0

    def __add__(self, other: "Found") -> "Found":
        """Give both."""
        return Found(
            tuple(sorted((*self.changes, *other.changes), key=lambda change: change.key)),
            self.unread + other.unread,
            self.troubles + other.troubles,
            self.notes + other.notes,
            self.in_place + other.in_place,
        )


@dataclass(frozen=True, slots=True)
class PullRun:
    """What a whole pull found. `stopped` says why it ended early; empty where it did not."""

    found: Found
    stopped: str = ""

    @property
    def is_complete(self) -> bool:
        """Tell whether everything could be read."""
        return not (self.found.unread or self.stopped)

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing but days changed, and nothing is wrong."""
        return not self.found.troubles and all(change.turn is Turn.READ_AGAIN for change in self.found.changes)
