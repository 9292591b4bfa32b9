"""Setup + world -> plan. Pure: nothing is read, nothing is changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sendspec.esp.managing import ResourceKind
from sendspec.hosts.interface import SetChange
from sendspec.model.domain import Domain
from sendspec.model.live import LiveRRset, Unread, Verification
from sendspec.model.plan import DNS, ESP, Awaited, Change, Plan, Stage
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup
from sendspec.plan.found import Found
from sendspec.plan.meaning import Meanings
from sendspec.plan.order import in_order
from sendspec.plan.ownership import Owned, adopts
from sendspec.plan.records import CUSTOMER, ZoneTerms, compare_zone, record_key
from sendspec.plan.resources import compare_account
from sendspec.plan.world import World, host_of, manager_of

AFTER_DNS = (Stage.VERIFY, Stage.RETURN_PATH)


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
    _hold_until_dns(setup, world, found)
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


def _left_behind(setup: Setup, owned: Owned, found: Found) -> None:
    """Say what is ours where the spec no longer looks: without its account or zone nobody can tell how to get there."""
    zones = {domain.zone.name for domain in setup.domains}
    for account, entries in owned.resources.items():
        if account not in setup.index.accounts and entries:
            reason = (
                f"the spec has no account of that name any more, and {len(entries)} of its resources are sendspec's"
            )
            fix = "put the account back until they are removed, or delete its section below `owned:` in the lock file"
            found.unread.append(Unread(account, reason, fix))
    for zone, sets in owned.sets.items():
        if zone not in zones and sets:
            reason = f"the spec has no domain of that name any more, and {len(sets)} of its records are sendspec's"
            fix = "put the domain back until they are removed, or delete its section below `owned:` in the lock file"
            found.unread.append(Unread(zone, reason, fix))


def _hold_until_dns(setup: Setup, world: World, found: Found) -> None:
    """Let what an ESP refuses before it sees DNS wait for records that nobody publishes in this plan, and for the ESP."""
    changing = {change.key for change in found.changes}
    missing = {held.change.key for held in found.held if held.change.layer == DNS}
    unread = {unread.where for unread in found.unread}
    opened: dict[tuple[str, str], list[str]] = {}
    going: list[Change] = []
    for change in found.changes:
        identity = setup.identity(change.place, change.subject.partition("/")[2])
        if change.stage not in AFTER_DNS or identity is None:
            going.append(change)
            continue
        keys = list(_dns_keys(setup, change))
        blocked = [key for key in keys if key in missing or key.split("/")[1] in unread]
        if identity.pending:
            opened.setdefault((identity.account, identity.domain), []).append(change.key)
        elif change.stage is Stage.RETURN_PATH and not _is_seen(world, change):
            title = setup.account(identity.account).title
            paths = ", ".join(each.path for each in change.differences)
            what = f"{title} has not seen {identity.domain} in DNS yet, and takes {paths} only then"
            found.awaited.append(Awaited(change.key, what, "`apply` sets it", opens=(change.key,)))
        elif blocked:
            names = ", ".join(sorted({key.split("/")[2] for key in blocked}))
            what = f"{change.subject} at {change.place} waits until DNS shows {names}"
            found.awaited.append(Awaited(change.key, what, "`apply` goes on with it", opens=(change.key,)))
        else:
            needs = tuple(key for key in keys if key in changing)
            going.append(replace(change, needs=(*change.needs, *needs)))
    found.changes = going
    found.awaited += _pending(setup, found.changes, opened)


def _is_seen(world: World, change: Change) -> bool:
    """Tell whether an ESP has seen the records of what a change is about."""
    live = world.accounts[change.place].found.get(change.subject)
    return live is not None and live.verification in {Verification.DONE, Verification.NOT_NEEDED}


def _dns_keys(setup: Setup, change: Change) -> Iterator[str]:
    """Give the keys of the RRsets that an identity needs."""
    identity = setup.identity(change.place, change.subject.partition("/")[2])
    for record in identity.records if identity else ():
        domain = setup.index.domain_of(record.name)
        if domain is not None:
            yield record_key(domain.zone.name, record.name, str(record.type))


def _pending(
    setup: Setup, changes: Sequence[Change], opened: Mapping[tuple[str, str], Sequence[str]]
) -> Iterator[Awaited]:
    """Say of each identity what its ESP has not issued, which change brings that about, and what follows."""
    making: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if change.stage is Stage.ISSUE:
            making.setdefault((change.place, change.subject.partition("/")[2]), []).append(change.key)
    for identity in setup.identities:
        if not identity.pending:
            continue
        where = (identity.account, identity.domain)
        keys = []
        for record in identity.pending:
            domain = setup.index.domain_of(record.name)
            if domain is not None:
                keys.append(record_key(domain.zone.name, record.name, str(record.type)))
        title = setup.account(identity.account).title
        names = ", ".join(record.name for record in identity.pending)
        yield Awaited(
            key=f"{ESP}/{identity.account}/{identity.domain}",
            what=f"{identity.account} has not issued all records of {identity.domain} yet: {names}",
            then=f"they are published, and {title} looks for them",
            brought_by=tuple(sorted(making.get(where, ()))),
            opens=(*keys, *opened.get(where, ())),
        )
