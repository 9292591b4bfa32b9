"""The world that a plan is about: every account and every zone, read once and read again where something was changed."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sendspec.esp.managing import Desk, Manager, load_manager
from sendspec.hosts.interface import Host, HostDesk, host_ids, load_host
from sendspec.model.account import Account
from sendspec.model.dns_record import Zone
from sendspec.model.keeper import Aws, Keeper, MissingKeyError
from sendspec.model.live import LiveAccount, LiveZone, Unread
from sendspec.model.setup import Setup
from sendspec.net.net import Net
from sendspec.plan.ownership import BEGUN, Owned

ZONES_AT_ONCE = 32
Tell = Callable[[str], None]


@dataclass(slots=True)
class World:
    """What was read. Keys are account ids and zone names."""

    accounts: dict[str, LiveAccount] = field(default_factory=dict)
    zones: dict[str, LiveZone] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """How the world is reached: what every desk has in common. `aws` gives the clients for what somebody manages with."""

    net: Net
    keeper: Keeper
    aws: Callable[[Account | Zone], Aws]

    def desk(self, setup: Setup, account: Account, owned: Owned) -> Desk:
        """Give the desk of an account."""
        native = {key: each.native_id for key, each in owned.of_account(account.id).items() if each.native_id}
        begun = frozenset(key for key, each in owned.of_account(account.id).items() if each.by == BEGUN)
        return Desk(setup, account, self.keeper, self.net.http, self.aws(account), self.net.now, native, begun)

    def host_desk(self, zone: Zone) -> HostDesk:
        """Give the desk of a zone."""
        return HostDesk(zone, self.keeper, self.net.http, self.net.dns, self.net.zones, self.aws(zone))


def manager_of(account: Account) -> Manager | None:
    """Give how an account is managed; None for what is no ESP's, or is managed by hand."""
    return load_manager(account.kind) if account.is_esp else None


def host_of(zone: Zone) -> Host:
    """Give who serves a zone. A host that sendspec cannot talk to is one that is changed by hand."""
    return load_host(zone.host if zone.host in host_ids() else "manual")


def wanted_keys(setup: Setup, account: Account, owned: Owned) -> frozenset[str]:
    """Give `KIND/ID` of everything that has to be looked for at an account."""
    wanted = (resource.key for resource in setup.resources if resource.account == account.id)
    return frozenset((*wanted, *owned.of_account(account.id)))


def wanted_names(zone: Zone, owned: Owned) -> frozenset[str]:
    """Give the names that have to be looked for in a zone."""
    return frozenset((*(rrset.name for rrset in zone.rrsets), *(name for name, _ in owned.of_zone(zone.name))))


def _no_key(where: str, error: MissingKeyError) -> Unread:
    return Unread(
        where, f"its credential `{error.name}` could not be had: {error.unresolved.reason}", error.unresolved.fix
    )


async def read_account(access: Access, setup: Setup, owned: Owned, account: Account) -> LiveAccount:
    """Read what the spec wants at an account, and what is ours there."""
    manager = manager_of(account)
    if manager is None:
        reason = f"sendspec does not manage accounts of {account.title}"
        unread = Unread(account.id, reason, f"compare output/esps/{account.id}/ with it by hand")
        return LiveAccount(unread={"": unread})
    try:
        return await manager.read(access.desk(setup, account, owned), wanted_keys(setup, account, owned))
    except MissingKeyError as error:
        return LiveAccount(unread={"": _no_key(account.id, error)})


async def read_accounts(access: Access, setup: Setup, owned: Owned, tell: Tell) -> dict[str, LiveAccount]:
    """Read every account side by side."""

    async def read(account: Account) -> tuple[str, LiveAccount]:
        tell(f"reading {account.id}")
        return account.id, await read_account(access, setup, owned, account)

    return dict(await asyncio.gather(*(read(account) for account in setup.accounts if account.is_esp)))


async def read_zones(
    access: Access, zones: Iterable[Zone], names: Callable[[Zone], Collection[str]], tell: Tell
) -> dict[str, LiveZone]:
    """Read zones, so many at a time that no host is flooded. A zone without a name to look for is not read."""
    places = asyncio.Semaphore(ZONES_AT_ONCE)
    done = 0

    async def read(zone: Zone) -> tuple[str, LiveZone]:
        nonlocal done
        wanted = names(zone)
        if not wanted:
            return zone.name, LiveZone(zone.name)
        async with places:
            try:
                live = await host_of(zone).read(access.host_desk(zone), wanted)
            except MissingKeyError as error:
                live = LiveZone(zone.name, unread={"": _no_key(zone.name, error)})
        done += 1
        tell(f"reading zones: {done}")
        return zone.name, live

    return dict(await asyncio.gather(*(read(zone) for zone in zones)))


async def read_accounts_again(
    access: Access, setup: Setup, owned: Owned, world: World, keys: Mapping[str, Collection[str]]
) -> dict[str, LiveAccount]:
    """Read resources that were changed, by account; give what each account said just now."""

    async def read(account: Account, manager: Manager) -> tuple[str, LiveAccount]:
        try:
            return account.id, await manager.read(access.desk(setup, account, owned), keys[account.id])
        except MissingKeyError as error:
            return account.id, LiveAccount(unread={"": _no_key(account.id, error)})

    managers = [(account, manager_of(account)) for account in setup.accounts if keys.get(account.id)]
    fresh = dict(await asyncio.gather(*(read(account, manager) for account, manager in managers if manager)))
    for account_id, live in fresh.items():
        world.accounts[account_id] = _merged(world.accounts.get(account_id), live, keys[account_id])
    return fresh


def _merged(old: LiveAccount | None, fresh: LiveAccount, keys: Collection[str]) -> LiveAccount:
    """Lay what was read again over what was known."""
    if old is None:
        return fresh
    kept = {key: each for key, each in old.found.items() if key not in keys}
    issued = {
        **old.issued,
        **{domain: {**old.issued.get(domain, {}), **parts} for domain, parts in fresh.issued.items()},
    }
    return replace(fresh, found={**kept, **fresh.found}, issued=issued, unread={**old.unread, **fresh.unread})
