"""The DNS a domain needs at Postmark: a DKIM key that Postmark issues, and a return-path that is known beforehand."""

from sendspec.esp.interface import IdentityDns, IdentityRequest
from sendspec.esp.postmark.facts import DKIM_RECORD, RETURN_PATH_TARGET
from sendspec.esp.postmark.settings import Issued, IssuedDkim, Settings
from sendspec.model.dns_record import DnsRecord, PendingRecord, Purpose, RecordType

DKIM_WHY = "the key Postmark signs with: the DKIM leg of DMARC aligns with the From domain"
DKIM_BREAKS = "mail is signed by Postmark's own domain only, so DMARC rests on the return-path alone"


def identity_dns(request: IdentityRequest[Settings, Issued]) -> IdentityDns:
    """Give the records of one domain; the DKIM key is pending until the lock file holds it."""
    return_path = f"{request.settings.return_path}.{request.domain}"
    records = [_return_path(request, return_path)]
    pending: tuple[PendingRecord, ...] = ()
    signing_domain: str | None = request.domain
    issued = request.issued.dkim if request.issued else None
    if request.settings.dkim == "none":
        signing_domain = None
    elif issued is None:
        pending = (_pending_dkim(request),)
    else:
        records.append(_dkim(request, issued))
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


def _dkim(request: IdentityRequest[Settings, Issued], issued: IssuedDkim) -> DnsRecord:
    return DnsRecord(
        name=f"{issued.selector}._domainkey.{request.domain}",
        type=RecordType.TXT,
        value=issued.value,
        purpose=Purpose.DKIM,
        why=DKIM_WHY,
        breaks=DKIM_BREAKS,
        source=DKIM_RECORD.source,
        origin=request.issued_origin.key("dkim"),
        account=request.account_id,
        streams=request.streams,
        read=issued.read.isoformat(),
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
