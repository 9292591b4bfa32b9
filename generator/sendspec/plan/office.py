"""What planning and applying work with, and the first look at the world."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sendspec.lock.book import LockBook
from sendspec.model.account import Account
from sendspec.model.plan import Plan
from sendspec.model.setup import Setup
from sendspec.plan.make import Wishes, make_plan
from sendspec.plan.ownership import OWNED, Owned, read_owned
from sendspec.plan.world import Access, World, read_accounts, read_zones, wanted_names

Issued = Mapping[str, Mapping[str, Mapping[str, object]]]
"""Domain -> part of its lock entry -> value, without the day."""


@dataclass(frozen=True, slots=True)
class Office:
    """What planning and applying need besides the world.

    Attributes:
        compile: Gives the setup as the lock book stands now.
        note_issued: Takes what an account issued into the book; tells whether that changed anything.
        tell: Progress, a few words.
    """

    access: Access
    book: LockBook
    compile: Callable[[LockBook], Setup]
    note_issued: Callable[[LockBook, Account, Issued], bool]
    wishes: Wishes
    today: date
    tell: Callable[[str], None]


@dataclass(slots=True)
class Survey:
    """The world, and the setup that goes with it."""

    setup: Setup
    owned: Owned
    world: World


async def survey(office: Office) -> Survey:
    """Read the world: accounts first, because what they have issued says which records to look for."""
    setup = office.compile(office.book)
    owned = read_owned(office.book.get(OWNED))
    accounts = await read_accounts(office.access, setup, owned, office.tell)
    changed = [
        office.note_issued(office.book, account, accounts[account.id].issued)
        for account in setup.accounts
        if account.id in accounts and accounts[account.id].issued
    ]
    if any(changed):
        setup = office.compile(office.book)
    zones = await read_zones(
        office.access, (domain.zone for domain in setup.domains), lambda zone: wanted_names(zone, owned), office.tell
    )
    return Survey(setup, owned, World(accounts, zones))


async def plan(office: Office) -> Plan:
    """Look at the world and give the plan. Nothing is changed; with a book without a journal nothing is written."""
    seen = await survey(office)
    return make_plan(seen.setup, seen.world, seen.owned, office.wishes)
