"""Zones made by hand, and each DNS format's own reader, all giving the same shape back."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import dns.rdata
import dns.rdatatype
import dns.zone
import pytest

from sendspec.model.dns_record import (
    DnsRecord,
    Mx,
    PendingRecord,
    Purpose,
    RecordType,
    RRset,
    SourcedValue,
    Value,
    Zone,
)
from sendspec.model.domain import Domain
from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.interface import load_target

RRsets = dict[tuple[str, str], tuple[int, tuple[Value, ...]]]
"""(absolute name, type) -> TTL and sorted values."""

OWNER_PART = "$TTL 86400\n@ IN SOA ns1.provider.test. hostmaster.provider.test. 1 7200 900 1209600 300\n@ IN NS ns1.provider.test.\n"


@pytest.fixture(scope="session")
def make_rrset() -> Callable[..., RRset]:
    """Give a function that makes an RRset of a name (absolute, or relative to northwind.example)."""

    def make(
        name: str,
        record_type: str,
        *values: Value,
        why: str = "it is wanted",
        source: str = "RFC 1035",
        account: str = "",
        streams: tuple[str, ...] = (),
        ttl: int = 3600,
    ) -> RRset:
        sourced = []
        for value in values:
            record = DnsRecord(
                name=name,
                type=RecordType(record_type),
                value=value,
                purpose=Purpose.VERIFICATION,
                why=why,
                breaks="mail stops",
                source=source,
                origin=Origin(("domains", "northwind.example")),
                account=account,
                streams=streams,
            )
            sourced.append(SourcedValue(value, (record,)))
        return RRset(name, RecordType(record_type), ttl, tuple(sourced))

    return make


@pytest.fixture(scope="session")
def make_pending() -> Callable[..., PendingRecord]:
    """Give a function that makes a pending record."""

    def make(
        name: str, value: str = "‹k=rsa; p=…›", cure: str = "run `sendspec pull`", why: str = "signs"
    ) -> PendingRecord:
        return PendingRecord(
            name=name,
            type=RecordType.CNAME,
            value=value,
            purpose=Purpose.DKIM,
            why=why,
            breaks="mail is unsigned",
            source="RFC 6376",
            cure=cure,
            lock_entry="issued: {}\n",
            origin=Origin(("esps", "sendgrid-eu")),
            account="sendgrid-eu",
            streams=("newsletter",),
        )

    return make


def _setup(zones: Iterable[Zone]) -> Setup:
    domains = tuple(
        Domain(
            name=zone.name,
            subdomains=(),
            dmarc=(),
            authority="own",
            never_sends=False,
            mailboxes="",
            zone=zone,
            origin=zone.origin,
        )
        for zone in zones
    )
    return Setup(
        domains=domains,
        accounts=(),
        streams=(),
        identities=(),
        resources=(),
        apps=(),
        spf_trees=(),
        acceptances=(),
    )


def make_zone(rrsets: Iterable[RRset], name: str = "northwind.example", **more: object) -> Zone:
    values: dict[str, object] = {"formats": ("bind", "octodns", "route53"), "pending": (), **more}
    return Zone(
        name=name,
        host="manual",
        rrsets=tuple(rrsets),
        mta_sts_policies=(),
        origin=Origin(("domains", name)),
        **values,  # type: ignore[arg-type]  # keywords of Zone, by the caller's word
    )


@pytest.fixture(scope="session")
def render_zone() -> Callable[..., list[OutputFile]]:
    """Give a function: target id, RRsets -> its files for one zone."""

    def render(target_id: str, rrsets: Iterable[RRset], **zone: object) -> list[OutputFile]:
        return list(load_target(target_id).render(_setup([make_zone(rrsets, **zone)])))

    return render


@pytest.fixture(scope="session")
def render_zones() -> Callable[..., list[OutputFile]]:
    """Give a function: target id, (name, RRsets) pairs -> files of a setup with several zones."""

    def render(target_id: str, *zones: tuple[str, Iterable[RRset]]) -> list[OutputFile]:
        return list(load_target(target_id).render(_setup(make_zone(rrsets, name) for name, rrsets in zones)))

    return render


@pytest.fixture(scope="session")
def example_rrsets(make_rrset: Callable[..., RRset]) -> list[RRset]:
    """Give one RRset of every kind that mail needs, in the order of a zone."""
    key = "v=DKIM1; k=rsa; p=MIIB" + "IjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 14 + "IDAQAB"
    ses = {"account": "ses-eu", "streams": ("receipts",)}
    return [
        make_rrset(
            "northwind.example", "TXT", "v=spf1 include:_spf.google.com ~all", "google-site-verification=abc123"
        ),
        make_rrset("_dmarc.northwind.example", "TXT", "v=DMARC1; p=quarantine; rua=mailto:dmarc@northwind.example"),
        make_rrset("2026s10._domainkey.mail.northwind.example", "TXT", key, account="postmark-main"),
        make_rrset("2026s9._domainkey.mail.northwind.example", "CNAME", "t1.dkim.amazonses.com", **ses),
        make_rrset("bounce.mail.northwind.example", "MX", Mx(10, "feedback-smtp.eu-west-1.amazonses.com"), **ses),
        make_rrset("bounce.mail.northwind.example", "TXT", "v=spf1 include:amazonses.com ~all", ttl=300, **ses),
        make_rrset("parked.northwind.example", "MX", Mx(0, "")),
        make_rrset("two.northwind.example", "MX", Mx(10, "mx1.provider.test"), Mx(20, "mx2.provider.test")),
        make_rrset("*.wild.northwind.example", "TXT", "v=spf1 -all"),
    ]


def _key(value: Value) -> tuple[int, str]:
    return (0, value) if isinstance(value, str) else (value.preference, value.exchange)


def _read_rdata(rdata: object, record_type: str) -> Value:
    if record_type == "TXT":
        return b"".join(rdata.strings).decode()  # type: ignore[attr-defined]
    if record_type == "MX":
        return Mx(rdata.preference, rdata.exchange.to_text(omit_final_dot=True).removesuffix("."))  # type: ignore[attr-defined]
    return rdata.target.to_text(omit_final_dot=True)  # type: ignore[attr-defined, no-any-return]


@pytest.fixture(scope="session")
def expected() -> Callable[[Iterable[RRset]], RRsets]:
    """Give a function from the RRsets that went in to what every reader must give back."""

    def read(rrsets: Iterable[RRset]) -> RRsets:
        return {
            (rrset.name, rrset.type.value): (
                rrset.ttl_seconds,
                tuple(sorted({value.value for value in rrset.values}, key=_key)),
            )
            for rrset in rrsets
        }

    return read


@pytest.fixture(scope="session")
def read_zone_file() -> Callable[[str], RRsets]:
    """Give a function that reads a fragment, inside the zone its owner keeps, with dnspython."""

    def read(content: str, zone_name: str = "northwind.example") -> RRsets:
        zone = dns.zone.from_text(OWNER_PART + content, origin=f"{zone_name}.", relativize=False)
        found: RRsets = {}
        for name, rdataset in zone.iterate_rdatasets():
            record_type = dns.rdatatype.to_text(rdataset.rdtype)
            if record_type in {"SOA", "NS"}:
                continue
            values = sorted((_read_rdata(rdata, record_type) for rdata in rdataset), key=_key)
            found[name.to_text(omit_final_dot=True), record_type] = (rdataset.ttl, tuple(values))
        return found

    return read


@pytest.fixture(scope="session")
def read_octodns(tmp_path_factory: pytest.TempPathFactory) -> Callable[[OutputFile], RRsets]:
    """Give a function that reads a file with octoDNS's own YamlProvider and takes its records to the wire."""
    from octodns.provider.yaml import YamlProvider
    from octodns.zone import Zone as OctodnsZone

    folder = tmp_path_factory.mktemp("octodns")

    def read(file: OutputFile) -> RRsets:
        path = folder / Path(file.path).name
        path.write_text(file.content, encoding="utf-8")
        zone = OctodnsZone(f"{path.name.removesuffix('yaml')}", [])
        YamlProvider("sendspec", str(folder), escaped_semicolons=True).populate(zone)
        found: RRsets = {}
        for record in zone.records:
            rdatas = (dns.rdata.from_text("IN", record._type, text) for text in record.to_rrset().rdatas)
            values = sorted((_read_rdata(rdata, record._type) for rdata in rdatas), key=_key)
            found[record.fqdn.removesuffix("."), record._type] = (record.ttl, tuple(values))
        return found

    return read


