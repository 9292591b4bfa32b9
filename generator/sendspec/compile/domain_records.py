"""What a domain says about itself: apex SPF, foreign TXT values, DMARC, TLS-RPT, MTA-STS, BIMI, the non-sender set.

Text that thousands of domains have in common is interned: it is half of what their records would take up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern

from sendspec.compile.mailboxes import SPF_INCLUDES
from sendspec.model.dmarc import DmarcIntent
from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType, Value
from sendspec.model.origin import Origin
from sendspec.records import dmarc, mta_sts, tls_rpt
from sendspec.spec.schema import BimiSpec, DmarcSpec, DomainSpec, MtaStsSpec, SpfSpec, SubdomainSpec

ALL = {"fail": "-all", "softfail": "~all", "neutral": "?all", "pass": "+all"}


@dataclass(frozen=True, slots=True)
class NameSpec:
    """A declared name, apex or subdomain, in one shape. `bimi` and `mailboxes` exist at the apex only."""

    name: str
    spec: DomainSpec | SubdomainSpec
    origin: Origin

    @property
    def mailboxes(self) -> str:
        """Give the mailbox provider of the apex, else an empty string."""
        return (self.spec.mailboxes or "") if isinstance(self.spec, DomainSpec) else ""

    @property
    def bimi(self) -> BimiSpec | None:
        """Give the logo of the apex."""
        return self.spec.bimi if isinstance(self.spec, DomainSpec) else None


def names_of(domain: str, spec: DomainSpec) -> Iterator[NameSpec]:
    """Give the apex, then each declared subdomain, sorted."""
    origin = Origin(("domains", domain))
    yield NameSpec(domain, spec, origin)
    for label, subdomain in sorted(spec.subdomains.items()):
        yield NameSpec(f"{label}.{domain}", subdomain, origin.key("subdomains", intern(label)))


def domain_records(named: NameSpec, *, is_sender: bool, writes_dmarc: bool) -> Iterator[DnsRecord]:
    """Give the records that a declared name wants for itself, none of them an ESP's.

    `is_sender` says that a stream's From or envelope is this name: the non-sender set never shadows it.
    `writes_dmarc` is False where the DNS is a customer's: their policy is checked, never written.
    """
    spec = named.spec
    yield from _spf(named)
    for index, text in enumerate(spec.txt):
        yield DnsRecord(
            named.name,
            RecordType.TXT,
            text,
            Purpose.FOREIGN,
            "a value that somebody else asked for; it shares the TXT set and is kept",
            "whoever asked for it no longer finds it",
            "RFC 1035 section 3.3.14",
            named.origin.key("txt", index),
        )
    if spec.dmarc and writes_dmarc:
        yield _dmarc(named, spec.dmarc)
    if spec.tls_reports:
        record = tls_rpt.TlsRptRecord(rua=spec.tls_reports)
        yield _txt(
            f"_smtp._tls.{named.name}",
            record.to_text(),
            Purpose.TLS_REPORTS,
            named.origin.key("tls_reports"),
            "where senders report failed TLS towards this domain",
            "failures of TLS towards this domain stay unseen",
            "RFC 8460 section 3",
        )
    if spec.mta_sts:
        policy_id = mta_sts.policy_id(mta_sts_policy(spec.mta_sts))
        yield _txt(
            f"_mta-sts.{named.name}",
            mta_sts.Record(id=policy_id).to_text(),
            Purpose.MTA_STS,
            named.origin.key("mta_sts"),
            "says that an MTA-STS policy exists; the id is derived from the policy, so it changes exactly with it",
            "senders do not look for the policy, and TLS towards this domain can be stripped",
            "RFC 8461 section 3.1",
        )
    if named.bimi:
        yield _bimi(named, named.bimi)
    if spec.sends == "never" and not is_sender:
        yield from _non_sender(named, writes_dmarc=writes_dmarc)


def mta_sts_policy(spec: MtaStsSpec) -> str:
    """Give the text of the policy file (RFC 8461 section 3.2)."""
    return mta_sts.Policy(mode=spec.mode, mx=spec.mx, max_age=spec.max_age).to_text()


def dmarc_intent(named: NameSpec) -> DmarcIntent | None:
    """Give what a name says about DMARC, None where it says nothing."""
    spec = named.spec.dmarc
    if spec is None:
        return None
    return DmarcIntent(
        name=named.name,
        policy=spec.policy,
        target=spec.target or spec.policy,
        strict_spf=spec.spf_alignment == "strict",
        strict_dkim=spec.dkim_alignment == "strict",
        reports=spec.reports,
        origin=named.origin.key("dmarc"),
        subdomains=spec.subdomains,
        testing=spec.testing,
        psd=spec.psd or "",
        nonexistent=spec.nonexistent,
        failure_reports=spec.failure_reports,
    )


def _txt(name: str, text: str, purpose: Purpose, origin: Origin, why: str, breaks: str, source: str) -> DnsRecord:
    return DnsRecord(name, RecordType.TXT, text, purpose, why, breaks, source, origin)


def _spf(named: NameSpec) -> Iterator[DnsRecord]:
    spec = named.spec.spf
    include = SPF_INCLUDES.get(named.mailboxes)
    if spec is None and include is None:
        return
    if include is not None:
        yield _txt(
            named.name,
            intern(f"v=spf1 include:{include.value} {ALL['softfail'] if spec is None else _ending(spec)}".rstrip()),
            Purpose.SPF,
            named.origin.key("mailboxes"),
            intern(f"people's mail ({named.mailboxes}) uses this name as envelope sender"),
            "people's mail fails SPF",
            intern(f"RFC 7208 section 3; {include.source} (read {include.verified})"),
        )
    if spec is not None:
        yield _txt(
            named.name,
            intern(" ".join(["v=spf1", *_terms(spec), _ending(spec)]).rstrip()),
            Purpose.SPF,
            named.origin.key("spf"),
            "other senders that use this name as envelope sender",
            "their mail fails SPF",
            "RFC 7208 section 3",
        )


def _terms(spec: SpfSpec) -> Iterator[str]:
    """Give terms, those that cost no lookup first (RFC 7208 section 4.6.4)."""
    yield from (f"ip4:{value}" for value in spec.ip4)
    yield from (f"ip6:{value}" for value in spec.ip6)
    yield from (f"a:{value}" for value in spec.a)
    if spec.mx:
        yield "mx"
    yield from (f"include:{value}" for value in spec.include)
    yield from (f"exists:{value}" for value in spec.exists)
    if spec.redirect:
        yield f"redirect={spec.redirect}"


def _ending(spec: SpfSpec) -> str:
    """Give the `all` term: softfail unless said; none beside a redirect, which it would switch off (section 6.1)."""
    if spec.all is None:
        return "" if spec.redirect else ALL["softfail"]
    return ALL[spec.all]


def _dmarc(named: NameSpec, spec: DmarcSpec) -> DnsRecord:
    return _txt(
        f"_dmarc.{named.name}",
        dmarc_record(spec).to_text(),
        Purpose.DMARC,
        named.origin.key("dmarc"),
        f"what receivers do with mail from {named.name} that is not authenticated: {spec.policy}",
        "receivers apply no policy, send no reports, and bulk mail is refused by Gmail, Yahoo and Microsoft",
        "RFC 9989 section 4.7",
    )


def dmarc_record(spec: DmarcSpec) -> dmarc.DmarcRecord:
    """Give the record. Defaults are not repeated; `pct`, `rf` and `ri` do not exist any more (RFC 9989 appendix C)."""
    return dmarc.DmarcRecord(
        policy=dmarc.Policy(spec.policy),
        subdomain_policy=dmarc.Policy(spec.subdomains) if spec.subdomains else None,
        nonexistent_policy=dmarc.Policy(spec.nonexistent) if spec.nonexistent else None,
        strict_dkim=spec.dkim_alignment == "strict",
        strict_spf=spec.spf_alignment == "strict",
        reports=spec.reports,
        failure_reports=spec.failure_reports,
        testing=spec.testing,
        psd=spec.psd or "",
    )


def _bimi(named: NameSpec, spec: BimiSpec) -> DnsRecord:
    certificate = f" a={spec.certificate};" if spec.certificate else ""
    return _txt(
        f"{spec.selector}._bimi.{named.name}",
        f"v=BIMI1; l={spec.logo};{certificate}",
        Purpose.BIMI,
        named.origin.key("bimi"),
        "the logo that mailbox providers may show",
        "no logo is shown",
        "draft-brand-indicators-for-message-identification section 4",
    )


def _non_sender(named: NameSpec, *, writes_dmarc: bool) -> Iterator[DnsRecord]:
    """Give the set of a name that never sends (M3AAWG parked domains; RFC 7505; RFC 7208 section 10.1.2)."""
    origin = named.origin.key("sends")
    receives = bool(named.mailboxes) or (isinstance(named.spec, SubdomainSpec) and named.spec.receives)
    values: list[tuple[str, RecordType, Value, Purpose, str, str]] = []
    if not receives:
        values.append((named.name, RecordType.MX, Mx(0, ""), Purpose.NULL_MX, "takes no mail", "RFC 7505 section 3"))
    if named.spec.spf is None and not named.mailboxes:
        values.append(
            (named.name, RecordType.TXT, "v=spf1 -all", Purpose.SPF, "sends no mail", "RFC 7208 section 10.1.2")
        )
    if isinstance(named.spec, DomainSpec):
        wildcard = f"*._domainkey.{named.name}"
        values.append(
            (wildcard, RecordType.TXT, "v=DKIM1; p=", Purpose.DKIM, "no key signs for it", "RFC 6376 section 3.6.1")
        )
        if named.spec.dmarc is None and writes_dmarc:
            name, text = f"_dmarc.{named.name}", dmarc.DmarcRecord(policy=dmarc.Policy.REJECT).to_text()
            values.append((name, RecordType.TXT, text, Purpose.DMARC, "mail from it is forged", "RFC 9989 section 4.7"))
    for name, record_type, value, purpose, why, source in values:
        breaks = "the name can be forged more easily"
        yield DnsRecord(name, record_type, value, purpose, f"declared `sends: never`: {why}", breaks, source, origin)
