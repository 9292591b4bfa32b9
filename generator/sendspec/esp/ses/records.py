"""DNS that SES wants for one From domain: DKIM, the custom MAIL FROM, and the host of tracked links."""

from collections.abc import Iterator
from dataclasses import replace
from sys import intern

from sendspec.esp.interface import IdentityDns, IdentityRequest
from sendspec.esp.ses.facts import (
    DG,
    DKIM_TOKENS,
    MAIL_FROM_MX_HOST,
    MAIL_FROM_MX_PREFERENCE,
    SPF_INCLUDE,
    TRACKING_HOST,
)
from sendspec.esp.ses.issued import Issued, IssuedDkim, OwnKey
from sendspec.esp.ses.settings import Settings
from sendspec.model.dns_record import DnsRecord, Mx, PendingRecord, Purpose, RecordType
from sendspec.model.origin import Origin

Request = IdentityRequest[Settings, Issued]

EASY_WHY = "Easy DKIM: SES keeps and rotates the key behind this name, and sees by it that the domain is yours"
EASY_BREAKS = (
    "SES refuses to send from the domain while a token is missing, and unsigned mail has no DKIM leg for DMARC"
)
EASY_SOURCE = f"{DG}/send-email-authentication-dkim-easy.html; RFC 6376 section 3.6.2.1"
OWN_WHY = "BYODKIM: the public half of the key that SES signs with"
OWN_BREAKS = "signatures do not verify, and SES refuses to send from the domain"
OWN_SOURCE = f"{DG}/send-email-authentication-dkim-bring-your-own.html; RFC 6376 section 3.6.1"
NEXT_WHY = "the key that SES is to sign with: it is switched to it once every name server has this record"
NEXT_BREAKS = "the rotation does not go on; SES signs with the old key, and nothing fails"
PREVIOUS_WHY = "the key that SES signed with before: mail on its way, and in mailboxes, is verified with it{until}"
PREVIOUS_BREAKS = "mail that was signed before the rotation and is still on its way fails DKIM"
MAIL_FROM_SOURCE = f"{DG}/mail-from.html"
ENVELOPE_SPF = f"v=spf1 include:{SPF_INCLUDE.value} ~all"
ENVELOPE_SPF_SOURCE = f"RFC 7208 section 2.4; {MAIL_FROM_SOURCE}"
UNKNOWN_ZONE = "‹SigningHostedZone›"


def identity_dns(request: Request) -> IdentityDns:
    """Give the records of one identity; what the lock does not know yet is pending."""
    records: list[DnsRecord] = []
    pending: list[PendingRecord] = []
    for record in (*_dkim(request), *_mail_from(request), *_tracking(request)):
        if isinstance(record, DnsRecord):
            records.append(record)
        else:
            pending.append(record)
    return IdentityDns(
        records=tuple(records),
        pending=tuple(pending),
        envelope_domain=mail_from_domain(request.settings, request.domain),
        signing_domain=None if request.settings.dkim == "none" else request.domain,
        has_own_key=request.settings.dkim == "byodkim",
        stops_without_return_path=request.settings.behavior_on_mx_failure == "reject",
        envelope_note=_on_mx_failure(request.settings),
    )


def _on_mx_failure(settings: Settings) -> str:
    """Say what SES does while it cannot see the MX of the MAIL FROM (mail-from.html, read 2026-11-23)."""
    if settings.mail_from is None:
        return ""
    if settings.behavior_on_mx_failure == "reject":
        return "while SES cannot see the MX of the envelope domain it refuses the mail; worth an alert"
    carries = "" if settings.dkim == "none" else ", DKIM carries"
    return intern(
        "while SES cannot see the MX of the envelope domain it uses its own: "
        f"the SPF leg is silently lost{carries}; worth an alert"
    )


def mail_from_domain(settings: Settings, domain: str) -> str | None:
    """Give the custom MAIL FROM of a From domain; None when SES uses its own."""
    return None if settings.mail_from is None else f"{settings.mail_from}.{domain}"


def _dkim(request: Request) -> Iterator[DnsRecord | PendingRecord]:
    issued = request.issued.dkim if request.issued else None
    if request.settings.dkim == "easy":
        yield from _easy_dkim(request, issued)
    elif request.settings.dkim == "byodkim":
        yield _own_key(request, issued)
        yield from _other_keys(request)


def _easy_dkim(request: Request, issued: IssuedDkim | None) -> Iterator[DnsRecord | PendingRecord]:
    """Yield the three CNAMEs. Their zone depends on region and age of the identity, so it is read, never computed."""
    tokens = issued.tokens if issued else None
    zone = issued.hosted_zone if issued else None
    if tokens is not None and zone is not None:
        origin = _issued(request)
        for token in tokens:
            name, value = f"{token}._domainkey.{request.domain}", f"{token}.{zone}"
            yield _record(
                request, name, RecordType.CNAME, value, Purpose.DKIM, EASY_WHY, EASY_BREAKS, EASY_SOURCE, origin
            )
        return
    known = tokens or tuple(f"‹token {number}›" for number in range(1, DKIM_TOKENS.value + 1))
    for token in known:
        yield PendingRecord(
            name=f"{token}._domainkey.{request.domain}",
            type=RecordType.CNAME,
            value=f"{token}.{zone or UNKNOWN_ZONE}",
            purpose=Purpose.DKIM,
            why=EASY_WHY,
            breaks=EASY_BREAKS,
            source=EASY_SOURCE,
            cure=_easy_cure(request),
            lock_entry=_lock_entry(request, f"{{tokens: [{', '.join(known)}], hosted_zone: {zone or UNKNOWN_ZONE}, "),
            origin=request.origin,
            account=request.account_id,
            streams=request.streams,
        )


