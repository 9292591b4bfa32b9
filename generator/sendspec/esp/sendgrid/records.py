"""The DNS a domain needs at SendGrid: what SendGrid issued for it, and nothing else.

The lock file is read with suspicion: a record whose name does not lie below the identity is never emitted.
"""

from collections.abc import Iterator, Sequence

from sendspec.esp.interface import IdentityDns, IdentityRequest
from sendspec.esp.sendgrid.facts import DMARC_PROPOSAL, DOMAINS, LINKS, MX_PREFERENCE
from sendspec.esp.sendgrid.pending import Missing, missing_dkim, missing_links, missing_return_path
from sendspec.esp.sendgrid.settings import Issued, IssuedRecord, IssuedSet, Settings
from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType
from sendspec.model.identity import Refusal

Request = IdentityRequest[Settings, Issued]
WHY = {
    Purpose.DKIM: (
        "a key SendGrid signs with: the DKIM leg of DMARC aligns with the From domain; with automatic security it "
        "rotates between two"
    ),
    Purpose.RETURN_PATH: "the return-path: bounces reach SendGrid, and receivers read SendGrid's SPF there",
    Purpose.SPF: "lets SendGrid send with this return-path",
    Purpose.TRACKING: "links in the mail lead through this host, not through a domain that SendGrid's customers share",
    Purpose.VERIFICATION: "lets SendGrid see that the host is yours, or serve it over TLS",
}
BREAKS = {
    Purpose.DKIM: "mail is unsigned for the domain as soon as SendGrid signs with this key, and SPF stands alone",
    Purpose.RETURN_PATH: "SPF no longer aligns for DMARC, and bounces are lost",
    Purpose.SPF: "SPF fails on the return-path",
    Purpose.TRACKING: "links in mail already delivered lead nowhere",
    Purpose.VERIFICATION: "SendGrid does not validate the host, or cannot renew its certificate",
}


def identity_dns(request: Request) -> IdentityDns:
    """Give the records of one domain from its lock entry; what the entry lacks is pending."""
    settings = request.settings
    if settings.security == "none":
        return IdentityDns((), (), envelope_domain=None, signing_domain=None)
    issued = request.issued or Issued()
    found = [*_records(request, issued.domain, "domain")]
    return_paths = [each.name for each in found if each.purpose is Purpose.RETURN_PATH]
    selectors = [each.name.partition("._domainkey.")[0] for each in found if each.purpose is Purpose.DKIM]
    missing: list[Missing] = []
    if not return_paths:
        missing += missing_return_path(request)
    missing += missing_dkim(request, selectors)
    if settings.link_branding:
        links = [*_records(request, issued.links, "links")]
        found += links
        if not any(each.purpose is Purpose.TRACKING for each in links):
            missing += missing_links(request)
    label = settings.domain_label or "em‹n›"
    return IdentityDns(
        records=tuple(found),
        pending=tuple(each.to_record(request) for each in missing),
        refused=tuple(_refused(request, issued)),
        envelope_domain=return_paths[0] if return_paths else f"{label}.{request.domain}",
        signing_domain=request.domain,
    )


def _is_dmarc(record: IssuedRecord) -> bool:
    return record.name.startswith("_dmarc.")


def _lies_below(record: IssuedRecord, domain: str) -> bool:
    """A TXT may stand at the domain itself; a CNAME or MX there would replace what people's mail needs."""
    return record.name.endswith(f".{domain}") or (record.type == "TXT" and record.name == domain)


def _records(request: Request, issued: IssuedSet | None, part: str) -> Iterator[DnsRecord]:
    if issued is None:
        return
    drops_dmarc = any(_is_dmarc(record) for record in issued.records)
    for index, record in enumerate(issued.records):
        if _is_dmarc(record) or not _lies_below(record, request.domain):
            continue
        purpose = _purpose(record, part)
        why = WHY[purpose]
        if drops_dmarc and purpose is Purpose.RETURN_PATH:
            why += f". SendGrid {DMARC_PROPOSAL.value.removeprefix('domain authentication ')}, which is left out: "
            why += "it would override the parent's policy"
        yield DnsRecord(
            name=record.name,
            type=RecordType(record.type),
            value=_value(record),
            purpose=purpose,
            why=why,
            breaks=BREAKS[purpose],
            source=LINKS if part == "links" else DOMAINS,
            origin=request.issued_origin.key(part, "records", index),
            account=request.account_id,
            streams=request.streams,
            read=issued.read.isoformat(),
        )


def _value(record: IssuedRecord) -> str | Mx:
    if record.type == "TXT":
        return record.value
    preference, target = record.target()
    if record.type == "CNAME":
        return target
    return Mx(MX_PREFERENCE.value if preference is None else preference, target)


def _purpose(record: IssuedRecord, part: str) -> Purpose:
    if part == "links":
        return Purpose.VERIFICATION if record.name.startswith("_") else Purpose.TRACKING
    if "._domainkey." in record.name:
        return Purpose.DKIM
    if record.type != "TXT":
        return Purpose.RETURN_PATH
    return Purpose.SPF if record.value.lower().startswith("v=spf1") else Purpose.VERIFICATION


def _refused(request: Request, issued: Issued) -> Iterator[Refusal]:
    """Give lock records outside the identity: an ESP has no say about other names, so they are not published."""
    parts: Sequence[tuple[str, IssuedSet | None]] = (("domain", issued.domain), ("links", issued.links))
    for part, records in parts:
        for index, record in enumerate(records.records if records else ()):
            if not _is_dmarc(record) and not _lies_below(record, request.domain):
                yield Refusal(
                    request.account_id,
                    request.issued_origin.key(part, "records", index),
                    f"the lock file gives a {record.type} at {record.name}, which does not lie below {request.domain}; "
                    "it is not published",
                    "compare the lock entry with what SendGrid shows; take the record out, or run `sendspec pull`",
                )
