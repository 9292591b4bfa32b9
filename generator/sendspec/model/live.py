"""What exists at an ESP or a DNS host, as one read of it told; and what came of changing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sendspec.model.dns_record import Value

NOTHING: Mapping[str, object] = {}


class Verification(StrEnum):
    """Whether an ESP has seen what it asks for in DNS."""

    NOT_NEEDED = "not needed"
    DONE = "verified"
    PENDING = "not verified yet"
    FAILED = "verification failed"


@dataclass(frozen=True, slots=True)
class LiveResource:
    """Something that exists at an ESP, in the shape of `sendspec.model.resource.Resource`.

    Attributes:
        kind, id: Those of the `Resource` it is, by the ESP's own way of telling them apart (an identity by its domain, a
            webhook by its address): what the spec wants and what exists meet in them.
        native_id: What the ESP calls it: a number, an ARN.
        properties: In the field names of the `Resource`, and in its spelling where both mean the same (defaults written
            out, lists in the same order, placeholders where a value is what the placeholder stands for). Never a secret:
            one that differs from what it should be is `‹another value›`.
        verification, verification_words: What the ESP says of DNS, in its own words.
    """

    kind: str
    id: str
    native_id: str
    properties: Mapping[str, object]
    verification: Verification = Verification.NOT_NEEDED
    verification_words: str = ""

    @property
    def key(self) -> str:
        """Give `kind/id`."""
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be looked at. Nothing is planned there: unknown is neither there nor missing.

    `reason` is a clause without any secret; `fix` says what to do.
    """

    where: str
    reason: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class LiveAccount:
    """What one read of an account found of the resources that it was asked for.

    Attributes:
        found: By `kind/id`.
        unread: Kinds that could not be read, with why; nothing is planned for them. Empty key: the whole account.
        issued: Domain -> part of its lock entry (`dkim`, `domain`) -> value, without the day. What the ESP issued, in the
            shape of the lock file.
        notes: What a reader of the plan should know of the account: in the sandbox, an approval pending.
    """

    found: Mapping[str, LiveResource] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)
    issued: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveRRset:
    """All values of one name and type at a DNS host. Logical values: unquoted, one string a TXT, no trailing dots.

    `type` may be any type (`A`, `NS`): what stands beside a CNAME matters. Values of types other than CNAME, MX and TXT
    are presentation format. `native` is what the host needs to change it (record ids); empty where a name is enough.
    `is_alias`: the host makes the answer up (Route 53 alias, Cloudflare flattening): it cannot be compared or merged.
    `masked`: why the world does not see these values although they stand here (Cloudflare's proxy answers in their
    place), as a clause; empty where it does. A set that is masked is not as it should be: writing it again unmasks it.
    """

    name: str
    type: str
    ttl_seconds: int
    values: tuple[Value, ...]
    native: tuple[str, ...] = ()
    is_alias: bool = False
    masked: str = ""


@dataclass(frozen=True, slots=True)
class LiveZone:
    """A zone at its DNS host. `rrsets` are by (name, type), as many of them as were asked for or all."""

    zone: str
    native_id: str = ""
    rrsets: Mapping[tuple[str, str], LiveRRset] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)
    """By name, for a host that is asked name by name; empty key: the whole zone."""


class Failure(StrEnum):
    """Why a change did not come about."""

    REFUSED = "refused"
    """It was not done, and will not be without another request."""
    LATER = "try again later"
    """Too many calls, or out of order: it was not done after as many tries as are sensible."""
    UNKNOWN = "nobody knows"
    """The answer was lost: it may have been done. The next plan tells."""
    NEEDS = "something is missing"
    """A credential, an input, a right."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one change.

    Attributes:
        failure: None when it was done, or was done already.
        said: The provider's words on a failure, short, without any secret.
        fix: What to do about it.
        native_id: What the provider calls what was made.
        issued: Domain -> part -> value, as in `LiveAccount.issued`: what the answer issued, and what it cost nothing to keep.
        notes: What people have to do or know now ("SNS has posted a SubscriptionConfirmation to ...").
    """

    failure: Failure | None = None
    said: str = ""
    fix: str = ""
    native_id: str = ""
    issued: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
