"""Setup + world -> plan. Pure: nothing is read, nothing is changed."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sendspec.esp.managing import ResourceKind
from sendspec.hosts.interface import SetChange
from sendspec.model.domain import Domain
from sendspec.model.live import LiveRRset, Unread, Verification
from sendspec.model.plan import DNS, ESP, Action, Awaited, Change, Plan, Stage
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup
from sendspec.plan.found import Found
from sendspec.plan.meaning import Meanings
from sendspec.plan.order import in_order
from sendspec.plan.ownership import Owned, OwnedSet, adopts
from sendspec.plan.records import CUSTOMER, ZoneTerms, compare_zone, record_key
from sendspec.plan.resources import compare_account
from sendspec.plan.shared import keep_shared
from sendspec.plan.world import World, host_of, manager_of

MAKES = frozenset({Action.CREATE, Action.REPLACE})
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
    found.notes += _adopts_nothing(wishes, owned, found)
    keep_shared(setup, world, owned, wanted, found)
    _hold_until_dns(setup, world, found)
    _remove_after_esp(setup, world, owned, kinds, found)
    found.awaited += _issued_anew(setup, kinds, found.changes)
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


def _hold_until_dns(setup: Setup, world: World, found: Found) -> None:
    """Let what an ESP refuses before it sees DNS wait for records that nobody publishes in this plan, and for the ESP."""
    changing = {change.key for change in found.changes}
    missing = {held.change.key for held in found.held if held.change.layer == DNS}
    opened: dict[tuple[str, str], list[Change]] = {}
    going: list[Change] = []
    for change in found.changes:
        identity = setup.identity(change.place, change.subject.partition("/")[2])
        if change.stage not in AFTER_DNS or identity is None:
            going.append(change)
            continue
        keys = dict(_dns_keys(setup, change))
        blocked = {name for key, name in keys.items() if key in missing or _is_unread(world, key, name)}
        if identity.pending:
            opened.setdefault((identity.account, identity.domain), []).append(change)
        elif change.stage is Stage.RETURN_PATH and not _is_seen(world, change):
            title = setup.account(identity.account).title
            paths = ", ".join(each.path for each in change.differences)
            what = f"{title} has not seen {identity.domain} in DNS yet, and takes {paths} only then"
            found.awaited.append(Awaited(change.key, what, "`apply` sets it", follows=(change,)))
        elif blocked:
            names = ", ".join(sorted(blocked))
            what = f"{change.subject} at {change.place} waits until DNS shows {names}"
            is_look = change.action is Action.VERIFY
            opens, follows = ((change.key,), ()) if is_look else ((), (change,))
            found.awaited.append(Awaited(change.key, what, "`apply` goes on with it", opens=opens, follows=follows))
        else:
            needs = tuple(key for key in keys if key in changing)
            going.append(replace(change, needs=(*change.needs, *needs)))
    found.changes = going
    unknown = {account for account, live in world.accounts.items() if live.unread}
    found.awaited += _pending(setup, found.changes, opened, unknown)


def _is_unread(world: World, key: str, name: str) -> bool:
    """Tell whether a record could not be looked at. A zone that nobody reads is not in the world."""
    zone = world.zones.get(key.split("/")[1])
    return zone is not None and ("" in zone.unread or name in zone.unread)


def _remove_after_esp(
    setup: Setup,
    world: World,
    owned: Owned,
    kinds: Mapping[str, Mapping[str, ResourceKind]],
    found: Found,
) -> None:
    """Let records go after what an ESP looks for them with; and stay, where nobody can tell whether that is still there."""
    going = {
        (change.place, change.subject.partition("/")[2]): change.key
        for change in found.changes
        if change.layer == ESP and change.stage is Stage.REMOVE
    }
    dark = {
        account
        for account, live in world.accounts.items()
        if any(not name or (name in kinds[account] and kinds[account][name].is_verified_by_dns) for name in live.unread)
    }
    dark |= {account for account, entries in owned.resources.items() if entries and account not in setup.index.accounts}
    kept: list[Change] = []
    for change in found.changes:
        mine = _owned_set(owned, change) if change.layer == DNS and change.stage is Stage.REMOVE else None
        if mine is None or not mine.account:
            kept.append(change)
        elif mine.account in dark:
            what = f"{change.subject} is left as it is: {mine.account} could not be read, and may still need it"
            found.awaited.append(Awaited(change.key, what, "a plan that could read it removes the record"))
        else:
            name = change.subject.partition(" ")[0]
            needs = [going[mine.account, above] for above in _above(name) if (mine.account, above) in going]
            kept.append(replace(change, needs=(*change.needs, *needs)))
    found.changes = kept


def _owned_set(owned: Owned, change: Change) -> OwnedSet | None:
    name, _, record_type = change.subject.rpartition(" ")
    return owned.of_zone(change.place).get((name, record_type))


def _above(name: str) -> Iterator[str]:
    """Give a name, and every name above it."""
    while name:
        yield name
        name = name.partition(".")[2]


def _issued_anew(
    setup: Setup, kinds: Mapping[str, Mapping[str, ResourceKind]], changes: Sequence[Change]
) -> Iterator[Awaited]:
    """Say of what is made again that its ESP may issue other values than the lock file has."""
    for change in changes:
        kind, _, name = change.subject.partition("/")
        facts = kinds[change.place].get(kind) if change.layer == ESP else None
        identity = setup.identity(change.place, name)
        if facts is None or identity is None or not facts.is_verified_by_dns or change.action not in MAKES:
            continue
        opens = [
            record_key(domain.zone.name, each, str(record.type))
            for record in identity.records
            if record.read and (domain := setup.index.domain_of(record.name)) is not None
            for each in (record.name, f"‹name›.{record.name.partition('.')[2]}")
        ]
        if opens:
            title = setup.account(change.place).title
            yield Awaited(
                key=f"{change.key}#issued",
                what=f"{title} may issue other values for {name} than those that it issued before",
                then="they are published in place of those",
                brought_by=(change.key,),
                opens=tuple(dict.fromkeys(opens)),
            )


def _is_seen(world: World, change: Change) -> bool:
    """Tell whether an ESP has seen the records of what a change is about."""
    live = world.accounts[change.place].found.get(change.subject)
    return live is not None and live.verification in {Verification.DONE, Verification.NOT_NEEDED}


def _dns_keys(setup: Setup, change: Change) -> Iterator[tuple[str, str]]:
    """Give the keys of the RRsets that an identity needs, each with its name."""
    identity = setup.identity(change.place, change.subject.partition("/")[2])
    for record in identity.records if identity else ():
        domain = setup.index.domain_of(record.name)
        if domain is not None:
            yield record_key(domain.zone.name, record.name, str(record.type)), record.name


def _pending(
    setup: Setup,
    changes: Sequence[Change],
    opened: Mapping[tuple[str, str], Sequence[Change]],
    unknown: Collection[str],
) -> Iterator[Awaited]:
    """Say of each identity what its ESP has not issued, which change brings that about, and what follows.

    Of an account that could not be read nobody can tell whether it has issued it.
    """
    making: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if change.stage is Stage.ISSUE:
            making.setdefault((change.place, change.subject.partition("/")[2]), []).append(change.key)
    for identity in setup.identities:
        if not identity.pending:
            continue
        where = (identity.account, identity.domain)
        keys = []
        later = opened.get(where, ())
        for record in identity.pending:
            domain = setup.index.domain_of(record.name)
            if domain is not None:
                keys.append(record_key(domain.zone.name, record.name, str(record.type)))
        title = setup.account(identity.account).title
        names = ", ".join(record.name for record in identity.pending)
        is_known = identity.account not in unknown
        what = (
            f"{identity.account} has not issued all records of {identity.domain} yet"
            if is_known
            else (f"whether {identity.account} has issued all records of {identity.domain} could not be seen")
        )
        then = "they" if is_known else "once it has, they"
        yield Awaited(
            key=f"{ESP}/{identity.account}/{identity.domain}",
            what=f"{what}: {names}",
            then=f"{then} are published, and {title} looks for them",
            brought_by=tuple(sorted(making.get(where, ()))),
            opens=(*keys, *(change.key for change in later if change.action is Action.VERIFY)),
            follows=tuple(change for change in later if change.action is not Action.VERIFY),
        )
