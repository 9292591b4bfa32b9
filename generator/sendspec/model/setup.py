"""The compiled setup: every stream, identity, record, endpoint, variable and resource, resolved.

`compile` builds it; rules, targets, explain and (later) check, plan and advise read it. Nothing in it is text in
somebody's format, and no credential's value is in it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel

from sendspec.model.alignment import Proof
from sendspec.model.credential import Credential, Login
from sendspec.model.dmarc import DmarcIntent, DmarcPolicy
from sendspec.model.dns_record import DnsRecord, PendingRecord, Purpose, RRset, SourcedValue, Zone
from sendspec.model.fact import Fact
from sendspec.model.origin import Origin
from sendspec.model.published import PublishedKey, SpfValue
from sendspec.model.spf_budget import SpfBudget
from sendspec.model.thresholds import DEFAULTS, Thresholds

PHRASE = re.compile(r"[^\x00-\x1f\x7f\"(),.:;<>@\[\\\]]+\Z")
NOTHING: Mapping[str, str] = MappingProxyType({})


class StreamKind(StrEnum):
    """Kinds of mail, each with a reputation of its own."""

    MARKETING = "marketing"
    LIFECYCLE = "lifecycle"
    TRANSACTIONAL = "transactional"
    AUTHENTICATION = "authentication"
    SUPPORT = "support"
    NOTIFICATION = "notification"

    @property
    def is_bulk(self) -> bool:
        """Tell whether mailbox providers treat this kind as promotional mail that people subscribe to."""
        return self in {StreamKind.MARKETING, StreamKind.LIFECYCLE}


class Via(StrEnum):
    """How a system hands mail to the ESP."""

    SMTP = "smtp"
    API = "api"


class Role(StrEnum):
    """What a route is for."""

    PRIMARY = "primary"
    FALLBACK = "fallback"


class Tls(StrEnum):
    """TLS on an SMTP submission: STARTTLS is always *required* (RFC 8314 section 4.1), never opportunistic."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class Event(StrEnum):
    """What an ESP can report about a message; each ESP spells it its own way."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    DEFERRED = "deferred"
    COMPLAINED = "complained"
    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    REJECTED = "rejected"


class Need(StrEnum):
    """Features that a stream needs of whoever sends it."""

    TEMPLATES = "templates"
    BATCHING = "batching"
    WEBHOOKS = "webhooks"
    METADATA = "metadata"
    SCHEDULING = "scheduling"
    ATTACHMENTS = "attachments"
    IDEMPOTENCY = "idempotency"


class Capability(StrEnum):
    """What an ESP can do; rules and compile ask for these, never for an ESP's name."""

    SMTP = "smtp"
    API = "api"
    IMPLICIT_TLS = "implicit-tls"
    TEMPLATES_API = "templates-api"
    TEMPLATES_SMTP = "templates-smtp"
    BATCHING = "batching"
    METADATA = "metadata"
    SCHEDULING = "scheduling"
    SCHEDULING_SMTP = "scheduling-smtp"
    IDEMPOTENCY = "idempotency"
    EVENTS = "events"
    SIGNED_EVENTS = "signed-events"
    PER_STREAM_EVENTS = "per-stream-events"
    TRACKING_SWITCH = "tracking-switch"
    DKIM_CNAME = "dkim-cname"
    FEEDBACK_BY_MAIL = "feedback-by-mail"
    """Mails bounces and complaints to the sender where no webhook takes them."""


NO_PORTS: Mapping[Tls, tuple[int, ...]] = MappingProxyType({})


class Support(StrEnum):
    """Three-valued: what a provider's documents say of something."""

    YES = "yes"
    NO = "no"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An RFC 5322 mailbox: display name (may be empty) and addr-spec."""

    display_name: str
    address: str

    def to_text(self) -> str:
        """Give `Name <address>`; the name is quoted where it holds anything but atoms (RFC 5322 section 3.2.4)."""
        if not self.display_name:
            return self.address
        name = self.display_name
        if not PHRASE.match(name):
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{name} <{self.address}>"

    @property
    def local_part(self) -> str:
        """Give what stands before the @."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """Give the domain, lowercase."""
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Sender:
    """A header From of a stream. `key` names the customer where a stream has many senders, else it is empty.

    `subdomain` is the sending identity's domain: what the ESP signs for.
    """

    key: str
    mailbox: Mailbox
    subdomain: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Volume:
    """Declared volume in messages; None where the spec does not say."""

    per_day: int | None = None
    peak_per_hour: int | None = None

    @property
    def peak_per_second(self) -> float | None:
        """Give the peak rate. Without a declared peak: a day's mail in eight hours (assumption, said where shown)."""
        if self.peak_per_hour is not None:
            return self.peak_per_hour / 3600
        if self.per_day is not None:
            return self.per_day / (8 * 3600)
        return None


