"""What SES says of an account in a region when one of its keys asks. Reads only; the error's name decides, not the status."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from sendspec.esp.interface import AccountKey, AccountQuestion, EspAccount, KeyPurpose
from sendspec.esp.ses.account_answers import (
    ERRORS,
    OTHER_REGION,
    AccountAnswer,
    DestinationList,
    ErrorAnswer,
    IdentityList,
    SetAnswer,
    SetList,
    standing_of,
)
from sendspec.esp.ses.account_rights import inspect, inspected
from sendspec.esp.ses.account_signature import AMBIENT, signature, signing_key
from sendspec.esp.ses.configuration_sets import ConfigurationSet, configuration_sets, settings_of, subscriptions
from sendspec.esp.ses.endpoint import API_CREDENTIALS
from sendspec.esp.ses.facts import API_HOST, EVENT_NAMES, MODEL, endpoint_suffix
from sendspec.model.account import Account
from sendspec.model.account_state import (
    Access,
    AccountState,
    Aspect,
    Difference,
    KeyRights,
    Quota,
    WantedWebhook,
    Webhook,
)
from sendspec.model.credential import Credential
from sendspec.model.credential_use import logins_in_use
from sendspec.model.fact import Fact
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Event
from sendspec.net.account_call import Asked, get

READ = date(2026, 11, 26)
ACCOUNT_CALL = Fact("/v2/email/account", f"{MODEL} GetAccount", READ)
OLDER_LISTS = (
    "as the API reference documents it and SDKs have asked for years (docs.amazonaws.cn/goto/WebAPI/sesv2-2019-09-27); "
    "botocore 1.44.5 asks by POST at a path of its own, to filter"
)
SETS_CALL = Fact(
    "/v2/email/configuration-sets",
    "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListConfigurationSets.html",
    READ,
    note=OLDER_LISTS,
)
IDENTITIES_CALL = Fact(
    "/v2/email/identities",
    "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListEmailIdentities.html",
    READ,
    note=OLDER_LISTS,
)
TRIES, PAUSE_SECONDS = 3, 1.2
"""Reads are limited to about one a second (developer guide, quotas), and SES sends no Retry-After."""
MOST_PAGES, MOST_SETS = 20, 200
AMBIENT_REFERENCE = "aws-ambient://default"
READING = "ses:GetAccount"
B = TypeVar("B", bound=BaseModel)


def keys(setup: Setup, account: Account) -> tuple[AccountKey, ...]:
    """Give the keys that send, and the one that manages: what the spec names, else what the machine has.

    SMTP credentials cannot ask: the password is derived from a secret that nobody here knows.
    """
    sending: dict[tuple[Credential, ...], tuple[str, ...]] = {
        login: streams
        for login, streams in logins_in_use(setup, account).items()
        if tuple(each.name for each in login) == API_CREDENTIALS
    }
    declared = _pair(account.credentials)
    if declared:
        sending.setdefault(declared, ())
    managing = _pair(account.manage) or (_ambient(account),)
    return (
        *(AccountKey(pair, KeyPurpose.SEND, pair[0].origin, streams) for pair, streams in sending.items()),
        AccountKey(managing, KeyPurpose.MANAGE, managing[0].origin),
    )


def _pair(credentials: Sequence[Credential]) -> tuple[Credential, ...]:
    named = {credential.name: credential for credential in credentials}
    return tuple(named[name] for name in API_CREDENTIALS) if set(API_CREDENTIALS) <= set(named) else ()


def _ambient(account: Account) -> Credential:
    """Give the credential that stands for the chain of the AWS SDKs: environment, profile, role."""
    return Credential(f"{account.id}.{AMBIENT}", account.id, AMBIENT, AMBIENT_REFERENCE, "", None, account.origin)


async def _read(question: AccountQuestion) -> AccountState:
    asked = await _ask(question, ACCOUNT_CALL.value)
    if asked is None:
        return AccountState(Access.NO_KEY, f"GET {_base(question)}{ACCOUNT_CALL.value}", said="it is no pair of keys")
    account = asked.read(AccountAnswer)
    if account is None:
        return _refused(question, asked)
    standing, words = standing_of(account)
    quota = account.send_quota
    state = replace(
        asked.state(question.hide),
        standing=standing,
        standing_words=words,
        quota=Quota(quota.max_send_rate, quota.max_24_hour_send, quota.sent_last_24_hours, "24 hours"),
    )
    if question.key.purpose is KeyPurpose.SEND:
        return replace(state, rights=KeyRights((READING,), (), (READING,)))
    return await _with_sets(question, await _with_identities(question, state))


def _refused(question: AccountQuestion, asked: Asked) -> AccountState:
    name, message = _error(asked)
    access = ERRORS.value.get(name)
    if access is Access.REFUSED and OTHER_REGION.value in message:
        access = Access.WRONG_REGION
    if access is Access.FORBIDDEN and question.key.purpose is KeyPurpose.SEND:
        access = Access.RESTRICTED
    if access is None and asked.access in {Access.REFUSED, Access.FORBIDDEN}:
        access = Access.UNEXPECTED  # the status alone decides nothing here
    return asked.refusal(question.hide, access, f"{name}: {message}" if name else "")


def _error(asked: Asked) -> tuple[str, str]:
    """Give (name, message) of an error: the header decides, the body where a proxy took the header away."""
    error = asked.error(ErrorAnswer) or ErrorAnswer()
    name = asked.reply.headers.get("x-amzn-errortype", "") or error.kind
    return name.partition(":")[0].rpartition("#")[2], error.message or error.other_message


async def _ask(question: AccountQuestion, path: str) -> Asked | None:
    """Make a signed call, again after a pause where SES says that it is too much; None without a pair of keys."""
    key = signing_key(question)
    if key is None:
        return None
    url = f"{_base(question)}{path}"
    asked = await get(question.http, url, signature(key, url, settings_of(question.account).region))
    for _ in range(TRIES - 1):
        if ERRORS.value.get(_error(asked)[0]) is not Access.RATE_LIMITED:
            break
        await asyncio.sleep(PAUSE_SECONDS)
        asked = await get(question.http, url, signature(key, url, settings_of(question.account).region))
    return asked


def _base(question: AccountQuestion) -> str:
    region = settings_of(question.account).region
    return f"https://{API_HOST.value.format(region=region, suffix=endpoint_suffix(region))}"


async def _pages(question: AccountQuestion, path: str, model: type[B]) -> tuple[list[B], str]:
    """Give all pages of a list; or none, and why it cannot be seen."""
    found: list[B] = []
    token = ""
    for _ in range(MOST_PAGES):
        asked = await _ask(question, f"{path}?{token}PageSize=1000")
        page = asked.read(model) if asked else None
        if asked is None or page is None:
            return [], str(_refused(question, asked).access) if asked else str(Access.NO_KEY)
        found.append(page)
        following = getattr(page, "next_token", None)
        if not following:
            return found, ""
        token = f"NextToken={quote(following, safe='')}&"
    return [], "it has more pages than are read"


async def _with_identities(question: AccountQuestion, state: AccountState) -> AccountState:
    pages, hidden = await _pages(question, IDENTITIES_CALL.value, IdentityList)
    if hidden:
        return state
    found = [identity for page in pages for identity in page.email_identities]
    domains = {each.identity_name.lower(): each.verification_status == "SUCCESS" for each in found}
    addresses = {each.identity_name.lower() for each in found if each.identity_type == "EMAIL_ADDRESS"}
    differences = tuple(
        Difference(
            Aspect.ADDRESS_OVERRIDES,
            sender.origin,
            sender.mailbox.address,
            "the identity of its domain alone",
            f"an identity {sender.mailbox.address}",
        )
        for stream in question.setup.streams
        if any(route.account == question.account.id for route in stream.routes)
        for sender in stream.senders
        if sender.mailbox.address.lower() in addresses
    )
    return replace(state, domains=domains, differences=(*state.differences, *differences))


async def _with_sets(question: AccountQuestion, state: AccountState) -> AccountState:
    """Add which configuration sets exist, and the event destinations of those that do."""
    wanted = configuration_sets(question.setup, question.account)
    state = replace(state, wanted=tuple(_wanted(wanted)))
    pages, hidden = await _pages(question, SETS_CALL.value, SetList)
    if hidden:
        return replace(state, webhooks_hidden=hidden)
    known = {name for page in pages for name in page.configuration_sets}
    missing = tuple(_missing(each, known) for each in wanted if each.name not in known)
    present = [each for each in wanted if each.name in known]
    state = replace(state, differences=(*state.differences, *missing), compared=len(present))
    if len(present) > MOST_SETS:
        return replace(state, webhooks_hidden=f"SES takes one read a second, and there are {len(present)} sets")
    webhooks: list[Webhook] = []
    for each in present:
        path = f"{SETS_CALL.value}/{each.name}"
        details, asked = await _ask(question, path), await _ask(question, f"{path}/event-destinations")
        state = replace(state, differences=(*state.differences, *_switched_off(each, details)))
        destinations = asked.read(DestinationList) if asked else None
        if asked is None or destinations is None:
            return replace(state, webhooks_hidden=str(asked.access if asked else Access.NO_KEY))
        webhooks += _webhooks(each, destinations)
    return replace(state, webhooks=tuple(webhooks))


def _missing(each: ConfigurationSet, known: set[str]) -> Difference:
    seen = ", ".join(sorted(known)[:5]) or "no configuration set at all"
    return Difference(
        Aspect.STREAM_MISSING, each.users[0].route.origin, f"configuration set {each.name}", each.name, seen
    )


def _switched_off(each: ConfigurationSet, asked: Asked | None) -> Iterator[Difference]:
    details = asked.read(SetAnswer) if asked else None
    if details is not None and not details.sending_options.sending_enabled:
        about, at = f"configuration set {each.name}", each.users[0].route.origin
        yield Difference(Aspect.STREAM_ARCHIVED, at, about, "SendingEnabled: true", "SendingEnabled: false")


def _wanted(sets: Sequence[ConfigurationSet]) -> Iterator[WantedWebhook]:
    for each in sets:
        for url, names, origin in subscriptions(each):
            yield WantedWebhook(url, _events(names), origin, each.name)


def _webhooks(each: ConfigurationSet, destinations: DestinationList) -> Iterator[Webhook]:
    """Give the destinations that reach an endpoint. SNS signs every post; where its topic posts to, SES does not say."""
    for destination in destinations.event_destinations:
        if (
            destination.sns_destination
            or destination.event_bridge_destination
            or destination.kinesis_firehose_destination
        ):
            events = _events(destination.matching_event_types)
            yield Webhook(url="", events=events, is_enabled=destination.enabled, esp_stream=each.name)


def _events(names: Sequence[str]) -> frozenset[Event]:
    """Give the events for which every name is there."""
    return frozenset(event for event in Event if set(EVENT_NAMES.value[event]) <= set(names))


ACCOUNT = EspAccount(keys=keys, read=_read, inspect=inspect, inspected=inspected)
