"""What two accounts of the spec have in common, because both are one at the ESP: neither removes it from under the other."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sendspec.model.account import Account
from sendspec.model.live import LiveAccount
from sendspec.model.plan import ESP, Action, Change, Held, Hold
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup
from sendspec.plan.found import Found
from sendspec.plan.ownership import Owned
from sendspec.plan.world import World

REMOVES = frozenset({Action.DELETE, Action.REPLACE})
PLACES = ("aws_account", "subuser")
"""Settings that tell two accounts of one ESP apart: what is in one is not in the other."""
NAMED_PLACES = (*PLACES, "server")
"""The same, for what the ESP numbers not but calls by the name that the spec has for it."""
Wanted = Mapping[str, Sequence[Resource]]


def keep_shared(setup: Setup, world: World, owned: Owned, wanted: Wanted, found: Found) -> None:
    """Hold what would be removed and that another account of the spec wants; what is that one's already is forgotten."""
    of_kind: dict[str, list[Account]] = {}
    for account in setup.accounts:
        if account.is_esp:
            of_kind.setdefault(account.kind, []).append(account)
    if all(len(accounts) == 1 for accounts in of_kind.values()):
        return
    keys = {account: frozenset(resource.key for resource in resources) for account, resources in wanted.items()}
    kept: list[Change] = []
    for change in found.changes:
        sharing = None
        if change.layer == ESP and change.action in REMOVES:
            one = setup.account(change.place)
            others = (each for each in of_kind[one.kind] if change.subject in keys.get(each.id, ()) and each is not one)
            sharing = next(
                (each for each in others if _may_be_one(one, each, change, world.accounts.get(each.id))), None
            )
        if sharing is None:
            kept.append(change)
        elif change.action is Action.DELETE and change.subject in owned.of_account(sharing.id):
            found.gone.append(change.key)
        else:
            found.held.append(_held(change, sharing))
    found.changes = kept


def _may_be_one(one: Account, other: Account, change: Change, live: LiveAccount | None) -> bool:
    regions = [account.region.id if account.region else "" for account in (one, other)]
    name = change.subject.partition("/")[2]
    places = NAMED_PLACES if change.native_id == name else PLACES
    if regions[0] != regions[1] or any(_differ(one, other, place) for place in places):
        return False
    if live is None or "" in live.unread or change.subject.partition("/")[0] in live.unread:
        return True
    there = live.found.get(change.subject)
    return there is not None and there.native_id == change.native_id


def _differ(one: Account, other: Account, setting: str) -> bool:
    values = [getattr(account.settings, setting, None) for account in (one, other)]
    if setting == "server" and hasattr(one.settings, setting):
        values = [value or account.id for value, account in zip(values, (one, other), strict=True)]
    return values[0] != values[1]


def _held(change: Change, sharing: Account) -> Held:
    reason = f"{sharing.id} is the same account at {sharing.title}, and wants it"
    key = f"{ESP}/{sharing.id}/{change.subject}"
    fix = f"--adopt '{key}' gives it to {sharing.id}" if change.action is Action.DELETE else "change it there as well"
    return Held(replace(change, stops=()), Hold.CONFLICT, reason, fix)
