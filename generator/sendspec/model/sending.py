"""How one message goes through an ESP, and how the ESP tells what became of it: pure functions and data of each ESP."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from sendspec.model.account import Account
from sendspec.model.blame import Blame
from sendspec.model.credential import Credential
from sendspec.model.fact import Fact
from sendspec.model.route import Endpoint
from sendspec.model.secret import Secret
from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Event

NO_BLAMES: Mapping[str, Blame] = MappingProxyType({})
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, before it is somebody's format.

    Attributes:
        marker: Unique to this message, of letters, digits, `-`; the ESP gives it back in its events.
        headers: Message headers of its own, in their order; without From, To, Subject, Date and Message-ID.
    """

    marker: str
    sender: Mailbox
    recipient: str
    subject: str
    text: str
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A call as data, ready for `Http`. Its headers may hold a key, so no text shows them."""

    method: str
    url: str
    headers: Headers = field(default=(), repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an ESP answered to a message.

    Attributes:
        is_accepted: It took the message.
        id: Its id for the message; empty without one.
        code: Its own name or number for a refusal (`406`, `MessageRejected`); empty without one.
        said: Its words about a refusal.
    """

    is_accepted: bool
    id: str = ""
    code: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a refusal in the ESP's own words means, where the code alone misleads.

    Attributes:
        codes: SMTP reply codes, or the ESP's API codes.
        words: A part of its text, lower case; empty: any text.
    """

    codes: tuple[str, ...]
    words: str
    blame: Blame
    because: str
    source: str

    def fits(self, code: str, said: str) -> bool:
        """Tell whether a refusal is this one."""
        return code in self.codes and self.words in said.lower()


@dataclass(frozen=True, slots=True)
class TestAddress:
    """An address at the ESP that people may send to without an inbox behind it.

    Attributes:
        address: `success@simulator.amazonses.com`.
        takes_label: `success+anything@` works too, so that the address itself can carry the marker.
    """

    address: Fact[str]
    takes_label: bool = False

    __test__ = False

    def marked(self, marker: str) -> str:
        """Give the address, with the marker in it where that is possible."""
        local, _, domain = self.address.value.rpartition("@")
        return f"{local}+{marker}@{domain}" if self.takes_label else self.address.value


@dataclass(frozen=True, slots=True)
class EventSeen:
    """One event that an ESP told of.

    Attributes:
        event: What it is; None for one that sendspec has no word for (the ESP has taken the message, say).
        name: The ESP's word.
        message_id: The ESP's id of the message.
        text: All of it, to look for a marker in.
        detail: What else the ESP says of it: a bounce's reason.
    """

    event: Event | None
    name: str
    message_id: str = ""
    text: str = field(default="", repr=False)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What came to a webhook. Header names are lowercase."""

    headers: Mapping[str, str]
    body: bytes


class Proof(StrEnum):
    """Whether a post comes from the ESP."""

    GOOD = "signed by the ESP"
    BAD = "its signature does not fit"
    STALE = "its signature is of another time"
    MISSING = "it is not signed"
    UNCHECKED = "its signature could not be checked"
    NONE_EXIST = "this ESP signs nothing"


class Fetch(Protocol):
    """Fetches a certificate or a page by https; None where it cannot be had."""

    async def __call__(self, url: str) -> bytes | None:
        """Give what is there."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking a post may use: the key that the reader gave, the time, and https."""

    key: str
    now: datetime
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class Lookup:
    """How an ESP's own API tells what became of a message.

    Attributes:
        credential: Name of the account's credential that may ask.
        search: Takes the route's endpoint, the key and the marker (the subject holds it): the call that finds the message.
        found: Reads its answer: the message's id, empty where it is not there yet.
        details: Takes the key and the id: the call that gives the events.
        events: Reads its answer; None for one that is not understood.
        is_not_yet: Tells by (status, body) whether the message is not known there yet.
    """

    title: str
    credential: str
    search: Callable[[Endpoint, Secret, str], ApiRequest]
    found: Callable[[bytes, str], str]
    details: Callable[[Secret, str], ApiRequest]
    events: Callable[[bytes], Sequence[EventSeen] | None]
    is_not_yet: Callable[[int, bytes], bool]
    every_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Sending:
    """Everything a smoke test has to know about one ESP.

    Attributes:
        addresses: Where to send so that this event comes back; in the order of preference.
        cost: What one test message costs.
        caveat: What a test message does not prove; empty where nothing is known.
        smtp_headers: Takes the route's own headers and a marker: all headers to set so that events carry the marker.
        request: Takes the endpoint of an API route and the message: the call, without its key.
        authorize: Signs or completes a call with the key: user name (None: the key has one part), key, time. Raises
            ValueError with the reason where there is no key to do it with.
        answer: Reads (status, headers with lowercase names, body).
        api_blames: By the ESP's own code, where the HTTP status does not decide.
        refusals: By the ESP's own words, before anything else.
        smtp_id: Reads the message's id from what the SMTP server said last; empty where it does not say it.
        silence: Why a message with this key, at this endpoint, leads to no event at all; empty: it does lead to some.
        read_events: Reads a post; None for a post that is not this ESP's.
        verify: Tells whether a post comes from the ESP.
        confirm: The URL to fetch so that the ESP goes on posting; empty for a post that asks for nothing.
        lookup: Its message API; `no_lookup` says why there is none.
        comes_by_queue: Its events can be read from an SQS queue.
        ambient: What stands for the key of an API route that names none: what the machine itself brings; None: nothing.
    """

    addresses: Mapping[Event, TestAddress]
    cost: str
    smtp_headers: Callable[[Headers, str], Headers]
    request: Callable[[Endpoint, Outgoing], ApiRequest]
    authorize: Callable[[ApiRequest, Endpoint, Secret | None, Secret | None, datetime], ApiRequest]
    answer: Callable[[int, Mapping[str, str], bytes], Answer]
    smtp_id: Callable[[str], str]
    read_events: Callable[[Posted], Sequence[EventSeen] | None]
    verify: Callable[[Posted, Verification], Awaitable[Proof]]
    refusals: tuple[Refusal, ...] = ()
    api_blames: Mapping[str, Blame] = field(default_factory=lambda: NO_BLAMES)
    silence: Callable[[Endpoint, Secret | None], str] = lambda _endpoint, _key: ""
    confirm: Callable[[Posted], str] = lambda _posted: ""
    caveat: str = ""
    lookup: Lookup | None = None
    no_lookup: str = ""
    comes_by_queue: bool = False
    ambient: Callable[[Account], Credential | None] = lambda _account: None
