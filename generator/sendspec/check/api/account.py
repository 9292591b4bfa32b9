"""What every ESP says of the accounts: with each key that can ask, one harmless read and what else the key may see."""

from collections.abc import AsyncIterator, Iterator

from sendspec.check.api import access_kinds, account_kinds
from sendspec.check.api.access import GOOD, judge_access, judge_unresolved, name_of
from sendspec.check.api.account_kinds import (
    BY_ASPECT,
    BY_STANDING,
    DOMAIN_MISSING,
    DOMAIN_UNVERIFIED,
    KEY_LACKS_SCOPE,
    KEY_TOO_POWERFUL,
)
from sendspec.check.api.quota import judge_quota
from sendspec.check.api.webhooks import judge_webhooks
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.esp.interface import AccountKey, AccountQuestion, KeyPurpose, load_account
from sendspec.model.account import Account
from sendspec.model.account_state import AccountState
from sendspec.model.observation import Observation, Passed, Seen, Subject
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.net.net import Net

ACCOUNTS_AT_ONCE = 16
SHOWN = 5


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Ask about every account that a route leaves through, several side by side."""

    async def work(account: Account) -> list[Seen]:
        return await _look_at(setup, account, net)

    async for seen in side_by_side(_accounts(setup), work, ACCOUNTS_AT_ONCE):
        yield seen


def _accounts(setup: Setup) -> list[Account]:
    used = {route.account for _, route in setup.routes()}
    return [account for account in setup.accounts if account.id in used]


async def _look_at(setup: Setup, account: Account, net: Net) -> list[Seen]:
    """Ask with each key in turn. What two keys tell alike is said once."""
    found: list[Seen] = []
    told: set[Seen] = set()
    esp = load_account(account.kind)
    for key in esp.keys(setup, account):
        values = await _values(key, net)
        if isinstance(values, Unresolved):
            found.append(judge_unresolved(account, key, values))
            continue
        state = await esp.read(AccountQuestion(setup, account, key, values, net.http, net.secrets.hide, net.now))
        seen = list(_judge(setup, account, key, state))
        found += [each for each in seen if isinstance(each, Passed) or each not in told]
        told.update(seen)
    return found


async def _values(key: AccountKey, net: Net) -> dict[str, Secret] | Unresolved:
    values: dict[str, Secret] = {}
    for credential in key.credentials:
        value = await net.secrets.get(credential)
        if isinstance(value, Unresolved):
            return value
        values[credential.name] = value
    return values


def _judge(setup: Setup, account: Account, key: AccountKey, state: AccountState) -> Iterator[Seen]:
    yield from judge_access(account, key, state)
    if state.access not in GOOD:
        return
    yield Passed(1 + state.compared)
    by = state.asked.partition("://")[2].partition("/")[0]
    yield from _rights(account, key, state, by)
    kind = BY_STANDING.get(state.standing)
    if kind is not None:
        message = f"{account.id}: {account.title} says that the account is {_standing_words(state)}"
        yield Observation(kind, account.origin, message, False, "may send", state.standing_words, by)
    for each in state.differences:
        message = f"{account.id}: {each.about}: {each.aspect}"
        yield Observation(BY_ASPECT[each.aspect], each.at, message, False, each.expected, each.seen[:200], by)
    yield from judge_quota(setup, account, state, by)
    yield from _domains(setup, account, state, by)
    yield from judge_webhooks(account, state, by)


def _standing_words(state: AccountState) -> str:
    return f"{state.standing} ({state.standing_words})" if state.standing_words else str(state.standing)


def _rights(account: Account, key: AccountKey, state: AccountState, by: str) -> Iterator[Observation]:
    rights = state.rights
    if rights is None:
        return
    name = name_of(key)
    if rights.missing:
        message = f"{account.id}: {name} lacks {_few(rights.missing)}"
        yield Observation(KEY_LACKS_SCOPE, key.at, message, False, _few(rights.missing), _few(rights.all), by)
    if rights.surplus and key.purpose is KeyPurpose.SEND:
        used = f", which sends {_few(key.streams)}" if key.streams else ""
        message = f"{account.id}: {name}{used}, may do more than send: {_few(rights.surplus)}"
        yield Observation(KEY_TOO_POWERFUL, key.at, message, False, "sending only", _few(rights.surplus), by)


def _domains(setup: Setup, account: Account, state: AccountState, by: str) -> Iterator[Seen]:
    """Compare the sender domains of the streams in scope. A verified flag is believed only when it says no."""
    if state.domains is None:
        return
    in_scope = {stream.id for stream in setup.streams}
    for identity in setup.identities:
        if identity.account != account.id or not in_scope & set(identity.streams):
            continue
        verified = state.domains.get(identity.domain)
        if verified is None:
            message = f"{account.id}: {account.title} does not know {identity.domain}"
            yield Observation(DOMAIN_MISSING, identity.origin, message, False, identity.domain, "no such domain", by)
        elif not verified:
            message = f"{account.id}: {account.title} says that {identity.domain} is not verified"
            yield Observation(DOMAIN_UNVERIFIED, identity.origin, message, False, "verified", "not verified", by)
        else:
            yield Passed()


def _few(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"[:200] or "nothing"


def _size(setup: Setup) -> int:
    return sum(len(load_account(account.kind).keys(setup, account)) for account in _accounts(setup))


CHECK = Check(
    "api-account",
    Subject.API,
    "accounts at the ESPs",
    (*access_kinds.KINDS, *account_kinds.KINDS),
    run,
    _size,
)
