"""A plan: what differs between the spec and the world, and what `apply` would do about it, as data.

It is saved, reviewed and compared. There is no secret in it and nothing that only this process knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.live import Unread
from sendspec.model.origin import Origin

DNS, ESP = "dns", "esp"
"""How keys of changes start, by layer."""


class Stage(StrEnum):
    """The order of need. A stage begins when the one before it is done."""

    ISSUE = "issue"
    """At the ESP, so that it issues values: accounts, configuration sets, identities."""
    DNS = "dns"
    """Records, with what was issued."""
    VERIFY = "verify"
    """The ESP looks at DNS."""
    RETURN_PATH = "return-path"
    """What the ESP refuses before it sees DNS: the MAIL FROM."""
    EVENTS = "events"
    """Topics, destinations, webhooks; keys and policies."""
    REMOVE = "remove"
    """What nothing needs any more."""

    @property
    def rank(self) -> int:
        """Give its place in the order, from 0."""
        return list(Stage).index(self)


class Action(StrEnum):
    """What is done."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    """Removed and made anew: the provider cannot change it."""
    DELETE = "delete"
    ADOPT = "adopt"
    """It exists and is as the spec says; from now on it is sendspec's."""
    VERIFY = "verify"
    """Ask the ESP to look at DNS again."""


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One value that differs. `path` is dotted (`MailFromAttributes.MailFromDomain`); None: absent. JSON-able values."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do.

    Attributes:
        key: `esp/ACCOUNT/KIND/ID` or `dns/ZONE/NAME/TYPE`; with `#PART` when a resource changes in two stages.
        place: Account id or zone.
        subject: `kind/id` of the resource, or `NAME TYPE` of the RRset.
        before, after: The whole resource or RRset as it is and as it will be (DNS: {ttl, values}); None: absent.
        differences: What of it changes.
        native_id: What the provider calls what is changed.
        is_owned: sendspec made or adopted it before this plan.
        means: What it means, one sentence each: for which stream, from when on.
        stops: Ids of the streams whose mail it stops. It needs `--allow-outage` for each.
        needs: Keys of changes that come first.
        inputs: Names of what only a person can give (`${input:NAME}`).
    """

    key: str
    place: str
    subject: str
    action: Action
    stage: Stage
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    origin: Origin
    differences: tuple[PropertyChange, ...] = ()
    native_id: str = ""
    is_owned: bool = False
    means: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    why: str = ""
    source: str = ""

    @property
    def layer(self) -> str:
        """Give `dns` or `esp`."""
        return self.key.partition("/")[0]


class Hold(StrEnum):
    """Why something that differs is not changed."""

    FOREIGN = "foreign"
    """It exists, and sendspec neither made nor adopted it: `--adopt`."""
    REPORTED = "reported"
    """Somebody else manages it (`managed: files`, a manual zone, a customer's DNS)."""
    BY_HAND = "by-hand"
    """The provider has no call for it."""
    INPUT = "input"
    """It needs something only a person can give: `--input`."""
    CONFLICT = "conflict"
    """Something foreign stands in the way, as a CNAME beside other data."""


@dataclass(frozen=True, slots=True)
class Held:
    """A change that would be needed and is not carried out. `fix` says how it comes about."""

    change: Change
    hold: Hold
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something that can only be done once somebody else has acted. Nothing waits for it.

    Attributes:
        key: What it is about, as `Change.key`; for a pending record `dns/ZONE/NAME/TYPE` with the unknown in ‹ ›.
        what: One sentence: what is awaited from whom.
        then: One sentence: what comes next.
        brought_by: Keys of changes of this plan that bring it about; empty: only time or somebody else does.
        opens: Keys of records that will follow, with what is not known yet in ‹ ›: their values are not known; and of
            looks at DNS. `apply` may make them without asking again.
        follows: Changes that will follow, as they are known now. `apply` may make them without asking again.
    """

    key: str
    what: str
    then: str
    brought_by: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    follows: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that differs. All tuples are in the order of work, then by key."""

    changes: tuple[Change, ...] = ()
    held: tuple[Held, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    in_place: int = 0
    """How many resources and RRsets are as the spec says."""
    adopted: tuple[str, ...] = ()
    """The patterns of `--adopt` that it was made with."""
    gone: tuple[str, ...] = ()
    """Keys of what is ours by the lock file, is wanted no more and exists no more: `apply` forgets them."""

    @property
    def is_clean(self) -> bool:
        """Tell whether the world is what the spec says, as far as could be seen."""
        return not (self.changes or self.held)

    def stopping(self) -> Iterator[Change]:
        """Give the changes that stop mail of a stream."""
        return (change for change in self.changes if change.stops)
