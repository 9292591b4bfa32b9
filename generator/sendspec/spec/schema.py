"""What people write, as pydantic models: the contract of `specs/*.yaml`.

Only the syntax of single values is checked here. Whatever compares two places is a rule. An ESP's `settings:` stay raw
mappings: `compile` validates them with the ESP's own model, so that this module knows no ESP.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.vocabulary import Event, Mail, Need, Role, StreamKind, Tls, Via
from sendspec.spec import syntax
from sendspec.spec.types import (
    Address,
    Count,
    Day,
    DomainName,
    Duration,
    EnvName,
    Flag,
    Host,
    HttpsUrl,
    Label,
    ManagingReference,
    Milliseconds,
    Name,
    Network,
    OutputPath,
    Port,
    RecordUrl,
    Reference,
    ReportUri,
    SpfDomain,
    Term,
    Text,
    TlsReportUri,
    Ttl,
    Version,
    checked,
    text,
)

SubmissionTls = Literal[Tls.STARTTLS, Tls.IMPLICIT]
"""What a route can say: nothing goes to an ESP in plain text."""


class Model(BaseModel):
    """Common settings: nothing unknown, nothing changed afterwards. Numbers and booleans are strict: `"587"` is text."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class AcceptSpec(Model):
    """A finding the team lives with, why, and until when. Past the date it is an error."""

    rule: Text = Field(description="Rule id, as findings show it in brackets")
    because: Text = Field(description="Why, for the reader of the next review")
    until: Day | None = Field(default=None, description="Past this date the acceptance itself is an error")


class TopAcceptSpec(AcceptSpec):
    """An acceptance for many places, chosen by a glob over dotted paths."""

    at: str = Field(default="*", description="Glob over dotted paths: `streams.*`, `domains.example.com`")


class Entry(Model):
    """An entry that can carry acceptances of findings about itself."""

    accept: tuple[AcceptSpec, ...] = ()


class CredentialSpec(Model):
    """Where a secret is kept, and which variable an app reads it from. Never the secret."""

    from_: Reference = Field(alias="from")
    env: EnvName | None = None
    rotate_every: Duration | None = None
    overlap: Duration | None = None


class DnsSpec(Model):
    """Who serves the zone, and what render writes for it."""

    host: Name = Field(default="manual", description="Who plan and apply talk to: route53, cloudflare, manual")
    zone_id: Text | None = Field(
        default=None, description="The host's own id of the zone; needed where several there have its name"
    )
    manage: dict[str, CredentialSpec] = Field(
        default_factory=dict, description="What sendspec manages the zone with; apps never see it"
    )
    formats: tuple[Name, ...] = Field(default=("bind",), description="DNS targets: bind, octodns, route53")
    ttl: Ttl = Field(default=3600, description="Seconds, for every record of the zone")
    zone_file: OutputPath | None = Field(
        default=None,
        description="Where the bind target puts the zone, below the output folder; default dns/<zone>/zone.db",
    )


class SpfSpec(Model):
    """What may use this name as envelope sender besides what sendspec manages."""

    include: tuple[SpfDomain, ...] = ()
    ip4: tuple[Term, ...] = ()
    ip6: tuple[Term, ...] = ()
    a: tuple[SpfDomain, ...] = ()
    mx: Flag = False
    exists: tuple[Term, ...] = ()
    redirect: Term | None = None
    all: Literal["fail", "softfail", "neutral", "pass"] | None = Field(default=None, description="Default softfail")


class DmarcSpec(Model):
    """DMARC (RFC 9989) at this name."""

    policy: DmarcPolicy = Field(description="What receivers are asked to do today")
    target: DmarcPolicy | None = Field(default=None, description="Where the policy is to lead")
    subdomains: DmarcPolicy | None = Field(
        default=None, description="sp=: policy for existing subdomains, when it differs"
    )
    nonexistent: DmarcPolicy | None = Field(default=None, description="np=: policy for names that do not exist")
    reports: tuple[ReportUri, ...] = Field(default=(), description="rua=: aggregate reports, mailto: URIs")
    failure_reports: tuple[ReportUri, ...] = Field(default=(), description="ruf=: failure reports, mailto: URIs")
    spf_alignment: Literal["relaxed", "strict"] = "relaxed"
    dkim_alignment: Literal["relaxed", "strict"] = "relaxed"
    testing: Flag = Field(default=False, description="t=y: receivers apply the policy one level below")
    psd: Literal["y", "n"] | None = Field(
        default=None, description="psd=: only for public suffixes (y) and cut-off subtrees (n)"
    )


