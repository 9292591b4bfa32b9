"""What SendGrid says of a user or subuser when one of its keys asks. Reads only."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from pydantic import BaseModel, ConfigDict, RootModel

from sendspec.esp.interface import AccountKey, AccountQuestion, EspAccount, KeyPurpose
from sendspec.esp.sendgrid.facts import (
    API_HOSTS,
    APPLY_SCOPES,
    DOCS,
    DOMAINS,
    EVENT_NAMES,
    GLOBAL,
    ON_BEHALF_OF,
    OPENAPI,
    SEND_SCOPES,
    WEBHOOKS,
)
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.account import Account
from sendspec.model.account_state import Access, AccountState, KeyRights, Quota, WantedWebhook, Webhook
from sendspec.model.credential import Credential
from sendspec.model.credential_use import logins_in_use
from sendspec.model.fact import Fact
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Event
from sendspec.net.account_call import Asked, get, retry_after, sensible

READ = date(2026, 11, 26)
SCOPES_CALL = Fact(
    "/v3/scopes",
    f"{OPENAPI}/tsg_scopes_v3.json",
    READ,
    note="the one read that is open to every key, whatever its scopes",
)
WEBHOOKS_CALL = Fact("/v3/user/webhooks/event/settings/all", WEBHOOKS, READ)
CREDITS_CALL = Fact("/v3/user/credits", f"{OPENAPI}/tsg_user_v3.json", READ)
DOMAINS_CALL = Fact("/v3/whitelabel/domains", DOMAINS, READ, note="`valid` is what the last validation found")
RESET = Fact(
    "x-ratelimit-reset",
    f"{DOCS}/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits",
    READ,
    note="Unix seconds, not seconds to wait",
)
READS_WEBHOOKS, READS_CREDITS, READS_DOMAINS = (
    "user.webhooks.event.settings.read",
    "user.credits.read",
    "whitelabel.read",
)
GIVEN_TO_ALL = Fact(
    ("2fa_required", "sender_verification_eligible", "sender_verification_exempt", "sender_verification_legacy"),
    "https://github.com/kenzo0107/terraform-provider-sendgrid/issues/118",
    READ,
    note="SendGrid adds them to every key by itself",
)
SENDING_SCOPES = "mail."
"""`mail.send`, and what goes with it: `mail.batch.*` pauses and cancels mail that was scheduled."""
PAGE, MOST_PAGES = 50, 40
KEY = "api_key"


class _Error(BaseModel):
    message: str = ""


class _Errors(BaseModel):
    errors: list[_Error]


class _Scopes(BaseModel):
    scopes: list[str]


class _Webhook(BaseModel):
    """Switches beside these are kept as they come: one for each event."""

    model_config = ConfigDict(extra="allow")

    url: str = ""
    enabled: bool = False
    public_key: str | None = None
    oauth_client_id: str | None = None


class _Webhooks(BaseModel):
    webhooks: list[_Webhook]


class _Credits(BaseModel):
    total: int
    used: int
    remain: int
    reset_frequency: str = ""


class _Domain(BaseModel):
    domain: str
    valid: bool = False


class _Domains(RootModel[list[_Domain]]):
    pass


def _keys(setup: Setup, account: Account) -> tuple[AccountKey, ...]:
    """Give every key that sends, over SMTP too, and the one that manages."""
    streams: dict[Credential, set[str]] = {}
    for login, sent in logins_in_use(setup, account).items():
        for credential in login:
            streams.setdefault(credential, set()).update(sent)
    declared = account.credential(KEY)
    if declared is not None:
        streams.setdefault(declared, set())
    sending = (AccountKey((key,), KeyPurpose.SEND, key.origin, tuple(sorted(sent))) for key, sent in streams.items())
    managing = (AccountKey((key,), KeyPurpose.MANAGE, key.origin) for key in account.manage if key.name == KEY)
    return (*sending, *managing)


async def _read(question: AccountQuestion) -> AccountState:
    host = _host(question)
    asked = await _ask(question, host, SCOPES_CALL.value)
    scopes = asked.read(_Scopes)
    if scopes is None:
        return await _refused(question, asked, host)
    found, purpose = frozenset(scopes.scopes), question.key.purpose
    state = replace(
        asked.state(question.hide),
        rights=_rights(purpose, found),
        wanted=tuple(_wanted(question.setup, question.account)),
        # a key for sending alone is not meant to see them
        webhooks_hidden="" if purpose is KeyPurpose.SEND else f"the key lacks the scope {READS_WEBHOOKS}",
    )
    if READS_WEBHOOKS in found:
        state = await _with_webhooks(question, host, state)
    if READS_CREDITS in found:
        state = await _with_credits(question, host, state)
    if READS_DOMAINS in found:
        state = await _with_domains(question, host, state)
    return state


def _host(question: AccountQuestion) -> str:
    region = cast("Settings", question.account.settings).region
    return API_HOSTS.value.get(region, API_HOSTS.value[GLOBAL])


async def _ask(question: AccountQuestion, host: str, path: str) -> Asked:
    headers = [("Authorization", f"Bearer {question.values[question.key.credentials[0].name].reveal()}")]
    subuser = cast("Settings", question.account.settings).subuser
    if subuser is not None and question.key.purpose is KeyPurpose.MANAGE:
        headers.append((ON_BEHALF_OF.value, subuser))
    return await get(question.http, f"https://{host}{path}", headers)


async def _refused(question: AccountQuestion, asked: Asked, host: str) -> AccountState:
    """Say why the first read failed. A key that is refused here may be good at the host of another region."""
    access = None
    if asked.access in {Access.REFUSED, Access.FORBIDDEN}:
        for other in sorted(set(API_HOSTS.value.values()) - {host}):
            if (await _ask(question, other, SCOPES_CALL.value)).read(_Scopes) is not None:
                access = Access.WRONG_REGION
    errors = asked.error(_Errors)
    said = errors.errors[0].message if errors and errors.errors else ""
    return asked.refusal(question.hide, access, said, _back_at(asked, question.now()))


def _back_at(asked: Asked, now: datetime) -> datetime | None:
    text = asked.reply.headers.get(RESET.value, "")
    found = sensible(now, int(text[:12])) if text.isascii() and text.isdecimal() else None
    return found or retry_after(asked.reply, now)


def _rights(purpose: KeyPurpose, scopes: frozenset[str]) -> KeyRights:
    needed = SEND_SCOPES.value if purpose is KeyPurpose.SEND else APPLY_SCOPES.value
    surplus: list[str] = []
    if purpose is KeyPurpose.SEND:
        own = {*needed, *GIVEN_TO_ALL.value}
        surplus = sorted(scope for scope in scopes - own if not scope.startswith(SENDING_SCOPES))
    return KeyRights(tuple(sorted(scopes)), tuple(sorted(set(needed) - scopes)), tuple(surplus))


def _wanted(setup: Setup, account: Account) -> Iterator[WantedWebhook]:
    """Give one webhook for each address: SendGrid posts the events of all streams to each."""
    found: dict[str, WantedWebhook] = {}
    for _, route in setup.routes():
        if route.account == account.id and route.events is not None:
            events = route.events
            before = found.get(events.url, WantedWebhook(events.url, frozenset(), events.origin))
            found[events.url] = replace(before, events=before.events | set(events.types))
    yield from found.values()


async def _with_webhooks(question: AccountQuestion, host: str, state: AccountState) -> AccountState:
    asked = await _ask(question, host, WEBHOOKS_CALL.value)
    webhooks = asked.read(_Webhooks)
    if webhooks is None:
        return replace(state, webhooks_hidden=str(asked.access))
    return replace(state, webhooks=tuple(_webhook(each) for each in webhooks.webhooks if each.url), webhooks_hidden="")


def _webhook(webhook: _Webhook) -> Webhook:
    switched_on = {name for name, value in (webhook.model_extra or {}).items() if value is True}
    return Webhook(
        url=webhook.url,
        events=frozenset(event for event in Event if switched_on.issuperset(EVENT_NAMES[event])),
        is_enabled=webhook.enabled,
        is_authenticated=bool(webhook.public_key or webhook.oauth_client_id),
    )


async def _with_credits(question: AccountQuestion, host: str, state: AccountState) -> AccountState:
    credits_left = (await _ask(question, host, CREDITS_CALL.value)).read(_Credits)
    if credits_left is None:
        return state
    quota = Quota(granted=credits_left.total, used=credits_left.used, period=credits_left.reset_frequency)
    return replace(state, quota=quota)


async def _with_domains(question: AccountQuestion, host: str, state: AccountState) -> AccountState:
    """Add the authenticated domains, page by page; what cannot be read to its end is left out."""
    found: dict[str, bool] = {}
    for page in range(MOST_PAGES):
        domains = (await _ask(question, host, f"{DOMAINS_CALL.value}?limit={PAGE}&offset={page * PAGE}")).read(_Domains)
        if domains is None:
            return state
        found |= {each.domain.lower(): each.valid for each in domains.root}
        if len(domains.root) < PAGE:
            return replace(state, domains=found)
    return state


ACCOUNT = EspAccount(keys=_keys, read=_read)