STRINGS = re.compile(r'"((?:[^"\\]|\\"|\\[0-7]{3})*)"(?: |\Z)')


def _read_route53_text(value: str) -> str:
    """Read a TXT value as Route 53's documents describe it, and refuse what they refuse."""
    assert len(value) <= 4000, "a value has 4,000 characters at most"
    assert all(" " <= character <= "~" for character in value), "anything else needs an octal code"
    octets, position = b"", 0
    while position < len(value):
        match = STRINGS.match(value, position)
        assert match, f"not a quoted string: {value[position : position + 40]}"
        assert len(match[1]) <= 255, "a string has 255 characters at most"
        octets += re.sub(r'\\(?:"|([0-7]{3}))', lambda code: chr(int(code[1], 8)) if code[1] else '"', match[1]).encode(
            "latin-1"
        )
        position = match.end()
    return octets.decode()


@pytest.fixture(scope="session")
def read_route53() -> Callable[[Iterable[OutputFile]], RRsets]:
    """Give a function that reads change batches as Route 53 would, one after the other."""

    def value_of(text: str, record_type: str) -> Value:
        if record_type == "TXT":
            return _read_route53_text(text)
        if record_type == "MX":
            preference, exchange = text.split(" ")
            return Mx(int(preference), exchange.removesuffix("."))
        return text.removesuffix(".")

    def read(files: Iterable[OutputFile]) -> RRsets:
        found: RRsets = {}
        for file in files:
            for change in json.loads(file.content)["Changes"]:
                rrset = change["ResourceRecordSet"]
                key = (rrset["Name"].removesuffix("."), rrset["Type"])
                assert key not in found, "a second UPSERT would replace the first"
                values = [value_of(record["Value"], rrset["Type"]) for record in rrset["ResourceRecords"]]
                found[key] = (rrset["TTL"], tuple(sorted(values, key=_key)))
        return found

    return read
