"""What SendGrid has still to issue, and how to get it into the lock file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sendspec.esp.interface import IdentityRequest
from sendspec.esp.sendgrid.facts import AUTOMATIC_TARGET, DOMAINS, LINK_TARGET, LINKS, MANUAL_VALUES, MX_PREFERENCE
from sendspec.esp.sendgrid.settings import Issued, Settings
from sendspec.model.dns_record import PendingRecord, Purpose, RecordType

Request = IdentityRequest[Settings, Issued]
AUTOMATIC_SELECTORS = ("s1", "s2")
MANUAL_SELECTOR = "m1"


@dataclass(frozen=True, slots=True)
class Missing:
    """A record that the lock entry lacks. `part` is where it belongs there: `domain` or `links`."""

    part: str
    label: str
    type: RecordType
    value: str
    purpose: Purpose
    why: str
    breaks: str

    def to_record(self, request: Request) -> PendingRecord:
        """Give it as a pending record of the identity."""
        what = "the authenticated domain" if self.part == "domain" else "the link branding"
        return PendingRecord(
            name=f"{self.label}.{request.domain}",
            type=self.type,
            value=f"‹{self.value}›",
            purpose=self.purpose,
            why=self.why,
            breaks=self.breaks,
            source=DOMAINS if self.part == "domain" else LINKS,
            cure=f"create {what} for {request.domain} at SendGrid (`sendspec apply`, or by hand with the calls of "
            f"esps/{request.account_id}/requests.json), then `sendspec pull`, or copy every record of the answer's "
            "`dns` into the lock file",
            lock_entry=_lock_entry(request, self.part),
            origin=request.origin,
            account=request.account_id,
            streams=request.streams,
        )


def missing_return_path(request: Request) -> tuple[Missing, ...]:
    """Give the return-path: a CNAME, or with manual security an MX and the SPF beside it."""
    label = request.settings.domain_label or "em‹n›"
    why, breaks = "the return-path that SendGrid chooses", "SPF does not align for DMARC; DKIM stands alone"
    if request.settings.security == "automatic":
        target = AUTOMATIC_TARGET.value
        return (Missing("domain", label, RecordType.CNAME, target, Purpose.RETURN_PATH, why, breaks),)
    exchange, spf = f"{MX_PREFERENCE.value} {MANUAL_VALUES.value['mx']}", MANUAL_VALUES.value["spf"]
    return (
        Missing("domain", label, RecordType.MX, exchange, Purpose.RETURN_PATH, why, breaks),
        Missing("domain", label, RecordType.TXT, spf, Purpose.SPF, "lets SendGrid use that return-path", breaks),
    )


def missing_dkim(request: Request, selectors: Sequence[str]) -> tuple[Missing, ...]:
    """Give the keys that are not there yet.

    Custom selectors (`extra`) are taken as they come; of the pair s1 and s2 both are needed, because SendGrid changes
    from one to the other by itself.
    """
    why = "a key SendGrid signs with: the DKIM leg of DMARC aligns with the From domain"
    breaks = "mail is not signed for the domain"
    if request.settings.security == "manual":
        if selectors:
            return ()
        value = MANUAL_VALUES.value["dkim"]
        label = f"{MANUAL_SELECTOR}._domainkey"
        return (Missing("domain", label, RecordType.TXT, value, Purpose.DKIM, why, breaks),)
    if selectors and not set(selectors) & set(AUTOMATIC_SELECTORS):
        return ()
    return tuple(
        Missing(
            "domain",
            f"{selector}._domainkey",
            RecordType.CNAME,
            f"{selector}.domainkey.{AUTOMATIC_TARGET.value}",
            Purpose.DKIM,
            why,
            breaks,
        )
        for selector in AUTOMATIC_SELECTORS
        if selector not in selectors
    )


def missing_links(request: Request) -> tuple[Missing, ...]:
    """Give the two hosts of link branding: the links' own, and one that is named after the account's number."""
    why = "links in the mail lead through this host, not through a domain that SendGrid's customers share"
    breaks = "tracked links show a shared domain whose reputation others make"
    target = LINK_TARGET.value
    return tuple(
        Missing("links", label, RecordType.CNAME, target, Purpose.TRACKING, why, breaks)
        for label in (request.settings.link_label, "‹id›")
    )


def _lock_entry(request: Request, part: str) -> str:
    """Give the whole part of the lock entry, with placeholders."""
    wanted = missing_links(request) if part == "links" else (*missing_return_path(request), *missing_dkim(request, ()))
    records = "".join(
        f'          - {{type: {each.type}, name: {each.label}.{request.domain}, value: "‹{each.value}›"}}\n'
        for each in wanted
    )
    return (
        "issued:\n"
        f"  {request.account_id}:\n"
        f"    {request.domain}:\n"
        f"      {part}:\n"
        "        id: ‹id›\n"
        f"        records:\n{records}"
        "        read: ‹date›\n"
    )
