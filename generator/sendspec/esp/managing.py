"""How an ESP's account is managed: what of it is read, compared and changed. The network is only in `manage.py` of each.

Diff, order, limits and words live in `sendspec.plan`; an ESP only reads and changes.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import cast

from sendspec.esp.interface import optional_part
from sendspec.model.account import Account
from sendspec.model.keeper import Aws, Keeper
from sendspec.model.live import LiveAccount, Outcome
from sendspec.model.plan import Change, Stage
from sendspec.model.setup import Setup
from sendspec.net.http import Http


class Removal(StrEnum):
    """How something leaves an account."""

    DELETE = "delete"
    ARCHIVE = "archive"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """What is true of every resource of a kind at this ESP. Paths are dotted, from `Resource.properties`.

    Attributes:
        title: For sentences: `message stream`.
        stage: When it is made.
        later: Path of a property -> the stage in which it is set; everything else is set when the resource is made.
        create_only: Paths that cannot be changed: the resource is replaced.
        unreadable: Paths that no read gives back; never compared.
        removal: How it goes.
        without: What happens to mail of its streams when it is gone, with a place for the stream's name:
            "SES refuses mail of {streams} that names it". Empty: nothing.
        stops_mail: `without` means that mail stops.
        meanings: Path (or its start) -> what a difference there means, with {streams}, {before} and {after}.
        stopping: Path -> values that stop the mail of its streams when they are set (`SendingOptions.SendingEnabled`: False).
        is_verified_by_dns: The ESP looks at DNS before it works.
        comes_along: Ids of resources that exist as soon as what they depend on does: whoever made that has made them.
        source: Where the ESP says what can be changed.
    """

    title: str
    stage: Stage
    source: str
    later: Mapping[str, Stage] = field(default_factory=dict)
    create_only: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()
    removal: Removal = Removal.DELETE
    without: str = ""
    stops_mail: bool = False
    meanings: Mapping[str, str] = field(default_factory=dict)
    stopping: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    is_verified_by_dns: bool = False
    comes_along: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an ESP's code needs to read and change one account.

    Attributes:
        native_ids: `kind/id` -> what the ESP calls it, as the lock file remembers what sendspec made or adopted.
        begun: `kind/id` of what a run before began to make, and no answer came: if it is there, it is sendspec's.
    """

    setup: Setup
    account: Account
    keeper: Keeper
    http: Http
    aws: Aws
    now: Callable[[], datetime]
    native_ids: Mapping[str, str] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Manager:
    """How accounts of one ESP are managed.

    Attributes:
        kinds: By `Resource.kind`; a kind that is absent is reported, never changed.
        read: Reads the resources named (`kind/id`): those the spec wants and those sendspec owns, and what was issued for
            them. Never raises for what the world does. One that does not exist is absent from `found`.
        apply: Carries out one change, idempotently: what is done already is done. Retries as the ESP asks, within reason.
            Never raises for what the world does.
    """

    kinds: Mapping[str, ResourceKind]
    read: Callable[[Desk, Collection[str]], Awaitable[LiveAccount]]
    apply: Callable[[Desk, Change], Awaitable[Outcome]]


@cache
def load_manager(esp_id: str) -> Manager | None:
    """Import how accounts of an ESP are managed; None for one that is managed by hand. Raises KeyError as `load_esp`."""
    return cast("Manager | None", optional_part(esp_id, "manage", "MANAGER"))
