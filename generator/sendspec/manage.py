"""The order of the stages that change the world, and nothing else.

setup + lock + world -> plan -> changes, one at a time -> lock.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from sendspec.esp.managing import Desk
from sendspec.live import INTERRUPTED, interruptible
from sendspec.lock.book import LockBook, open_book, read_book
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.dns_record import Zone
from sendspec.model.keeper import Aws
from sendspec.model.plan import Plan
from sendspec.model.rotation import Rotated, RotationRun, Trial
from sendspec.model.secret import Secret
from sendspec.model.setup import Setup
from sendspec.net.aws import AwsClients
from sendspec.net.deadline import Deadline
from sendspec.net.net import Net
from sendspec.net.open import NetSettings, open_net
from sendspec.pipeline import compile_files
from sendspec.plan import office as planning
from sendspec.plan.apply import Applied, Done, Work
from sendspec.plan.approval import Approval
from sendspec.plan.make import Wishes
from sendspec.plan.office import Office
from sendspec.plan.ownership import OWNED, read_owned
from sendspec.plan.world import Access, read_account
from sendspec.pull import run as pulling
from sendspec.pull.issued import note_issued
from sendspec.pull.result import PullRun
from sendspec.rotate.run import Run
from sendspec.rotate.workshop import Wish, Workshop
from sendspec.spec.files import SpecFiles
from sendspec.stores.interface import Surroundings
from sendspec.stores.keeper import StoreKeeper
from sendspec.stores.resolve import StoreSecrets
from sendspec.trial import try_out

Found = TypeVar("Found")
AWS_KEY = ("access_key_id", "secret_access_key")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person said on the command line.

    Attributes:
        inputs: Name of an input -> reference to its value.
        allowed: Streams whose mail may stop.
    """

    today: date
    settings: NetSettings
    adopt: tuple[str, ...] = ()
    inputs: Mapping[str, str] | None = None
    allowed: tuple[str, ...] = ()


def plan(files: SpecFiles, terms: Terms, tell: Callable[[str], None]) -> Plan:
    """Look at the world and say what differs. Changes nothing, here or there."""

    async def work() -> Plan:
        book = read_book(files.folder, files.lock)
        async with _office(files, book, terms, tell) as (office, _net):
            return await planning.plan(office)

    return _ended(work())


def apply(
    files: SpecFiles,
    terms: Terms,
    approve: Callable[[Plan], Approval | None],
    seen: Callable[[Done], None],
    tell: Callable[[str], None],
) -> Applied | None:
    """Carry out what `approve` agrees to; None where it agrees to nothing. One at a time for each spec.

    Raises:
        BusyError: another command is changing what this spec describes.
    """

    async def work(book: LockBook) -> Applied | None:
        async with _office(files, book, terms, tell) as (office, _net):
            stopped = ""

            def stop() -> None:
                nonlocal stopped
                stopped = INTERRUPTED

            with interruptible(stop):
                return await Work(office, approve, terms.allowed, seen, lambda: stopped).run()

    with open_book(files.folder) as book:
        return _ended(work(book))


def pull(files: SpecFiles, terms: Terms, tell: Callable[[str], None]) -> PullRun:
    """Refresh the lock file with what ESPs have issued and what SPF records of others say. What fails stays as it was.

    Raises:
        BusyError: another command is changing what this spec describes.
    """

    async def work(book: LockBook) -> PullRun:
        async with _office(files, book, terms, tell) as (office, net):
            setup = office.compile(book)
            owned = read_owned(book.get(OWNED))
            with interruptible(lambda: net.deadline.stop(INTERRUPTED)):
                return await pulling.pull(
                    setup, book, net, partial(read_account, office.access, setup, owned), terms.today, tell
                )

    with open_book(files.folder) as book:
        return _ended(work(book))


