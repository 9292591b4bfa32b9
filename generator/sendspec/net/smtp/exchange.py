"""What an exchange with a submission endpoint comes to: phases with their times, and the first thing that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from sendspec.model.secret import Secret
from sendspec.model.vocabulary import Tls

NOTHING: Mapping[str, str] = MappingProxyType({})


class Phase(StrEnum):
    """The steps of a submission, in their order (RFC 5321, RFC 3207, RFC 4954). EHLO comes twice with STARTTLS."""

    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    EHLO_TLS = "ehlo over tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"
    """What follows the final dot."""
    RSET = "rset"
    QUIT = "quit"


class Failure(StrEnum):
    """What went wrong first. Each value is a clause for a sentence about the endpoint."""

    STOPPED = "it was not looked at any further"
    """The deadline of the run had passed."""
    NO_ROUTE = "this machine has no route to it"
    UNREACHABLE = "the network says that it cannot be reached"
    CONNECTION_REFUSED = "the connection is refused"
    CONNECT_TIMEOUT = "the connection is not answered"
    CLOSED_BEFORE_BANNER = "the connection is closed before a greeting"
    BANNER_BUSY = "the greeting is 421: no service now, or too many connections"
    BANNER_NO_SERVICE = "the greeting is 554: no SMTP service here"
    BANNER_OTHER = "the greeting is none"
    TLS_EXPECTED = "it waits for TLS from the first byte"
    PLAIN_TEXT = "it speaks plain text where TLS from the first byte is expected"
    EHLO_REFUSED = "EHLO is refused"
    STARTTLS_MISSING = "STARTTLS is not offered"
    STARTTLS_REFUSED = "STARTTLS is refused"
    STARTTLS_INJECTED = "plain text stands between STARTTLS and the handshake"
    CERTIFICATE_EXPIRED = "its certificate has expired"
    CERTIFICATE_EARLY = "its certificate is not valid yet"
    CERTIFICATE_NAME = "its certificate is for another name"
    CERTIFICATE_AUTHORITY = "its certificate comes from nobody we trust"
    CERTIFICATE_OTHER = "its certificate is not acceptable"
    TLS_VERSION = "it speaks no TLS newer than 1.1"
    TLS_FAILED = "TLS cannot be agreed on"
    AUTH_MISSING = "AUTH is not offered over TLS"
    AUTH_MECHANISM = "AUTH offers neither PLAIN nor LOGIN"
    AUTH_REFUSED = "the login is refused"
    AUTH_TEMPORARY = "the login is refused for now"
    AUTH_REQUIRED = "it asks for a login"
    MAIL_REFUSED = "the sender is refused"
    MAIL_DEFERRED = "the sender is refused for now"
    SMTPUTF8_MISSING = "an address outside ASCII needs SMTPUTF8, which is not offered"
    RCPT_REFUSED = "the recipient is refused"
    RCPT_DEFERRED = "the recipient is refused for now"
    GREYLISTED = "the recipient is greylisted"
    QUOTA = "a quota or a rate is used up"
    DATA_REFUSED = "the message is refused"
    DATA_DEFERRED = "the message is refused for now"
    DATA_LOST = "nobody knows whether the message was taken"
    CLOSING = "it ends the session with 421"
    CLOSED = "the connection is closed in the middle"
    TIMEOUT = "no answer in time"
    ENDLESS = "an answer without end"
    MALFORMED = "something that is no SMTP answer"
    UNEXPECTED = "an answer that this command cannot have"

    @property
    def is_unknown(self) -> bool:
        """Tell whether it says nothing about the endpoint: another look may find it sound."""
        return self in {Failure.STOPPED, Failure.NO_ROUTE, Failure.CONNECT_TIMEOUT, Failure.TIMEOUT}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, for each reply, for what follows the final dot of a message.

    A reply that takes longer than `slow` is a finding of its own. RFC 5321 section 4.5.3.2 lets servers take minutes;
    applications do not wait so long, and neither does a check. After the final dot its 10 minutes hold: whoever hangs
    up there sends twice.
    """

    connect: float = 10.0
    reply: float = 30.0
    message: float = 600.0
    slow: float = 5.0


@dataclass(frozen=True, slots=True)
class Target:
    """One address of an endpoint. `host` is the name that its certificate must be for; `address` an IP address."""

    host: str
    address: str
    port: int
    tls: Tls

    def to_text(self) -> str:
        """Give `smtp.example.com:587 (192.0.2.1)`."""
        return f"{self.host}:{self.port} ({self.address})"


@dataclass(frozen=True, slots=True)
class Login:
    """What AUTH gets. It leaves over verified TLS only."""

    user: Secret
    password: Secret


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a transaction is from and to. Without a recipient only the sender is tried."""

    sender: str
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that failed.

    Attributes:
        phase: Where.
        reply: What the server said, at most 200 characters, without secrets; empty where it said nothing.
        detail: What else is known, in words: `wants smtp.example.com, has mail.example.net`.
    """

    failure: Failure
    phase: Phase
    reply: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one envelope; `problem` is None when sender and recipient were taken."""

    envelope: Envelope
    problem: Problem | None


@dataclass(slots=True)
class Exchange:
    """What came of one session on one address.

    Attributes:
        phases: (phase, seconds) in their order; phases of several envelopes stand one after the other.
        problem: What ended the session early; None when it came to its end. A refused envelope ends no session.
        banner: The greeting, shortened.
        plain_offer: EHLO keywords before TLS, upper case, with their parameters.
        offer: The same over TLS; empty when it did not come so far.
        tls_version: `TLSv1.3`; empty without.
        certificate_days: How long the certificate is still valid.
        has_logged_in: AUTH was accepted.
        tried: The envelopes that were answered.
        accepted: What the server said to the message, if one was sent.
        round_trip_seconds: The shortest exchange of one command and its reply; 0.0 where there was none.
    """

    target: Target
    phases: list[tuple[Phase, float]] = field(default_factory=list)
    problem: Problem | None = None
    banner: str = ""
    plain_offer: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    offer: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    tls_version: str = ""
    certificate_days: int | None = None
    has_logged_in: bool = False
    tried: list[Tried] = field(default_factory=list)
    accepted: str = ""
    round_trip_seconds: float = 0.0

    @property
    def slowest(self) -> tuple[Phase, float]:
        """Give the phase that took longest; (CONNECT, 0.0) where there was none."""
        return max(self.phases, key=lambda each: each[1], default=(Phase.CONNECT, 0.0))

    @property
    def problems(self) -> Sequence[Problem]:
        """Give everything that failed: in the session, then envelope by envelope."""
        own = () if self.problem is None else (self.problem,)
        return (*own, *(each.problem for each in self.tried if each.problem is not None))
