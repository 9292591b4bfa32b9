"""What has to wait: for DNS, for an ESP to see it, for values that are not issued, for what still needs a record."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sendspec.esp.managing import ResourceKind
from sendspec.model.live import Verification
from sendspec.model.plan import DNS, ESP, Action, Awaited, Change, Stage
from sendspec.model.setup import Setup
from sendspec.plan.found import Found
from sendspec.plan.ownership import Owned, OwnedSet
from sendspec.plan.records import record_key
from sendspec.plan.world import World

MAKES = frozenset({Action.CREATE, Action.REPLACE})
AFTER_DNS = (Stage.VERIFY, Stage.RETURN_PATH)


def hold_until_dns(setup: Setup, world: World, found: Found) -> None:
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


def remove_after_esp(
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


def issued_anew(
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