def rotate(
    files: SpecFiles,
    terms: Terms,
    wish: Wish,
    approve: Callable[[RotationRun], bool],
    seen: Callable[[Rotated], None],
    tell: Callable[[str], None],
) -> RotationRun:
    """Replace what was asked for, or what is due, if `approve` agrees. What was begun goes on, whoever began it.

    Raises:
        BusyError: another command is changing what this spec describes.
    """

    async def work(book: LockBook) -> RotationRun:
        async with _office(files, book, terms, tell) as (office, net):
            stopped = ""

            def stop() -> None:
                nonlocal stopped
                stopped = INTERRUPTED

            with interruptible(stop):
                return await Run(workshop(office, net, lambda: stopped), wish, approve, seen).run()

    with open_book(files.folder) as book:
        return _ended(work(book))


def _ended(work: Coroutine[object, object, Found]) -> Found:
    """Run to the end, and give what came of it.

    Not as the result of `asyncio.run`: that writes out the whole of it in the text of an exception of its own (CPython 3.11,
    `signal.getsignal` in asyncio/runners.py), which for 10,000 domains takes seconds and hundreds of megabytes.
    """
    found: list[Found] = []

    async def run() -> None:
        found.append(await work)

    asyncio.run(run())
    return found[0]


def workshop(office: Office, net: Net, stopped: Callable[[], str]) -> Workshop:
    """Give what rotating works with, of what planning does."""
    access, keeper = office.access, office.access.keeper

    def setup() -> Setup:
        return office.compile(office.book)

    def desk(current: Setup, account: Account) -> Desk:
        return access.desk(current, account, read_owned(office.book.get(OWNED)))

    async def tried(credentials: Sequence[Credential], values: Mapping[str, Secret]) -> Trial:
        return await try_out(setup(), net, keeper, credentials, values)

    return Workshop(office.book, setup, desk, keeper, net, tried, office.note_issued, stopped, office.tell)


@asynccontextmanager
async def _office(
    files: SpecFiles, book: LockBook, terms: Terms, tell: Callable[[str], None]
) -> AsyncIterator[tuple[Office, Net]]:
    """Open the world for planning and applying."""
    kept: list[StoreSecrets] = []

    def secrets(deadline: Deadline) -> StoreSecrets:
        kept.append(StoreSecrets(deadline, Surroundings(os.environ, Path.cwd())))
        return kept[-1]

    def compile_book(current: LockBook) -> Setup:
        return compile_files(replace(files, lock=current.text.encode())).setup

    async with open_net(terms.settings, secrets) as net:
        keeper = StoreKeeper(kept[0], terms.inputs or {})
        access = Access(net, keeper, await _aws(compile_book(book), keeper))
        wishes = Wishes(terms.adopt, frozenset(terms.inputs or {}))
        yield Office(access, book, compile_book, _noting(terms.today), wishes, terms.today, tell), net


def _noting(today: date) -> Callable[[LockBook, Account, planning.Issued], bool]:
    def note(book: LockBook, account: Account, issued: planning.Issued) -> bool:
        return note_issued(book, account, issued, today)

    return note


async def _aws(setup: Setup, keeper: StoreKeeper) -> Callable[[Account | Zone], Aws]:
    """Give what makes clients for an account or a zone: with the key the spec names, else as every AWS tool finds it."""
    ambient = AwsClients()
    owners: Sequence[Account | Zone] = (*setup.accounts, *(domain.zone for domain in setup.domains))
    named: dict[tuple[str, ...], AwsClients] = {}
    for owner in owners:
        pair = {each.name: each for each in owner.manage if each.name in AWS_KEY}
        references = tuple(pair[name].reference for name in AWS_KEY if name in pair)
        if len(references) == len(AWS_KEY) and references not in named:
            named[references] = AwsClients({name: await keeper.value(pair[name].reference) for name in AWS_KEY})

    def of(owner: Account | Zone) -> Aws:
        pair = {each.name: each.reference for each in owner.manage if each.name in AWS_KEY}
        return named.get(tuple(pair[name] for name in AWS_KEY if name in pair), ambient)

    return of
