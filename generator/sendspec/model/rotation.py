"""Credentials that are replaced, and DKIM keys: what a run would do, and what came of it. No value of a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sendspec.model.live import Failure

UNDER_WAY = "under_way"
"""The part of an entry below `rotations:` that says how far a rotation has come."""


class Todo(StrEnum):
    """What a run does about one key."""

    BEGIN = "begin"
    RESUME = "resume"
    VERIFY = "verify"
    """The new one is in the store, and has not been tried from there."""
    DISABLE = "disable"
    DELETE = "delete"
    BY_HAND = "by hand"
    """It only says what people have to do, and looks at what they did."""
    WAIT = "wait"
    NOTHING = "nothing"
    BLOCKED = "blocked"

    @property
    def changes(self) -> bool:
        """Tell whether it changes anything outside of the lock file."""
        return self in {Todo.BEGIN, Todo.RESUME, Todo.VERIFY, Todo.DISABLE, Todo.DELETE}


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a run would do about one key, in words.

    Attributes:
        id: The credential that its state is kept under, or `ACCOUNT/dkim/DOMAIN`.
        said: One sentence: what is done, or why nothing is.
        then: What it means for apps and people, one sentence each.
        failure, fix: Of what is blocked.
        since, age_seconds, rotate_every_seconds: None where nobody knows, or the spec does not say.
        credentials: Ids of all that are parts of the same key.
    """

    id: str
    account: str
    todo: Todo
    said: str
    then: tuple[str, ...] = ()
    failure: Failure | None = None
    fix: str = ""
    age_seconds: float | None = None
    rotate_every_seconds: int | None = None
    since: datetime | None = None
    credentials: tuple[str, ...] = ()

    @property
    def is_due(self) -> bool:
        """Tell whether it is older than the spec allows."""
        return None not in (self.age_seconds, self.rotate_every_seconds) and (
            (self.age_seconds or 0) >= (self.rotate_every_seconds or 0)
        )


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of one key.

    Attributes:
        done: What was done, a clause each, in order.
        failure, said, fix: Why it did not come to its end; None and empty otherwise.
        then: What comes next, one sentence each: for people, or for the next run.
        until: From when on the next run has something to do.
    """

    id: str
    account: str
    done: tuple[str, ...] = ()
    failure: Failure | None = None
    said: str = ""
    fix: str = ""
    then: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RotationRun:
    """What a run of `rotate` came to. `notes` are about accounts."""

    prospects: tuple[Prospect, ...]
    rotated: tuple[Rotated, ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    """Accounts whose keys are not ours to make, each with the way out."""
    stopped: str = ""
    is_agreed: bool = True

    @property
    def since(self) -> Mapping[str, datetime]:
        """Give from when on each credential is there, where that is known."""
        return {name: each.since for each in self.prospects if each.since is not None for name in each.credentials}


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying credentials as apps use them: API calls that only read, and SMTP logins.

    `refused` and `unknown` are sentences without any secret. Nothing tried and nothing unknown: nothing sends with them.
    """

    tried: int = 0
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Tell whether everything that could be tried was accepted."""
        return not self.refused and not self.unknown

    @property
    def words(self) -> str:
        """Give why it is not good."""
        return "; ".join((*self.refused, *self.unknown))