class MtaStsSpec(Model):
    """MTA-STS (RFC 8461): the policy for mail *to* the domain. The https host is the user's to serve."""

    mode: Literal["testing", "enforce", "none"]
    mx: tuple[Term, ...] = Field(default=(), description="Host names of the MX, `*.` for one leftmost label")
    max_age: Duration = Field(default=604800, description="How long senders may cache the policy")


class BimiSpec(Model):
    """BIMI (draft): logo and certificate."""

    logo: RecordUrl
    certificate: RecordUrl | None = None
    selector: Name = "default"


class SubdomainSpec(Entry):
    """A subdomain that streams send from, or that the spec says something about."""

    purpose: Name | None = Field(default=None, description="What it is for, in a word")
    receives: Flag = Field(default=False, description="People answer here: it has an MX of its own, managed elsewhere")
    sends: Literal["never"] | None = Field(
        default=None, description="never: publish the non-sender set (null MX, -all)"
    )
    spf: SpfSpec | None = None
    dmarc: DmarcSpec | None = None
    txt: tuple[Text, ...] = ()
    tls_reports: tuple[TlsReportUri, ...] = ()
    mta_sts: MtaStsSpec | None = None


class DomainSpec(Entry):
    """One DNS zone."""

    dns: DnsSpec = DnsSpec()
    authority: Literal["own", "customer"] = Field(
        default="own", description="customer: their DNS; records are handed over, their DMARC is never written"
    )
    sends: Literal["never"] | None = None
    mailboxes: Name | None = Field(
        default=None, description="Where people's mail is: its SPF include is kept, its MX untouched"
    )
    spf: SpfSpec | None = None
    txt: tuple[Text, ...] = Field(default=(), description="Foreign values of the apex TXT set; kept, never dropped")
    dmarc: DmarcSpec | None = None
    tls_reports: tuple[TlsReportUri, ...] = ()
    mta_sts: MtaStsSpec | None = None
    bimi: BimiSpec | None = None
    subdomains: dict[Label, SubdomainSpec] = Field(
        default_factory=dict, description="By label below the domain: `news`, `eu.mail`"
    )


class ManagingSpec(CredentialSpec):
    """Where a secret is kept that sendspec manages an account with. `{domain}` and `{selector}`: one for each domain."""

    from_: ManagingReference = Field(alias="from")


class EspSpec(Entry):
    """An account at an ESP."""

    kind: Name
    settings: dict[str, Any] = Field(
        default_factory=dict, description="The ESP's own settings; `extra` is passed through"
    )
    credentials: dict[str, CredentialSpec] = Field(default_factory=dict, description="What apps send with")
    manage: dict[str, ManagingSpec] = Field(
        default_factory=dict, description="What sendspec manages the account with; apps never see it"
    )
    managed: Literal["files", "apply"] = "files"
    dedicated_ips: Flag = False


class MailboxSpec(Model):
    """An RFC 5322 mailbox: `Name <address>`, or `{name, address}`."""

    name: Annotated[str, BeforeValidator(text(syntax.parse_display_name))] = ""
    address: Address

    @model_validator(mode="before")
    @classmethod
    def _fromtext(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        name, address = checked(syntax.parse_mailbox)(value)
        return {"name": name, "address": address}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        schema = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [{"type": "string", "examples": ["Northwind <hello@news.northwind.example>"]}, dict(schema)]}


class VolumeSpec(Model):
    """Messages, as whole numbers."""

    per_day: Count | None = None
    peak_per_hour: Count | None = None


class UnsubscribeSpec(Model):
    """How recipients leave (RFC 8058)."""

    one_click: HttpsUrl | None = Field(
        default=None, description="https address that takes the POST; {token} is the app's"
    )


class EventsSpec(Model):
    """Which events the ESP posts, and where. `{kind}` and `{esp}` become the ESP's."""

    url: HttpsUrl
    types: tuple[Event, ...] = Field(min_length=1)


class TrackingSpec(Model):
    """Open and click tracking. Unsaid, it follows from the events asked for."""

    opens: Flag | None = None
    clicks: Flag | None = None


class RouteSpec(Entry):
    """One way a stream leaves."""

    role: Role
    via: Via
    esp: Name
    port: Port | None = None
    tls: SubmissionTls | None = Field(default=None, description="starttls (always required STARTTLS) or implicit")
    settings: dict[str, Any] = Field(default_factory=dict)
    events: EventsSpec | None = None
    credentials: dict[str, CredentialSpec] = Field(default_factory=dict, description="Override the account's, by name")


