"""Setup + world -> plan. Pure: nothing is read, nothing is changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sendspec.esp.managing import ResourceKind
from sendspec.hosts.interface import SetChange
from sendspec.model.domain import Domain
from sendspec.model.live import LiveRRset, Unread
from sendspec.model.plan import ESP, Plan
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup
from sendspec.plan.found import Found
from sendspec.plan.meaning import Meanings
from sendspec.plan.order import in_order
from sendspec.plan.ownership import Owned, adopts
from sendspec.plan.records import CUSTOMER, ZoneTerms, compare_zone, record_key
from sendspec.plan.resources import compare_account
from sendspec.plan.shared import keep_shared
from sendspec.plan.waiting import hold_until_dns, issued_anew, remove_after_esp
from sendspec.plan.world import World, host_of, manager_of


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person said on the command line: what to adopt, and the names of inputs that were given."""

    adopt: tuple[str, ...] = ()
    inputs: frozenset[str] = frozenset()


def make_plan(setup: Setup, world: World, owned: Owned, wishes: Wishes) -> Plan:
    """Compare everything, say what it means, and put it in the order of need."""
    is_adopted = adopts(wishes.adopt)
    found = Found()
    kinds: dict[str, Mapping[str, ResourceKind]] = {}
    wanted = _by_account(setup)
    for account in setup.accounts:
        live = world.accounts.get(account.id)
        manager = manager_of(account)
        kinds[account.id] = manager.kinds if manager else {}
        if live is None:
            continue
        part = compare_account(
            account,
            wanted.get(account.id, ()),
            kinds[account.id],
            live,
            owned.of_account(account.id),
            is_adopted,
            wishes.inputs,
        )
        _join(found, part)
    for domain in setup.domains:
        if domain.zone.name in world.zones:
            terms = _terms(domain, owned, is_adopted)
            _join(found, compare_zone(terms, world.zones[domain.zone.name]))
    _left_behind(setup, owned, found)
    found.notes += _adopts_nothing(wishes, owned, found)
    keep_shared(setup, world, owned, wanted, found)
    hold_until_dns(setup, world, found)
    remove_after_esp(setup, world, owned, kinds, found)
    found.awaited += issued_anew(setup, kinds, found.changes)
    meanings = Meanings(setup, kinds, owned)
    changes = in_order([meanings.of(change) for change in found.changes], kinds)
    return Plan(
        changes=changes,
        held=tuple(replace(each, change=meanings.of(each.change)) for each in found.held),
        awaited=tuple(found.awaited),
        unread=tuple(found.unread),
        notes=tuple(found.notes),
        in_place=found.in_place,
        adopted=wishes.adopt,
        gone=tuple(found.gone),
    )


def _by_account(setup: Setup) -> Mapping[str, Sequence[Resource]]:
    found: dict[str, list[Resource]] = {}
    for resource in setup.resources:
        found.setdefault(resource.account, []).append(resource)
    return found


def _terms(domain: Domain, owned: Owned, is_adopted: Callable[[str], bool]) -> ZoneTerms:
    zone = domain.zone
    host = host_of(zone)
    by_hand = "" if host.apply else host.by_hand or f"{host.title} is changed by hand"
    if domain.authority == CUSTOMER:
        by_hand = "this DNS is a customer's: records are handed over, never written"

    def problems(before: LiveRRset | None, after: LiveRRset | None) -> Sequence[str]:
        return host.problems(zone, SetChange(before, after))

    return ZoneTerms(zone, owned.of_zone(zone.name), is_adopted, problems, host.ttl_bounds, by_hand)


def _join(found: Found, part: Found) -> None:
    found.changes += part.changes
    found.held += part.held
    found.awaited += part.awaited
    found.unread += part.unread
    found.notes += part.notes
    found.gone += part.gone
    found.in_place += part.in_place


def _adopts_nothing(wishes: Wishes, owned: Owned, found: Found) -> Iterator[str]:
    """Say which patterns of --adopt are the key of nothing: a slip of the pen leaves alone what was meant."""
    keys = [change.key for change in (*found.changes, *(held.change for held in found.held))]
    keys += [f"{ESP}/{place}/{key}" for place, entries in owned.resources.items() for key in entries]
    keys += [record_key(zone, *each) for zone, sets in owned.sets.items() for each in sets]
    for pattern in wishes.adopt:
        is_meant = adopts((pattern,))
        if pattern != "all" and not any(is_meant(key.partition("#")[0]) or is_meant(key) for key in keys):
            yield f"`--adopt {pattern}` names nothing that exists here: keys are as `--format json` shows them, as esp/ACCOUNT/KIND/ID"


def _left_behind(setup: Setup, owned: Owned, found: Found) -> None:
    """Say what is ours where the spec no longer looks: without its account or zone nobody can tell how to get there."""
    zones = {domain.zone.name for domain in setup.domains}
    for account, entries in owned.resources.items():
        if account not in setup.index.accounts and entries:
            reason = (
                f"the spec has no account of that name any more, and {len(entries)} of its resources are sendspec's"
            )
            fix = (
                "put the account back until they are removed; or, in the lock file, delete its section below `owned:`, or "
                "give that and the one below `issued:` the account's new name"
            )
            found.unread.append(Unread(account, reason, fix))
    for zone, sets in owned.sets.items():
        if zone not in zones and sets:
            reason = f"the spec has no domain of that name any more, and {len(sets)} of its records are sendspec's"
            fix = "put the domain back until they are removed, or delete its section below `owned:` in the lock file"
            found.unread.append(Unread(zone, reason, fix))
