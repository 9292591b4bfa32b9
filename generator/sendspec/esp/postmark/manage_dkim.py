"""The DKIM keys of a domain at Postmark: the one it signs with, the one it waits for, the one it gave up.

A rotation: a new key is requested, and published beside the old one; once Postmark has seen it, it signs with the new
one, and the old one may go when Postmark says so (`SafeToRemoveRevokedKeyFromDNS`): mail signed with it is still on its
way. Source: https://postmarkapp.com/developer/api/domains-api (read 2026-11-26).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from sendspec.esp.managing import Desk
from sendspec.esp.postmark.manage_answers import Domain, Rotation
from sendspec.esp.postmark.manage_calls import Api, CallError, Code, Level, Patience, open_api, or_look
from sendspec.esp.postmark.manage_domain_lookup import find_domain
from sendspec.esp.postmark.settings import DkimKey
from sendspec.model.live import Failure, Outcome, Unread

KEYS_BELOW = "._domainkey."
FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class DkimState:
    """The keys of one domain.

    Attributes:
        active: The key that Postmark signs with; None before the first was seen in DNS.
        pending: The key that Postmark waits to see in DNS.
        revoked: The key before the active one.
        may_remove_revoked: Postmark says that nothing needs the revoked key's record any more.
        status: `DKIMUpdateStatus`, in Postmark's words.
        unusable: What stands where a key should and is none; empty: nothing.
    """

    active: DkimKey | None = None
    pending: DkimKey | None = None
    revoked: DkimKey | None = None
    may_remove_revoked: bool = False
    status: str = ""
    unusable: str = ""

    @property
    def issued(self) -> Mapping[str, Mapping[str, object]]:
        """Give the parts of the lock entry, without the day; an empty one is no longer to be published."""
        current = self.active or self.pending
        if current is None:
            return {}
        found: dict[str, Mapping[str, object]] = {"dkim": current.model_dump(), "next": {}, "previous": {}}
        if self.active and self.pending and self.pending != self.active:
            found["next"] = self.pending.model_dump()
        if self.revoked and self.revoked.selector != current.selector and not self.may_remove_revoked:
            found["previous"] = self.revoked.model_dump()
        return found


def dkim_state(domain: Domain) -> DkimState:
    """Read the keys of a domain."""
    unusable: list[str] = []

    def key(host: str | None, value: str | None, what: str) -> DkimKey | None:
        if not host and not value:
            return None
        selector, below, rest = (host or "").partition(KEYS_BELOW)
        if below and rest.casefold() == domain.name.casefold():
            try:
                return DkimKey(selector=selector, value=value or "")
            except ValidationError:
                pass
        unusable.append(f"the {what} key that Postmark shows for {domain.name[:253]} is none")
        return None

    return DkimState(
        active=key(domain.dkim_host, domain.dkim_text_value, "active"),
        pending=key(domain.dkim_pending_host, domain.dkim_pending_text_value, "pending"),
        revoked=key(domain.dkim_revoked_host, domain.dkim_revoked_text_value, "revoked"),
        may_remove_revoked=domain.safe_to_remove_revoked_key,
        status=(domain.dkim_update_status or "")[:40],
        unusable="; ".join(unusable),
    )


async def read_keys(desk: Desk, domain: str, patience: Patience | None = None) -> DkimState | Unread | None:
    """Give the keys of a domain; None: the account has no such domain. Never raises for what the world does."""
    try:
        found = await _find(await open_api(desk, patience or Patience()), desk, domain)
    except CallError as error:
        return error.unread(f"{desk.account.id}: domain {domain}")
    return dkim_state(found) if found else None


async def request_key(desk: Desk, domain: str, patience: Patience | None = None) -> Outcome:
    """Let Postmark make a new key. `issued` then holds `next`, to be published beside `dkim`.

    Idempotent: while a key waits to be seen in DNS no other is made. Never raises for what the world does.
    """
    try:
        api = await open_api(desk, patience or Patience())
        found = await _known(api, desk, domain)
        if not dkim_state(found).pending:

            async def look() -> Rotation | None:
                now = await _find(api, desk, domain)
                return Rotation(ID=now.id) if now and dkim_state(now).pending else None

            work = api.change(Level.ACCOUNT, "POST", f"/domains/{found.id}/rotatedkim", Rotation)
            await or_look(work, look, taken={Code.DKIM_IN_RENEWAL})
            found = await _known(api, desk, domain)
    except CallError as error:
        return error.outcome()
    return _outcome(found)


async def verify_key(desk: Desk, domain: str, patience: Patience | None = None) -> Outcome:
    """Let Postmark look for the pending key in DNS, and sign with it once it is there. Never raises for what the world does.

    A key that is not seen yet is no failure: `notes` say so, and `issued` still holds `next`.
    """
    try:
        api = await open_api(desk, patience or Patience())
        found = await _known(api, desk, domain)
        if dkim_state(found).pending:
            found = await ask_to_verify(api, found, "verifyDkim")
    except CallError as error:
        return error.outcome()
    return _outcome(found)


async def ask_to_verify(api: Api, domain: Domain, check: str) -> Domain:
    """Make Postmark look at DNS now (`verifyDkim`, `verifyReturnPath`). Raises CallError."""

    async def look() -> Domain | None:
        return await api.read(Level.ACCOUNT, f"/domains/{domain.id}", Domain)

    return await or_look(api.change(Level.ACCOUNT, "PUT", f"/domains/{domain.id}/{check}", Domain), look)


async def _find(api: Api, desk: Desk, domain: str) -> Domain | None:
    return await find_domain(api, domain, desk.native_ids.get(f"domain/{domain}", ""))


async def _known(api: Api, desk: Desk, domain: str) -> Domain:
    found = await _find(api, desk, domain)
    if found is None:
        raise CallError(Failure.REFUSED, f"the account has no domain {domain}", "`sendspec apply` makes it")
    return found


def _outcome(domain: Domain) -> Outcome:
    state = dkim_state(domain)
    notes = (f"Postmark has not seen the key of selector {state.pending.selector} yet",) if state.pending else ()
    return Outcome(native_id=str(domain.id), issued={domain.name.lower(): state.issued}, notes=notes)
