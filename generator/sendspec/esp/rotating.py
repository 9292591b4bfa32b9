"""How an ESP's credentials and DKIM keys are replaced. The network is only in `rotate.py` of each ESP.

Order, overlap, state and words lie in `sendspec.rotate`; an ESP only reads, makes and revokes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import cast

from sendspec.esp.interface import optional_part
from sendspec.esp.managing import Desk
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.live import Outcome, Unread
from sendspec.model.secret import Secret
from sendspec.model.setup import Setup


@dataclass(frozen=True, slots=True)
class SpecKey:
    """A key as the spec names it: the credentials that are its parts, the secret one last."""

    credentials: tuple[Credential, ...]

    @property
    def id(self) -> str:
        """Give the id of the credential that its state is kept under."""
        return self.credentials[-1].id


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key as it exists.

    Attributes:
        name: What the lock file and texts call it: public, and without the shape of a secret.
        title: The name that people gave it, where the ESP has such.
        made: None where the ESP does not say.
        last_used: None where it was not used, or the ESP does not say.
    """

    name: str
    title: str = ""
    made: datetime | None = None
    is_active: bool = True
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Making:
    """What was noted before a key was made, so that one whose answer is lost is recognised.

    `before` are the names of all keys there were, `tag` is a word that nothing else has.
    """

    begun: datetime
    before: frozenset[str]
    tag: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The keys that exist beside one that the spec names.

    Attributes:
        owner: Whose they are, for a sentence: `IAM user mailer`.
        keys: All of that owner.
        held: Credential id -> name of the key whose value is in its store, for every credential that tells; also those of
            other accounts of the spec.
        sharing: The credentials that are parts of the same key as the one asked for, its own included, secrets after names.
        native: Name -> what the ESP calls it.
        full, full_fix: Why no further key can be made, and what to do; empty where one can.
    """

    owner: str
    keys: tuple[LiveKey, ...]
    held: Mapping[str, str]
    sharing: tuple[Credential, ...]
    native: Mapping[str, str] = field(default_factory=dict, repr=False)
    full: str = ""
    full_fix: str = ""

    def key(self, name: str) -> LiveKey | None:
        """Give a key by its name; None: it exists no more."""
        return next((each for each in self.keys if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Made:
    """A new key. `values`: credential id -> what belongs into its store; `native`: what the ESP calls it."""

    name: str
    values: Mapping[str, Secret] = field(repr=False)
    native: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KeyRotator:
    """How keys are replaced by calls. No function raises for what the world does.

    Attributes:
        title: For sentences: `access key`.
        keys: The keys that an account of the spec sends with.
        look: What exists beside a key. Unread where it cannot be told.
        is_ours: Tells whether a key comes from a making that was noted.
        make: Makes a key. One whose answer is lost is found by `is_ours`.
        recover: Gives what would belong into the stores of a key that was made before and whose value only the stores can
            have, in part; None where that cannot be known. A trial tells whether it is right.
        settle: What is left to do at the ESP once the new key is in its store.
        disable: Makes a key unusable in a way that can be taken back; None where the ESP has no such thing.
        delete: Removes a key; one that is gone is removed.
        resource: `kind/id` of the resource that a key is for plan and apply; empty: none.
        again: How a disabled key is switched on again, a command or a sentence.
    """

    title: str
    keys: Callable[[Setup, Account], tuple[SpecKey, ...]]
    look: Callable[[Desk, SpecKey], Awaitable[Standing | Unread]]
    is_ours: Callable[[LiveKey, Making], bool]
    make: Callable[[Desk, SpecKey, Standing, Making], Awaitable[Made | Outcome]]
    recover: Callable[[Desk, Sequence[Credential], Standing, str], Awaitable[Mapping[str, Secret] | None]]
    settle: Callable[[Desk, SpecKey, str], Awaitable[Outcome]]
    delete: Callable[[Desk, Standing, str], Awaitable[Outcome]]
    resource: Callable[[SpecKey], str]
    disable: Callable[[Desk, Standing, str], Awaitable[Outcome]] | None = None
    again: Callable[[Standing, str], str] = lambda _standing, _name: ""


@dataclass(frozen=True, slots=True)
class HandRotator:
    """How people replace a key for which the ESP has no calls.

    Attributes:
        name_of: A name for the value of a key, that nobody can find the value by.
        existing: Names of all that exist; None where that cannot be known.
        to_make, to_remove: What a person does, a sentence each.
    """

    title: str
    keys: Callable[[Setup, Account], tuple[SpecKey, ...]]
    name_of: Callable[[SpecKey, Mapping[str, Secret]], str]
    existing: Callable[[Desk, SpecKey], Awaitable[frozenset[str] | None]]
    to_make: Callable[[Account, SpecKey], tuple[str, ...]]
    to_remove: Callable[[Account, SpecKey], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DkimRotator:
    """How the DKIM key of a domain is replaced: one that is published beside the old one, then signed with.

    Each gives what the lock file keeps as `Outcome.issued`: `dkim`, `next` and `previous`.

    Attributes:
        itself: Why there is nothing to do here: the ESP does it by itself; empty where it does not.
        request: Makes a key; while one waits no other is made.
        switch: Signs with `next`, whose record is in DNS; `date` is the day until which the old one stays.
        finish: Looks whether the old one may go; `date` is today.
        meanwhile: What happens to mail while it switches, a sentence; empty: nothing.
    """

    itself: Callable[[Account], str]
    request: Callable[[Desk, str], Awaitable[Outcome]]
    switch: Callable[[Desk, str, date], Awaitable[Outcome]]
    finish: Callable[[Desk, str, date], Awaitable[Outcome]]
    meanwhile: str = ""


@dataclass(frozen=True, slots=True)
class Rotator:
    """How one ESP's credentials and DKIM keys are replaced."""

    keys: KeyRotator | HandRotator
    dkim: DkimRotator


@cache
def load_rotator(esp_id: str) -> Rotator | None:
    """Import how an ESP's keys are replaced; None for one without. Raises KeyError as `load_esp`."""
    return cast("Rotator | None", optional_part(esp_id, "rotate", "ROTATOR"))
