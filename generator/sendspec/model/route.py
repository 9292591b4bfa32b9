"""One way a stream leaves: endpoint, events, and the numbers a client needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import BaseModel

from sendspec.model.credential import Login
from sendspec.model.limits import NO_PORTS
from sendspec.model.origin import Origin
from sendspec.model.vocabulary import Event, Role, Support, Tls, Via

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Events:
    """A subscription: the URL with `{kind}` and `{esp}` already filled in, and the events wanted, sorted."""

    url: str
    types: tuple[Event, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how a route hands mail over.

    Attributes:
        host, port, tls: SMTP only; for the API `host` is the API host, `port` 443 and `tls` implicit.
        base_url: API only, without a trailing slash.
        username, password: SMTP AUTH. For an API `password` is the key and `username` None; both None when the
            client library brings its own credentials (the ambient AWS chain).
        headers: Message headers an SMTP client must set so that the ESP knows the stream, in the order to emit.
        options: What API clients must be told, in the ESP's own words (`message_stream`, `configuration_set`, `region`).
        smtp_support: What is known of SMTP at this endpoint's region.
        needs_credentials: Names below the account's `credentials:` that this way of sending cannot do without.
        ports: SMTP only: the ports the ESP serves, by the TLS they speak, preferred one first. A mode that is absent
            is not served.
        esp_stream: What keeps this mail's reputation and suppressions apart within the account, in the ESP's words
            (`message stream receipts`); empty where nothing does.
        ip_pool: Name of the pool of IP addresses; empty: the account's default.
    """

    via: Via
    host: str
    port: int
    tls: Tls
    base_url: str = ""
    username: Login | None = None
    password: Login | None = None
    headers: tuple[tuple[str, str], ...] = ()
    options: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    smtp_support: Support = Support.YES
    needs_credentials: tuple[str, ...] = ()
    source: str = ""
    ports: Mapping[Tls, tuple[int, ...]] = field(default_factory=lambda: NO_PORTS)
    esp_stream: str = ""
    ip_pool: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential backoff with full jitter: wait random(0, min(cap, base * 2**n)) before try n+1."""

    attempts: int
    base_seconds: float
    cap_seconds: float
    retry_status: tuple[int, ...]
    never_status: tuple[int, ...]
    retry_after_header: str
    idempotency_header: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Numbers a client needs, computed from the stream's peak and the ESP's limits.

    Attributes:
        peak_per_second: None when the spec declares no volume.
        connections: SMTP connections, or parallel API requests, to keep open at most.
        messages_per_connection: After so many, reconnect (SMTP).
        rate_per_second: Messages per second to allow at most over SMTP, requests per second over the API.
        batch_size: Messages per API call; 1 where the ESP or the stream cannot batch.
        seconds_per_message: The latency assumed, warm, as (best, worst).
        connect_timeout_seconds, read_timeout_seconds: For every client that would otherwise wait for minutes.
        because: What each number was computed from, one line each, for comments in the files.
    """

    peak_per_second: float | None
    connections: int
    messages_per_connection: int
    rate_per_second: int
    batch_size: int
    seconds_per_message: tuple[float, float]
    connect_timeout_seconds: int
    read_timeout_seconds: int
    retry: Retry
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One way a stream leaves. `settings` is the ESP's own route model; `number` counts routes of one role from 1."""

    stream: str
    role: Role
    via: Via
    account: str
    endpoint: Endpoint
    events: Events | None
    delivery: Delivery
    settings: BaseModel
    origin: Origin
    number: int = 1

    @property
    def id(self) -> str:
        """Give `receipts.primary`; the second fallback is `receipts.fallback-2`."""
        return f"{self.stream}.{self.role}" + (f"-{self.number}" if self.number > 1 else "")