@dataclass(frozen=True, slots=True)
class Events:
    """A subscription: the URL with `{kind}` and `{esp}` already filled in, and the events wanted, sorted."""

    url: str
    types: tuple[Event, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Limits:
    """What an ESP publishes about itself; None where it publishes nothing.

    `batch_size` counts messages per API call, `batch_needs_template` says that batching works with ESP-held templates
    only; `quota_from` names where an account's granted rate can be read; `smtp_ports` are the submission ports by TLS.
    `bulk_apart` says why bulk mail wants an account of its own; `dedicated_ip_floor` counts messages a month.
    `spf_include` is what SPF at a return-path holds for it, `dkim_bits` the longest RSA key it makes or takes.
    """

    max_message_bytes: Fact[int] | None = None
    max_recipients: Fact[int] | None = None
    max_connections: Fact[int] | None = None
    max_messages_per_connection: Fact[int] | None = None
    batch_size: Fact[int] | None = None
    batch_needs_template: bool = False
    requests_per_second: Fact[int] | None = None
    quota_from: str = ""
    spf_include: Fact[str] | None = None
    dkim_bits: Fact[int] | None = None
    smtp_ports: Mapping[Tls, tuple[int, ...]] = field(default_factory=lambda: NO_PORTS)
    bulk_apart: Fact[str] | None = None
    dedicated_ip_floor: Fact[int] | None = None


@dataclass(frozen=True, slots=True)
class RetryFacts:
    """Which answers of an ESP mean what, for retry and failover (design section 7, FAIL-01)."""

    retry_status: tuple[int, ...]
    never_status: tuple[int, ...]
    retry_after_header: str = ""
    idempotency_header: str = ""
    notes: tuple[str, ...] = ()
    source: str = ""


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


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of mail with one reputation. `senders` holds one entry, or one a customer.

    `working` is the protocol of an integration that runs today; `portable` the wish to leave the ESP easily.
    """

    id: str
    kind: StreamKind
    senders: tuple[Sender, ...]
    volume: Volume
    needs: frozenset[Need]
    one_click_unsubscribe: str
    tracks_opens: bool
    tracks_clicks: bool
    routes: tuple[Route, ...]
    origin: Origin
    working: Via | None = None
    portable: bool = False

    @property
    def subdomains(self) -> tuple[str, ...]:
        """Give the domains of all senders, sorted, each once."""
        return tuple(sorted({sender.subdomain for sender in self.senders}))

    @property
    def unsubscribe_headers(self) -> tuple[tuple[str, str], ...]:
        """Give the two headers that every message needs for one-click unsubscribe (RFC 8058 section 3.1); empty without.

        What stands in braces in the URL is the app's to fill in for each recipient.
        """
        if not self.one_click_unsubscribe:
            return ()
        return (
            ("List-Unsubscribe", f"<{self.one_click_unsubscribe}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        )


@dataclass(frozen=True, slots=True)
class Region:
    """Where an account lives, if its ESP has regions. `known` is False for a name the ESP does not list."""

    id: str
    known: bool
    choices: tuple[str, ...]
    origin: Origin
    source: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account at an ESP. `settings` is the ESP's own validated model: only that ESP's code looks inside."""

    id: str
    kind: str
    title: str
    settings: BaseModel
    region: Region | None
    credentials: tuple[Credential, ...]
    manage: tuple[Credential, ...]
    capabilities: frozenset[Capability]
    limits: Limits
    retry: RetryFacts
    managed: str
    streams: tuple[str, ...]
    origin: Origin
    dedicated_ips: bool = False

    def credential(self, name: str) -> Credential | None:
        """Give the credential of that name, or None when the spec does not declare it."""
        return next((credential for credential in self.credentials if credential.name == name), None)


@dataclass(frozen=True, slots=True)
class Use:
    """A stream's use of an identity."""

    stream: str
    role: Role
    via: Via


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something an ESP would refuse, or that its lock entry must not ask for: only that ESP's code can see it."""

    account: str
    at: Origin
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A From domain as one ESP knows it.

    Attributes:
        uses: Which streams leave here, in which role; sorted.
        envelope_domain: The MAIL FROM domain this ESP uses for it; None: the ESP's own domain, so SPF cannot align.
            Where the ESP issues part of the name it carries single angle quotes: `em‹n›.news.northwind.example`.
        signing_domain: `d=` of the signature that can align; None: nobody signs for this domain.
        has_own_key: The key pair is the user's, not made by the ESP.
        stops_without_return_path: The ESP refuses mail while it cannot see the return-path in DNS.
        envelope_note: What the ESP does with the envelope sender when something fails; empty where nothing is known.
    """

    domain: str
    account: str
    uses: tuple[Use, ...]
    envelope_domain: str | None
    signing_domain: str | None
    records: tuple[DnsRecord, ...]
    pending: tuple[PendingRecord, ...]
    origin: Origin
    has_own_key: bool = False
    stops_without_return_path: bool = False
    envelope_note: str = ""
    refused: tuple[Refusal, ...] = ()

    @property
    def streams(self) -> tuple[str, ...]:
        """Give the ids of the streams that use it, sorted, each once."""
        return tuple(sorted({use.stream for use in self.uses}))


@dataclass(frozen=True, slots=True)
class Resource:
    """Something to exist at an ESP, as data: files show it, plan will compare it.

    Attributes:
        account: Account id.
        kind: The ESP's own word (`configuration-set`, `message-stream`).
        id: Unique within account and kind.
        properties: JSON-able desired state, in the ESP's own field names.
        depends_on: `kind/id` of resources that must exist first.
        streams: Stream ids it serves, sorted.
    """

    account: str
    kind: str
    id: str
    properties: Mapping[str, object]
    why: str
    source: str
    origin: Origin
    depends_on: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Give `kind/id`, as `depends_on` names it."""
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable of an app.

    Exactly one of `value` (not secret, set in the files) and `credential` (named in a comment, never set) is given.
    `because` says what the number or the name comes from.
    """

    name: str
    value: str | None
    credential: Credential | None
    because: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Binding:
    """One route of one stream as an app uses it. `prefix` starts its variables: `MAIL_RECEIPTS_PRIMARY`."""

    stream: Stream
    route: Route
    account: Account
    prefix: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class App:
    """A system that sends. `bindings` are sorted by stream as declared, primary first.

    `rtt_ms` is the round trip to the ESP, `is_cold` whether each send starts a new process; None where unsaid.
    """

    id: str
    speaks: tuple[Via, ...]
    targets: tuple[str, ...]
    bindings: tuple[Binding, ...]
    through: str
    smoke_test: tuple[str, ...]
    origin: Origin
    rtt_ms: int | None = None
    is_cold: bool | None = None
    blocked_ports: tuple[int, ...] = ()
    environments: tuple[str, ...] = ()

    def variables(self) -> Iterator[Variable]:
        """Give every variable once, in the order of the bindings."""
        seen: set[str] = set()
        for binding in self.bindings:
            for variable in binding.variables:
                if variable.name not in seen:
                    seen.add(variable.name)
                    yield variable


@dataclass(frozen=True, slots=True)
class Subdomain:
    """A declared subdomain: fully qualified name, declared purpose (may be empty), and whether people answer there."""

    name: str
    purpose: str
    receives: bool
    never_sends: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Domain:
    """A declared domain: one zone. `dmarc` holds the intent of the domain itself and of each subdomain that has its own."""

    name: str
    subdomains: tuple[Subdomain, ...]
    dmarc: tuple[DmarcIntent, ...]
    authority: str
    never_sends: bool
    mailboxes: str
    zone: Zone
    origin: Origin

    def dmarc_obstacles(self, intent: DmarcIntent) -> Iterator[str]:
        """Give what stands between a DMARC policy and its target besides unsigned mail, one clause each."""
        if intent.policy.rank >= intent.target.rank:
            return
        if not intent.reports:
            yield "nobody gets reports"
        if intent.target is DmarcPolicy.REJECT and self.mailboxes and intent.name == self.name:
            yield "people write from here, and mailing lists break what they post"


@dataclass(frozen=True, slots=True)
class SpfTree:
    """What the lock file knows of a foreign include: its text, the DNS lookups it costs, and when it was read."""

    name: str
    text: str
    lookups: int
    read: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding the team lives with, at `at` and everything below it. `at_glob` is set for those at the top."""

    rule: str
    because: str
    until: str
    at: Origin
    at_glob: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Index:
    """Look-ups that `compile` builds once, so that no rule walks 10,000 domains inside a loop over streams.

    `dmarc` maps each name with an intent of its own to it; `domain_of` maps a name to the declared domain above it.
    `values` holds every value of every zone by purpose, each with its set, in the order of the zones; `spf_values` and
    `dkim_keys` what can be parsed of them. `spf_values` are first our own records, then those in `txt:`; `dkim_keys` the
    TXT keys of ESP accounts, without the empty ones of names that never send. `contested_names` are the names with more
    than one value, each with everything wanted there, of all types.
    """

    accounts: Mapping[str, Account] = field(default_factory=dict)
    streams: Mapping[str, Stream] = field(default_factory=dict)
    identities: Mapping[tuple[str, str], Identity] = field(default_factory=dict)
    domains: Mapping[str, Domain] = field(default_factory=dict)
    values: Mapping[Purpose, Sequence[tuple[RRset, SourcedValue]]] = field(default_factory=dict)
    spf_values: Sequence[SpfValue] = ()
    dkim_keys: Sequence[PublishedKey] = ()
    contested_names: Sequence[tuple[str, tuple[DnsRecord, ...]]] = ()

    def domain_of(self, name: str) -> Domain | None:
        """Give the declared domain that `name` is or lies below, the longest match first."""
        labels = name.split(".")
        for start in range(len(labels)):
            found = self.domains.get(".".join(labels[start:]))
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything a spec means. All tuples are sorted by id or name unless said otherwise."""

    domains: tuple[Domain, ...]
    accounts: tuple[Account, ...]
    streams: tuple[Stream, ...]
    identities: tuple[Identity, ...]
    resources: tuple[Resource, ...]
    apps: tuple[App, ...]
    spf_trees: tuple[SpfTree, ...]
    acceptances: tuple[Acceptance, ...]
    refusals: tuple[Refusal, ...] = ()
    unplaced: tuple[DnsRecord | PendingRecord, ...] = ()
    """Records whose name lies in no declared domain."""
    proofs: tuple[Proof, ...] = ()
    """For each sender of each route, stream by stream, primary first: what carries its mail through DMARC."""
    spf_budgets: tuple[SpfBudget, ...] = ()
    """Every SPF record that can be read, in the order of the zones, with who spends its lookups."""
    thresholds: Thresholds = DEFAULTS
    index: Index = field(default_factory=Index)

    def account(self, account_id: str) -> Account:
        """Give an account by id. Raises KeyError for an id that the spec does not have."""
        return self.index.accounts[account_id]

    def stream(self, stream_id: str) -> Stream:
        """Give a stream by id. Raises KeyError."""
        return self.index.streams[stream_id]

    def identity(self, account_id: str, domain: str) -> Identity | None:
        """Give the identity of a domain at an account, or None when that account does not send for it."""
        return self.index.identities.get((account_id, domain))

    def rrsets(self) -> Iterator[tuple[Zone, RRset]]:
        """Give every RRset with its zone."""
        for domain in self.domains:
            for rrset in domain.zone.rrsets:
                yield domain.zone, rrset

    def pending(self) -> Iterator[PendingRecord]:
        """Give every pending record, zone by zone."""
        for domain in self.domains:
            yield from domain.zone.pending

    def routes(self) -> Iterator[tuple[Stream, Route]]:
        """Give every route with its stream."""
        for stream in self.streams:
            for route in stream.routes:
                yield stream, route
