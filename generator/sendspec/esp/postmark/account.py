"""What Postmark says of a server or an account when one of its tokens asks. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from sendspec.esp.interface import AccountKey, AccountQuestion, EspAccount, KeyPurpose
from sendspec.esp.postmark.facts import API_HOST, DEFAULT_STREAMS, DOCS, EVENT_NAMES
from sendspec.esp.postmark.resources import routes_of
from sendspec.model.account import Account
from sendspec.model.account_state import (
    AccountState,
    Aspect,
    Difference,
    Standing,
    WantedWebhook,
    Webhook,
)
from sendspec.model.credential import Credential
from sendspec.model.credential_use import logins_in_use
from sendspec.model.fact import Fact
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Event, Via
from sendspec.net.account_call import Asked, get, retry_after

READ = date(2026, 11, 26)
SERVER_API = Fact(
    "/server",
    f"{DOCS}/api/server-api",
    READ,
    note="its answer holds ApiTokens in the clear: the model below has no member for them, so they are never kept",
)
STREAMS_API = Fact("/message-streams", f"{DOCS}/api/message-streams-api", READ)
WEBHOOKS_API = Fact(
    "/webhooks", f"{DOCS}/api/webhooks-api", READ, note="holds HttpAuth in the clear: only its presence is kept"
)
DOMAINS_API = Fact("/domains", f"{DOCS}/api/domains-api", READ, note="count, at most 500, and offset are required")
PAGE, MOST_PAGES = 500, 20
TOKEN, ACCOUNT_TOKEN = "server_token", "account_token"
HEADERS = {TOKEN: "X-Postmark-Server-Token", ACCOUNT_TOKEN: "X-Postmark-Account-Token"}


class _Json(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)


class _Error(_Json):
    error_code: int
    message: str = ""


class _Server(_Json):
    name: str
    delivery_type: str = "Live"
    smtp_api_activated: bool


class _Stream(_Json):
    id: str = Field(alias="ID")
    message_stream_type: str
    archived_at: str | None = None


class _Streams(_Json):
    message_streams: list[_Stream]


class _Trigger(_Json):
    enabled: bool = False


class _Webhook(_Json):
    url: str
    message_stream: str
    http_auth: dict[str, object] | None = None
    http_headers: list[object] = []
    triggers: dict[str, _Trigger]


class _Webhooks(_Json):
    webhooks: list[_Webhook]


class _Domain(_Json):
    name: str
    dkim_verified: bool = Field(default=False, alias="DKIMVerified")


class _Domains(_Json):
    total_count: int
    domains: list[_Domain]


def _keys(setup: Setup, account: Account) -> tuple[AccountKey, ...]:
    """Give every server token, and the account token. SMTP tokens cannot ask the API."""
    streams: dict[Credential, set[str]] = {}
    for login, sent in logins_in_use(setup, account).items():
        for credential in login:
            if credential.name == TOKEN:
                streams.setdefault(credential, set()).update(sent)
    declared = account.credential(TOKEN)
    if declared is not None:
        streams.setdefault(declared, set())
    sending = (
        AccountKey((token,), KeyPurpose.SEND, token.origin, tuple(sorted(sent))) for token, sent in streams.items()
    )
    managing = (
        AccountKey((token,), KeyPurpose.MANAGE, token.origin) for token in account.manage if token.name == ACCOUNT_TOKEN
    )
    return (*sending, *managing)


async def _read(question: AccountQuestion) -> AccountState:
    if question.key.purpose is KeyPurpose.MANAGE:
        return await _read_domains(question)
    asked = await _ask(question, SERVER_API.value)
    server = asked.read(_Server)
    if server is None:
        return _refused(question, asked)
    state = asked.state(question.hide)
    found = list(_server_differences(question, server))
    streams = (await _ask(question, f"{STREAMS_API.value}?IncludeArchivedStreams=true")).read(_Streams)
    if streams is not None:
        found += _stream_differences(question, streams)
    wanted = tuple(_wanted(question.setup, question.account))
    webhooks, hidden = await _read_webhooks(question, sorted({each.esp_stream for each in wanted}))
    return replace(
        state,
        standing=Standing.UNKNOWN,
        differences=tuple(found),
        compared=1 + (len(streams.message_streams) if streams else 0),
        wanted=wanted,
        webhooks=webhooks,
        webhooks_hidden=hidden,
    )


async def _ask(question: AccountQuestion, path: str) -> Asked:
    credential = question.key.credentials[0]
    token = question.values[credential.name].reveal()
    return await get(question.http, f"https://{API_HOST.value}{path}", [(HEADERS[credential.name], token)])


def _refused(question: AccountQuestion, asked: Asked) -> AccountState:
    error = asked.error(_Error)
    said = f"{error.message} (ErrorCode {error.error_code})" if error else ""
    return asked.refusal(question.hide, said=said, back_at=retry_after(asked.reply, question.now()))


def _server_differences(question: AccountQuestion, server: _Server) -> Iterator[Difference]:
    account = question.account
    at = account.origin.key("settings", "server")
    if server.delivery_type != "Live":
        yield Difference(Aspect.TEST_SERVER, at, f"server {server.name}", "Live", server.delivery_type)
    by_smtp = [each.route for each in routes_of(question.setup, account) if each.route.via is Via.SMTP]
    if by_smtp and not server.smtp_api_activated:
        about = f"server {server.name}"
        yield Difference(Aspect.SMTP_OFF, by_smtp[0].origin, about, "SmtpApiActivated: true", "SmtpApiActivated: false")


def _stream_differences(question: AccountQuestion, streams: _Streams) -> Iterator[Difference]:
    """Compare the message streams that routes leave through. Those every server has are what they are."""
    known = {stream.id: stream for stream in streams.message_streams}
    leaving = {each.message_stream for each in routes_of(question.setup, question.account)}
    for resource in question.setup.resources:
        is_ours = resource.account == question.account.id and resource.kind == "message-stream"
        if not is_ours or resource.id not in leaving:
            continue
        about, wanted = f"message stream {resource.id}", str(resource.properties["MessageStreamType"])
        stream = known.get(resource.id)
        if stream is None:
            others = ", ".join(sorted(set(known) - set(DEFAULT_STREAMS.value))) or "the default ones only"
            yield Difference(Aspect.STREAM_MISSING, resource.origin, about, wanted, others)
        elif stream.archived_at:
            seen = f"archived {stream.archived_at}"
            yield Difference(Aspect.STREAM_ARCHIVED, resource.origin, about, wanted, seen)
        elif stream.message_stream_type != wanted:
            yield Difference(Aspect.STREAM_TYPE, resource.origin, about, wanted, stream.message_stream_type)


def _wanted(setup: Setup, account: Account) -> Iterator[WantedWebhook]:
    """Give one webhook for each message stream and address, with the events of all routes that share them."""
    found: dict[tuple[str, str], WantedWebhook] = {}
    for each in routes_of(setup, account):
        events = each.route.events
        if events is not None:
            place = (each.message_stream, events.url)
            before = found.get(place, WantedWebhook(events.url, frozenset(), events.origin, each.message_stream))
            found[place] = replace(before, events=before.events | set(events.types))
    yield from found.values()


async def _read_webhooks(question: AccountQuestion, streams: Sequence[str]) -> tuple[tuple[Webhook, ...] | None, str]:
    """Give the webhooks of these message streams, or None and why they cannot be seen."""
    found: list[Webhook] = []
    for stream in streams:
        asked = await _ask(question, f"{WEBHOOKS_API.value}?{urlencode({'MessageStream': stream})}")
        webhooks = asked.read(_Webhooks)
        if webhooks is None:
            return None, str(_refused(question, asked).access)
        found += [_webhook(each) for each in webhooks.webhooks]
    return tuple(found), ""


def _webhook(webhook: _Webhook) -> Webhook:
    on = {name for name, trigger in webhook.triggers.items() if trigger.enabled}
    parts = urlsplit(webhook.url)
    return Webhook(
        url=urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])),
        events=frozenset(event for event in Event if on.issuperset(EVENT_NAMES[event])),
        is_enabled=bool(on),
        is_authenticated=bool(webhook.http_auth or webhook.http_headers or "@" in parts.netloc),
        esp_stream=webhook.message_stream,
    )


async def _read_domains(question: AccountQuestion) -> AccountState:
    """Give the account's domains, page by page; none where there are more pages than are read."""
    found: dict[str, bool] = {}
    asked = await _ask(question, _page(0))
    for page in range(1, MOST_PAGES + 1):
        domains = asked.read(_Domains)
        if domains is None:
            return _refused(question, asked)
        found |= {domain.name.lower(): domain.dkim_verified for domain in domains.domains}
        if len(domains.domains) < PAGE:
            return replace(asked.state(question.hide), domains=found)
        asked = await _ask(question, _page(page))
    return asked.state(question.hide)


def _page(number: int) -> str:
    return f"{DOMAINS_API.value}?count={PAGE}&offset={number * PAGE}"


ACCOUNT = EspAccount(keys=_keys, read=_read)
