"""The DNS a domain needs at Postmark: a DKIM key that Postmark issues, and a return-path that is known beforehand."""

from collections.abc import Iterator
from datetime import date

from sendspec.esp.interface import IdentityDns, IdentityRequest
from sendspec.esp.postmark.facts import DKIM_RECORD, RETURN_PATH_TARGET
from sendspec.esp.postmark.settings import DkimKey, Issued, Settings
from sendspec.model.dns_record import DnsRecord, PendingRecord, Purpose, RecordType

DKIM_WHY = "the key Postmark signs with: the DKIM leg of DMARC aligns with the From domain"
DKIM_BREAKS = "mail is signed by Postmark's own domain only, so DMARC rests on the return-path alone"
NEXT_WHY = "the key Postmark signs with once it sees it here: a DKIM rotation is under way"
NEXT_BREAKS = "the rotation does not end; Postmark goes on signing with the old key, and nothing fails"
PREVIOUS_WHY = "the key that Postmark signed with before: mail on its way is verified with it{until}"
PREVIOUS_BREAKS = "mail that was signed before the rotation and is still on its way fails DKIM"


def identity_dns(request: IdentityRequest[Settings, Issued]) -> IdentityDns:
    """Give the records of one domain; the DKIM key is pending until the lock file holds it."""
    return_path = f"{request.settings.return_path}.{request.domain}"
    records = [_return_path(request, return_path)]
    pending: tuple[PendingRecord, ...] = ()
    signing_domain: str | None = request.domain
    issued = request.issued or Issued()
    if request.settings.dkim == "none":
        signing_domain = None
    elif issued.dkim is None:
        pending = (_pending_dkim(request),)
    else:
        records += _keys(request, issued)
    return IdentityDns(tuple(records), pending, envelope_domain=return_path, signing_domain=signing_domain)


def _return_path(request: IdentityRequest[Settings, Issued], name: str) -> DnsRecord:
    return DnsRecord(
        name=name,
        type=RecordType.CNAME,
        value=RETURN_PATH_TARGET.value,
        purpose=Purpose.RETURN_PATH,
        why="the return-path: bounces reach Postmark, and receivers read Postmark's SPF through this CNAME",
        breaks="the envelope falls back to Postmark's own domain: SPF still passes, but no longer aligns for DMARC",
        source=RETURN_PATH_TARGET.source,
        origin=request.origin.key("settings", "return_path"),
        account=request.account_id,
        streams=request.streams,
    )


def _keys(request: IdentityRequest[Settings, Issued], issued: Issued) -> Iterator[DnsRecord]:
    """Give the record of each key: one, or two during a rotation."""
    if issued.dkim is None:
        return
    yield _dkim(request, "dkim", issued.dkim, (DKIM_WHY, DKIM_BREAKS), issued.dkim.read)
    seen = {issued.dkim.selector}
    if issued.next and issued.next.selector not in seen:
        seen.add(issued.next.selector)
        yield _dkim(request, "next", issued.next, (NEXT_WHY, NEXT_BREAKS), issued.next.read)
    if issued.previous and issued.previous.selector not in seen:
        day = issued.previous.until
        until = f", until {day.isoformat()}" if day else ", until Postmark says that it may go"
        why = PREVIOUS_WHY.format(until=until)
        yield _dkim(request, "previous", issued.previous, (why, PREVIOUS_BREAKS), issued.previous.read)


def _dkim(
    request: IdentityRequest[Settings, Issued], part: str, key: DkimKey, words: tuple[str, str], read: date | None
) -> DnsRecord:
    why, breaks = words
    return DnsRecord(
        name=f"{key.selector}._domainkey.{request.domain}",
        type=RecordType.TXT,
        value=key.value,
        purpose=Purpose.DKIM,
        why=why,
        breaks=breaks,
        source=DKIM_RECORD.source,
        origin=request.issued_origin.key(part),
        account=request.account_id,
        streams=request.streams,
        read=read.isoformat() if read else "",
    )


def _pending_dkim(request: IdentityRequest[Settings, Issued]) -> PendingRecord:
    return PendingRecord(
        name=f"‹selector›._domainkey.{request.domain}",
        type=RecordType.TXT,
        value="‹k=rsa; p=…›",
        purpose=Purpose.DKIM,
        why=DKIM_WHY,
        breaks=DKIM_BREAKS,
        source=DKIM_RECORD.source,
        cure=f"create the domain {request.domain} at Postmark (`sendspec apply`, or by hand with the calls of "
        f"esps/{request.account_id}/requests.json), then `sendspec pull`, or copy DKIMPendingHost and "
        "DKIMPendingTextValue from its DNS settings into the lock file",
        lock_entry=(
            "issued:\n"
            f"  {request.account_id}:\n"
            f"    {request.domain}:\n"
            "      dkim:\n"
            "        selector: ‹selector›\n"
            '        value: "‹k=rsa; p=…›"\n'
            "        read: ‹date›\n"
        ),
        origin=request.origin,
        account=request.account_id,
        streams=request.streams,
    )
