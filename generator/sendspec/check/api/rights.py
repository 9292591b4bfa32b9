"""What whoever sends with a key may do, where the ESP tells that to the key that manages alone."""

from collections.abc import AsyncIterator, Iterator, Mapping

from sendspec.check.api.access import name_of
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.esp.interface import AccountKey, AccountQuestion, KeyPurpose, load_account
from sendspec.model.account import Account
from sendspec.model.account_state import Excess, KeyInspection
from sendspec.model.credential import Credential
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.setup import Setup
from sendspec.net.net import Net

ACCOUNTS_AT_ONCE = 16
WARNING = Severity.WARNING
NARROW = (
    "attach the policy that the ESP's files under esps/ hold for this key, and take the wider one away; where that is used "
    "for something else, give that a user and a key of its own"
)
WHO_STEALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
SENDING = "https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html"
ACTIONS = Kind(
    "live-api-policy-actions",
    WARNING,
    "Policies of a key for sending allow more than to send.",
    "whoever steals the key from an app can read, change or take over what the policies allow beside sending",
    NARROW,
    WHO_STEALS,
)
ADDRESSES = Kind(
    "live-api-policy-addresses",
    WARNING,
    "Policies of a key for sending allow other From addresses than those of its streams.",
    "whoever steals the key can write as anybody in a verified domain, signed and aligned: as your billing, as your chief",
    f"{NARROW}: its condition on ses:FromAddress names the addresses of the streams",
    SENDING,
)
PLACES = Kind(
    "live-api-policy-places",
    WARNING,
    "Policies of a key for sending allow other identities or configuration sets than those of its streams.",
    "mail of one stream can leave with the domain and the reputation of another one, past its events and suppression",
    NARROW,
    SENDING,
)
UNREAD = Kind(
    "live-api-policy-unread",
    WARNING,
    "What a key for sending may do could not be read.",
    "a key that may do too much stays unseen",
    "give the key that manages the rights to read policies: policy-look.json under esps/ has them",
    WHO_STEALS,
)
BY_EXCESS: Mapping[Excess, Kind] = {
    Excess.ACTIONS: ACTIONS,
    Excess.ADDRESSES: ADDRESSES,
    Excess.PLACES: PLACES,
}


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Ask about the keys of every account that a route leaves through, several accounts side by side."""

    async def work(account: Account) -> list[Seen]:
        return [seen async for seen in _look_at(setup, account, net)]

    async for seen in side_by_side(_accounts(setup), work, ACCOUNTS_AT_ONCE):
        yield seen


def _accounts(setup: Setup) -> list[Account]:
    used = {route.account for _, route in setup.routes()}
    return [each for each in setup.accounts if each.id in used and load_account(each.kind).inspect is not None]


async def _look_at(setup: Setup, account: Account, net: Net) -> AsyncIterator[Seen]:
    esp = load_account(account.kind)
    keys = esp.inspected(setup, account)
    asking = next((key for key in esp.keys(setup, account) if key.purpose is KeyPurpose.MANAGE), None)
    if esp.inspect is None or asking is None or not keys:
        return
    values = await _values(asking.credentials, net)
    for key in keys:
        own = await _values(key.credentials, net)
        if isinstance(values, Unresolved):
            yield _unread(account, key, KeyInspection("", hidden=values.reason, fix=values.fix))
            continue
        if isinstance(own, Unresolved):
            yield _unread(account, key, KeyInspection("", hidden=own.reason, fix=own.fix))
            continue
        question = AccountQuestion(setup, account, asking, values, net.http, net.secrets.hide, net.now)
        found = await esp.inspect(question, key, own[key.credentials[0].name])
        for seen in _judge(account, key, found):
            yield seen


async def _values(credentials: tuple[Credential, ...], net: Net) -> dict[str, Secret] | Unresolved:
    values: dict[str, Secret] = {}
    for credential in credentials:
        value = await net.secrets.get(credential)
        if isinstance(value, Unresolved):
            return value
        values[credential.name] = value
    return values


def _judge(account: Account, key: AccountKey, found: KeyInspection) -> Iterator[Seen]:
    if found.hidden:
        yield _unread(account, key, found)
        return
    used = f", which sends {', '.join(key.streams[:5])}" if key.streams else ""
    for each in found.surplus:
        message = f"{account.id}: {found.holder} of {name_of(key)}{used}, {each.excess}"
        yield Observation(
            BY_EXCESS[each.excess],
            key.at,
            message,
            expected=each.expected[:200],
            seen=each.seen[:200],
            answered_by=_host(found),
            fix=f"{NARROW} ({', '.join(found.wanted[:3])})" if found.wanted else "",
        )
    if not found.surplus:
        yield Passed(max(1, found.compared))


def _unread(account: Account, key: AccountKey, found: KeyInspection) -> Observation:
    message = f"{account.id}: what {name_of(key)} may do could not be read: {found.hidden}"
    return Observation(UNREAD, key.at, message, is_unknown=True, fix=found.fix, answered_by=_host(found))


def _host(found: KeyInspection) -> str:
    return found.asked.partition("://")[2].partition("/")[0]


def _size(setup: Setup) -> int:
    return sum(len(load_account(account.kind).inspected(setup, account)) for account in _accounts(setup))


CHECK = Check(
    "api-rights",
    Subject.API,
    "what keys for sending may do",
    (*BY_EXCESS.values(), UNREAD),
    run,
    _size,
)
