"""DNS data as sendspec thinks of it: logical values, never quoted, split or dotted.

Names are lowercase, absolute and without the trailing dot. A TXT value is one string.
"""

from dataclasses import dataclass
from enum import StrEnum

from sendspec.model.credential import Credential
from sendspec.model.origin import Origin


class RecordType(StrEnum):
    """The record types a sending setup needs."""

    CNAME = "CNAME"
    MX = "MX"
    TXT = "TXT"


class Purpose(StrEnum):
    """Why a record exists. Rules and checks ask for this, never for a name pattern."""

    DKIM = "dkim"
    RETURN_PATH = "return-path"
    SPF = "spf"
    TRACKING = "tracking"
    VERIFICATION = "verification"
    DMARC = "dmarc"
    DMARC_REPORTS = "dmarc-report-authorisation"
    TLS_REPORTS = "tls-reports"
    MTA_STS = "mta-sts"
    NULL_MX = "null-mx"
    BIMI = "bimi"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, order=True)
class Mx:
    """An MX value. The null MX of RFC 7505 is `Mx(0, "")`."""

    preference: int
    exchange: str


Value = str | Mx
"""CNAME: the target name. TXT: the whole text. MX: an `Mx`."""


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """One value at one name, and the reason for it.

    Attributes:
        why: One sentence: what this value is for.
        breaks: One sentence: what happens to mail without it.
        source: The RFC section or provider page that asks for it.
        account: The ESP account that wants it; empty for the domain's own records.
        streams: Stream ids it serves, sorted; empty for the domain's own records.
        origin: The spec or lock entry it comes from.
        read: The day the ESP's value was read (`2026-11-20`), as the lock file says; empty for what nobody issued.
    """

    name: str
    type: RecordType
    value: Value
    purpose: Purpose
    why: str
    breaks: str
    source: str
    origin: Origin
    account: str = ""
    streams: tuple[str, ...] = ()
    read: str = ""


@dataclass(frozen=True, slots=True)
class PendingRecord:
    """A record that only the ESP can complete. Shown everywhere, emitted nowhere.

    Attributes:
        name: With what is not known in single angle quotes: `‹selector›._domainkey.mail.northwind.example`.
        value: The same way: `‹k=rsa; p=…›`.
        cure: What a person does: the command, or the place at the ESP.
        lock_entry: The YAML to put into the lock file by hand, with placeholders, ready to paste.
    """

    name: str
    type: RecordType
    value: str
    purpose: Purpose
    why: str
    breaks: str
    source: str
    cure: str
    lock_entry: str
    origin: Origin
    account: str = ""
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourcedValue:
    """A value of an RRset with everything that asked for it (one record or more; first seen first)."""

    value: Value
    records: tuple[DnsRecord, ...]

    @property
    def purpose(self) -> Purpose:
        """Give the purpose of the first reason."""
        return self.records[0].purpose


@dataclass(frozen=True, slots=True)
class RRset:
    """All values of one name and type (RFC 2181 section 5). Values are sorted; never empty; one TTL."""

    name: str
    type: RecordType
    ttl_seconds: int
    values: tuple[SourcedValue, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """A DNS zone of the spec: what we publish in it, and what is still pending.

    `rrsets` are sorted by name (from the apex down), then type. Conflicting values stay in; rules report them.
    `mta_sts_policies` are policy files as (policy domain, text), one for each name that declares MTA-STS (RFC 8461
    section 3.2: a policy is not inherited by subdomains). `zone_file` overrides the path of the zone file.
    `host` is who serves the zone (`route53`, `manual`, ...); `formats` the DNS targets asked for. `zone_id` is the host's
    own id of it, where the spec says one; `manage` the credentials that the host is asked with, by name.
    """

    name: str
    host: str
    formats: tuple[str, ...]
    rrsets: tuple[RRset, ...]
    pending: tuple[PendingRecord, ...]
    mta_sts_policies: tuple[tuple[str, str], ...]
    origin: Origin
    zone_file: str = ""
    zone_id: str = ""
    manage: tuple[Credential, ...] = ()
