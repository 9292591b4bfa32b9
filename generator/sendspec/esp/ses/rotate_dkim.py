"""How a DKIM key of one's own is replaced at SES: made here, published beside the old one, then signed with.

SES signs with one key. Told of another one it stops signing with the old key at once, and signs with the new one when it
has seen its record (developer guide, send-email-authentication-dkim-bring-your-own): so the record comes first.
"""

from collections.abc import Mapping
from datetime import date

from sendspec.esp.managing import Desk
from sendspec.esp.rotating import DkimRotator
from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.dkim_keys import WHERE, new_private_key, new_selector, public_half, unfit_key
from sendspec.esp.ses.manage_bench import mapping
from sendspec.esp.ses.manage_calls import Calls, Refused
from sendspec.esp.ses.resources import PRIVATE_KEY_CREDENTIAL, own_key_records, private_key_reference
from sendspec.model.account import Account
from sendspec.model.live import Failure, Outcome
from sendspec.model.secret import Secret
from sendspec.records import dkim
from sendspec.records.error import RecordError

NAME = "EmailIdentity"
NONE: Mapping[str, object] = {}
CURRENT, NEXT = 0, 1
"""In which order the records of a domain's own keys come."""


def itself(account: Account) -> str:
    """Say that there is nothing to rotate, where SES does it."""
    way = settings_of(account).dkim
    if way == "easy":
        return (
            "SES rotates the keys of Easy DKIM by itself, behind the three CNAMEs: nothing is to be published anew "
            "(developer guide, send-email-authentication-dkim-easy)"
        )
    return "SES does not sign for this account" if way == "none" else ""


async def request(desk: Desk, domain: str) -> Outcome:
    """Make a key, and store its private half under its own selector."""
    account = desk.account
    keys = _keys(desk, domain)
    if len(keys) > NEXT:
        return Outcome()
    if not keys:
        fix = "`sendspec apply` makes the first key"
        return Outcome(Failure.NEEDS, f"{domain} has no DKIM key yet", fix)
    credential = next((each for each in account.manage if each.name == PRIVATE_KEY_CREDENTIAL), None)
    if credential is None:
        return Outcome(Failure.NEEDS, "the spec names no place for private DKIM keys", WHERE)
    if "{selector}" not in credential.reference:
        said = f"{credential.reference} has one place for the private key of a domain, and a rotation needs two"
        fix = "write {selector} into it, as in aws-sm://prod/mail/dkim#{domain}-{selector}, and move each key to its place"
        return Outcome(Failure.NEEDS, said, fix)
    selector = new_selector(desk.now(), {each for each, _ in _keys(desk, domain)})
    reference = private_key_reference(account, domain, selector) or ""
    held = await desk.keeper.value(reference)
    public = public_half(held.reveal()) if isinstance(held, Secret) else None
    if public is None:  # one that is there comes from a run that was interrupted
        key = new_private_key()
        public = public_half(key.reveal())
        refused = await desk.keeper.keep(reference, key)
        if refused is not None:
            return Outcome(Failure.NEEDS, f"the private key could not be stored: {refused.reason}", refused.fix)
    value = dkim.DkimKey(public_key=public or "").to_text()
    return Outcome(issued={domain: {"next": {"selector": selector, "value": value}}})


async def switch(desk: Desk, domain: str, until: date) -> Outcome:
    """Let SES sign with the key that waits, unless it does already: its answer may have been lost."""
    keys = _keys(desk, domain)
    if len(keys) <= NEXT:
        return Outcome(Failure.REFUSED, f"no new key of {domain} waits in the lock file", "rotate begins with one")
    (old, old_value), (new, value) = keys[CURRENT], keys[NEXT]
    calls = Calls(desk.aws, desk.keeper, settings_of(desk.account).region)
    seen = await calls.ask("sesv2", "get_email_identity", {NAME: domain})
    if isinstance(seen, Refused):
        return seen.outcome()
    tokens = mapping(seen.get("DkimAttributes")).get("Tokens")
    if tokens != [new]:
        told = await _tell(desk, calls, domain, new, value)
        if told.failure is not None:
            return told
    previous = {"selector": old, "value": old_value, "until": until.isoformat()}
    current = {"selector": new, "value": value}
    return Outcome(issued={domain: {"dkim": current, "next": NONE, "previous": previous}})


async def _tell(desk: Desk, calls: Calls, domain: str, selector: str, value: str) -> Outcome:
    reference = private_key_reference(desk.account, domain, selector) or ""
    held = await desk.keeper.value(reference)
    if not isinstance(held, Secret):
        return Outcome(Failure.NEEDS, f"the private key of {selector}: {held.reason}", held.fix)
    problem = unfit_key(held.reveal(), _public(value))
    if problem is not None:
        return Outcome(Failure.NEEDS, f"{domain}: {problem.reason}", problem.fix)
    signing = {"DomainSigningSelector": selector, "DomainSigningPrivateKey": held.reveal()}
    answer = await calls.ask(
        "sesv2",
        "put_email_identity_dkim_signing_attributes",
        {NAME: domain, "SigningAttributesOrigin": "EXTERNAL", "SigningAttributes": signing},
    )
    return answer.outcome() if isinstance(answer, Refused) else Outcome()


def _public(value: str) -> str | None:
    try:
        return dkim.parse(value).public_key
    except RecordError:  # the lock file was checked when it was read
        return None


async def finish(_desk: Desk, domain: str, _today: date) -> Outcome:
    """Let the old key go: its day has come."""
    return Outcome(issued={domain: {"previous": NONE}})


def _keys(desk: Desk, domain: str) -> list[tuple[str, str]]:
    """Give (selector, record) of the keys in the lock file: the one that signs first, then those beside it."""
    identity = desk.setup.identity(desk.account.id, domain)
    records = own_key_records(identity) if identity else []
    return [(each.name.partition("._domainkey.")[0], str(each.value)) for each in records]


DKIM = DkimRotator(
    itself=itself,
    request=request,
    switch=switch,
    finish=finish,
    meanwhile="SES stops signing with the old key at once, and signs with the new one as soon as it has seen its record",
)
