"""`pull`: what only ESPs and the owners of foreign SPF records can tell, into the lock book; what fails stays as it was."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from sendspec.lock.book import LockBook
from sendspec.model.account import Account
from sendspec.model.live import LiveAccount
from sendspec.model.setup import Setup
from sendspec.net.net import Net
from sendspec.pull.accounts import take_account
from sendspec.pull.result import Found, PullRun
from sendspec.pull.spf import pull_spf

Read = Callable[[Account], Awaitable[LiveAccount]]


async def pull(setup: Setup, book: LockBook, net: Net, read: Read, today: date, tell: Callable[[str], None]) -> PullRun:
    """Read accounts and SPF records side by side; each goes into the book as soon as it is known.

    So what was read is kept whatever happens to the rest: the book journals every edit. `setup` is the spec compiled
    with what the book holds. `read` gives what an account says of what the spec wants there; what it cannot read is in its
    `unread`. `tell` takes lines of progress.
    """

    async def account(each: Account) -> Found:
        return take_account(setup, each, await read(each), book, today)

    accounts = [each for each in setup.accounts if each.is_esp]
    work = [pull_spf(setup, book, net, today, tell), *(account(each) for each in accounts)]
    found = sum(await asyncio.gather(*work), Found())
    return PullRun(found, net.deadline.reason if net.deadline.has_passed else "")
