"""What an ESP says of an account when one of its keys asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sendspec.model.origin import Origin
from sendspec.model.trouble import Trouble
from sendspec.model.vocabulary import Event


class Access(StrEnum):
    """What came of asking with a key."""

    GOOD = "the key is good"
    RESTRICTED = "the key is good, and may not read its account"
    """By design: a key for sending alone proves itself by being told that reading is not for it."""
    REFUSED = "the key is refused"
    FORBIDDEN = "the key may not do this"
    WRONG_REGION = "the key is of another region"
    RATE_LIMITED = "too many calls"
    BROKEN = "the ESP is out of order"
    UNREACHABLE = "no answer"
    UNEXPECTED = "an answer that is not the documented one"
    NO_KEY = "no key to ask with"


class Standing(StrEnum):
    """Whether the ESP lets the account send; the worst that holds."""

    SENDING = "may send"
    PROBATION = "on probation"
    SANDBOX = "in the sandbox"
    PENDING = "waiting for approval"
    PAUSED = "sending is paused"
    SUSPENDED = "suspended"
    UNKNOWN = "not told"


class Aspect(StrEnum):
    """In what an account can differ from what the spec implies, apart from what has a field of its own."""

    STREAM_MISSING = "a part of the account that mail is to leave through does not exist"
    STREAM_ARCHIVED = "a part of the account that mail is to leave through is archived or switched off"
    STREAM_TYPE = "a part of the account that mail is to leave through is for another kind of mail"
    SMTP_OFF = "SMTP is switched off"
    ADDRESS_OVERRIDES = "an identity for one address overrides that of its domain"
    TEST_SERVER = "what should send only pretends to"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise at the ESP than the spec implies. Texts are in the ESP's own words."""

    aspect: Aspect
    at: Origin
    about: str
    expected: str
    seen: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What the ESP grants; None where it does not say. Counted as the ESP counts (SES: recipients).

    Attributes:
        granted, used: Within `period`.
        period: `24 hours`, `month`; empty where nothing is granted by time.
    """

    per_second: float | None = None
    granted: float | None = None
    used: float | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a key may do, in the ESP's words.

    `missing` are rights that sending needs, `surplus` those that sending does not.
    """

    all: tuple[str, ...]
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()


class Excess(StrEnum):
    """In what whoever sends with a key may do more than its streams need."""

    ACTIONS = "may do more than send"
    ADDRESSES = "may send from other addresses"
    PLACES = "may send through other identities or configuration sets"


@dataclass(frozen=True, slots=True)
class Surplus:
    """One right that is wider than it has to be. `seen` is in the ESP's words, with where it comes from."""

    excess: Excess
    expected: str
    seen: str


@dataclass(frozen=True, slots=True)
class KeyInspection:
    """What whoever sends with a key may do, as another key was told.

    Attributes:
        holder: Whose the key is, for a sentence: `IAM user mailer`; empty where that is not known.
        wanted: Names of what gives exactly the rights that are needed.
        hidden, fix: Why it cannot be told, and what to do; empty where it can.
        compared: How many rights were looked at.
    """

    asked: str
    holder: str = ""
    wanted: tuple[str, ...] = ()
    surplus: tuple[Surplus, ...] = ()
    hidden: str = ""
    fix: str = ""
    compared: int = 0


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as it is registered.

    Attributes:
        events: What it posts; an event counts when everything that stands for it is switched on.
        url: Without user and password; empty where this key cannot see it.
        is_authenticated: Its posts prove whom they come from: signed, or with an agreed password.
        esp_stream: The part of the account whose events it posts; empty: all.
    """

    url: str
    events: frozenset[Event]
    is_enabled: bool = True
    is_authenticated: bool = True
    esp_stream: str = ""


@dataclass(frozen=True, slots=True)
class WantedWebhook:
    """A webhook as the spec implies it; `esp_stream` as in `Webhook`."""

    url: str
    events: frozenset[Event]
    at: Origin
    esp_stream: str = ""


@dataclass(frozen=True, slots=True)
class AccountState:
    """What one key was told.

    Attributes:
        asked: The call: `GET https://api.example.com/v3/scopes`.
        status: HTTP status of the answer that decided; None without one.
        trouble: Why there was none.
        said: The ESP's own words on what is wrong, short, without any secret.
        address: Who answered.
        certificate_days: How long the endpoint's certificate is still valid.
        back_at: When to ask again, where the ESP said so.
        standing, standing_words: Whether it may send, and how the ESP says it.
        rights: None where the ESP does not tell a key what it may do.
        wanted: Webhooks that the spec implies, to compare with.
        webhooks: None where this key cannot see them; `webhooks_hidden` says why, if it should have seen them.
        domains: Sender domains as the account knows them, with whether it calls them verified. Never decisive: such
            flags are cached or never go back. None where this key cannot see them.
        differences: What is otherwise than the spec implies.
        compared: How many things were found as the spec implies.
    """

    access: Access
    asked: str
    status: int | None = None
    trouble: Trouble | None = None
    said: str = ""
    address: str = ""
    certificate_days: int | None = None
    back_at: datetime | None = None
    standing: Standing = Standing.UNKNOWN
    standing_words: str = ""
    quota: Quota = Quota()
    rights: KeyRights | None = None
    wanted: tuple[WantedWebhook, ...] = ()
    webhooks: tuple[Webhook, ...] | None = None
    webhooks_hidden: str = ""
    domains: Mapping[str, bool] | None = None
    differences: tuple[Difference, ...] = ()
    compared: int = 0