def _own_key(request: Request, issued: IssuedDkim | None) -> DnsRecord | PendingRecord:
    if issued and issued.selector and issued.value:
        name = f"{issued.selector}._domainkey.{request.domain}"
        record = _record(
            request, name, RecordType.TXT, issued.value, Purpose.DKIM, OWN_WHY, OWN_BREAKS, OWN_SOURCE, _issued(request)
        )
        return replace(record, read=issued.read.isoformat())
    return PendingRecord(
        name=f"‹selector›._domainkey.{request.domain}",
        type=RecordType.TXT,
        value="‹p=…›",
        purpose=Purpose.DKIM,
        why=OWN_WHY,
        breaks=OWN_BREAKS,
        source=OWN_SOURCE,
        cure="`sendspec apply` makes the key pair and keeps its private half where `manage: dkim_private_key:` of the account "
        "says; or make one of 2048 bits (RSA) by hand, and write selector and public half into the lock file",
        lock_entry=_lock_entry(request, "{selector: ‹selector›, value: ‹p=…›, "),
        origin=request.origin,
        account=request.account_id,
        streams=request.streams,
    )


def _other_keys(request: Request) -> Iterator[DnsRecord]:
    """Give the records of keys beside the current one: the next, and the one before. They come after it."""
    issued = request.issued
    if issued is None or issued.dkim is None or issued.dkim.selector is None:
        return
    seen = {issued.dkim.selector}
    for part, key in (("next", issued.next), ("previous", issued.previous)):
        if key is None or key.selector in seen:
            continue
        seen.add(key.selector)
        yield _other_key(request, part, key)


def _other_key(request: Request, part: str, key: OwnKey) -> DnsRecord:
    until = f", until {key.until.isoformat()}" if key.until else ""
    why = NEXT_WHY if part == "next" else PREVIOUS_WHY.format(until=until)
    record = _record(
        request,
        f"{key.selector}._domainkey.{request.domain}",
        RecordType.TXT,
        key.value,
        Purpose.DKIM,
        why,
        NEXT_BREAKS if part == "next" else PREVIOUS_BREAKS,
        OWN_SOURCE,
        request.issued_origin.key(part),
    )
    return replace(record, read=key.read.isoformat() if key.read else "")


def _mail_from(request: Request) -> Iterator[DnsRecord]:
    host = mail_from_domain(request.settings, request.domain)
    if host is None:
        return
    origin = request.origin.key("settings", "mail_from") if _says(request, "mail_from") else request.origin
    yield _record(
        request,
        host,
        RecordType.MX,
        Mx(MAIL_FROM_MX_PREFERENCE.value, MAIL_FROM_MX_HOST.value.format(region=request.settings.region)),
        Purpose.RETURN_PATH,
        "custom MAIL FROM: bounces come back to SES; exactly one MX may stand here",
        "mail is refused"
        if request.settings.behavior_on_mx_failure == "reject"
        else "SES sends with its own MAIL FROM, and the SPF leg no longer aligns",
        MAIL_FROM_SOURCE,
        origin,
    )
    yield _record(
        request,
        host,
        RecordType.TXT,
        ENVELOPE_SPF,
        Purpose.SPF,
        "SPF is read at the envelope sender, which for mail through SES is this name",
        "SPF fails for mail through SES, and DMARC hangs on DKIM alone",
        ENVELOPE_SPF_SOURCE,
        origin,
    )


def _tracking(request: Request) -> Iterator[DnsRecord]:
    host = request.settings.tracking_domain
    if host is None:
        return
    yield _record(
        request,
        host,
        RecordType.CNAME,
        TRACKING_HOST.value.format(region=request.settings.region),
        Purpose.TRACKING,
        "open and click links of tracked mail carry this host in place of one that belongs to SES",
        "tracked links lead nowhere; without https in front of it (a CDN) they are plain http",
        TRACKING_HOST.source,
        request.origin.key("settings", "tracking_domain"),
    )


def _record(
    request: Request,
    name: str,
    type_: RecordType,
    value: str | Mx,
    purpose: Purpose,
    why: str,
    breaks: str,
    source: str,
    origin: Origin,
) -> DnsRecord:
    return DnsRecord(
        name, type_, value, purpose, why, breaks, source, origin, account=request.account_id, streams=request.streams
    )


def _says(request: Request, setting: str) -> bool:
    return setting in request.settings.model_fields_set


def _issued(request: Request) -> Origin:
    return request.issued_origin.key("dkim")


def _easy_cure(request: Request) -> str:
    where = f"--email-identity {request.domain} --region {request.settings.region}"
    return (
        f"create the identity (esps/{request.account_id}/cloudformation.yaml, or `aws sesv2 create-email-identity {where}`); "
        "then `sendspec pull`, or write the lock entry by hand from "
        f"`aws sesv2 get-email-identity {where} --query DkimAttributes` (Tokens and SigningHostedZone)"
    )


def _lock_entry(request: Request, dkim: str) -> str:
    return f"issued:\n  {request.account_id}:\n    {request.domain}:\n      dkim: {dkim}read: ‹YYYY-MM-DD›}}\n"