class StreamSpec(Entry):
    """One kind of mail with one reputation. `load` sees to it that exactly one of `from_` and `senders` is given."""

    kind: StreamKind
    subdomain: DomainName | None = Field(default=None, description="Default: the domain of `from`")
    from_: MailboxSpec | None = Field(alias="from", default=None)
    senders: dict[Name, MailboxSpec] | None = Field(
        default=None, description="In place of `from`: one sender a customer"
    )
    volume: VolumeSpec = VolumeSpec()
    needs: tuple[Need, ...] = ()
    unsubscribe: UnsubscribeSpec = UnsubscribeSpec()
    events: EventsSpec | None = None
    tracking: TrackingSpec = TrackingSpec()
    routes: tuple[RouteSpec, ...] = Field(min_length=1)
    working: Via | None = Field(default=None, description="An integration that runs today")
    portable: Flag = False


class ListensSpec(Model):
    """Where a relay app takes mail from the apps that go `through:` it; without a login."""

    host: Host = "127.0.0.1"
    port: Port = 25
    tls: Tls = Field(
        default=Tls.NONE, description="none (on this machine or in a private network only), starttls, implicit"
    )
    clients: tuple[Network, ...] = Field(
        default=(),
        min_length=1,
        description="Who may hand mail in, as addresses or CIDR networks; default: this machine",
    )


class CatcherSpec(Model):
    """A program that shows mail and delivers none: Mailpit, MailHog, maildev. Plain text, no login."""

    host: Host = "localhost"
    port: Port = 1025


class EnvironmentSpec(Model):
    """What differs in one environment of an app. `load` sees to it that all but `production` say `mail`."""

    mail: Mail | None = Field(
        default=None, description="real, sandbox (the ESP delivers none of it) or catcher; default real for production"
    )
    catcher: CatcherSpec = CatcherSpec()
    credentials: dict[Name, dict[str, CredentialSpec]] = Field(
        default_factory=dict, description="By ESP account, then by name: override the app's"
    )
    targets: tuple[Name, ...] | None = Field(default=None, description="In place of the app's")
    secrets: Name | None = Field(default=None, description="In place of the app's")
    listens: ListensSpec | None = Field(default=None, description="In place of the app's")


class AppSpec(Entry):
    """A system that sends."""

    streams: tuple[Name, ...] = Field(min_length=1)
    targets: tuple[Name, ...] = Field(default=("dotenv",))
    speaks: tuple[Via, ...] = Field(default=(Via.SMTP, Via.API), min_length=1)
    through: Name | None = Field(default=None, description="The relay app that it hands its mail to")
    listens: ListensSpec | None = Field(default=None, description="Where it takes mail of apps that go through it")
    credentials: dict[Name, dict[str, CredentialSpec]] = Field(
        default_factory=dict, description="By ESP account, then by name: override the account's"
    )
    process: Literal["pooled", "cold"] | None = None
    rtt_ms: Count | None = None
    blocked_ports: tuple[Port, ...] = ()
    secrets: Name = Field(default="env", description="How references to credentials reach it")
    environments: dict[Name, EnvironmentSpec] = Field(default_factory=dict)
    smoke_test: tuple[Text, ...] = ()


class AdviceSpec(Model):
    """Where the SMTP-or-API decision turns, in place of the published rules of thumb. Latencies are [best, worst]."""

    api_from_per_day: Count | None = None
    api_from_per_hour: Count | None = None
    pool_from_per_hour: Count | None = None
    low_per_month: Count | None = None
    fallback_from_per_day: Count | None = None
    warm_smtp_ms: Milliseconds | None = None
    cold_smtp_ms: Milliseconds | None = None
    api_ms: Milliseconds | None = None


class Spec(Model):
    """The merged spec: every file of the folder, `defaults` already applied."""

    version: Version = Field(description="Version of this format")
    domains: dict[DomainName, DomainSpec] = Field(default_factory=dict)
    esps: dict[Name, EspSpec] = Field(default_factory=dict)
    streams: dict[Name, StreamSpec] = Field(default_factory=dict)
    apps: dict[Name, AppSpec] = Field(default_factory=dict)
    advice: AdviceSpec = AdviceSpec()
    accept: tuple[TopAcceptSpec, ...] = ()
