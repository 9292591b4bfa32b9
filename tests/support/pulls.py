"""Pulls in tests: a spec in a folder, what its accounts say, and DNS in memory or real."""

import asyncio
import copy
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from fake_dns import FakeDns, net_of

from sendspec.lock.book import LockBook, open_book
from sendspec.lock.load import LOCK_FILE
from sendspec.model.account import Account
from sendspec.model.live import LiveAccount, LiveResource
from sendspec.model.setup import Setup
from sendspec.net.net import Net
from sendspec.pipeline import compile_files
from sendspec.pull.result import Found, PullRun
from sendspec.pull.run import pull
from sendspec.spec.files import read_files

TODAY = date(2026, 11, 26)
KEY = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC6Uh9ysKxrt6jisbNrfPi4f0gi6//ck9jihO93+BF2fDkmrt34YsC8RROyfDUNH751g3tajCsPzF1RsCC6W7kqIyQsPH7PxtorGDoD1tc0hIcND5Fcgtc8m5KcsLNOJ1Co2fxhSDohbKRP8Oh5FqrOEGSkgpyyzL2vgTHOjm6W4QIDAQAB"
GOOGLE = "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com include:_netblocks3.google.com ~all"
SENDGRID = {
    "domain": {
        "id": 4242,
        "records": [
            {"type": "CNAME", "name": "em4242.news.northwind.example", "value": "u1.wl.sendgrid.net"},
            {
                "type": "CNAME",
                "name": "s1._domainkey.news.northwind.example",
                "value": "s1.domainkey.u1.wl.sendgrid.net",
            },
            {
                "type": "CNAME",
                "name": "s2._domainkey.news.northwind.example",
                "value": "s2.domainkey.u1.wl.sendgrid.net",
            },
        ],
    },
    "links": {
        "id": 7,
        "records": [{"type": "CNAME", "name": "links.news.northwind.example", "value": "sendgrid.net"}],
    },
}


def world_dns(changed: Mapping[tuple[str, str], tuple[str, ...] | None] | None = None) -> FakeDns:
    """Give the SPF records of others as Northwind's lock file has them, but for some sets; None takes one away."""
    records: dict[tuple[str, str], tuple[str, ...]] = {
        ("_spf.google.com", "TXT"): (GOOGLE, "another text"),
        **{(f"_netblocks{n}.google.com", "TXT"): ("v=spf1 ip4:192.0.2.0/24 ~all",) for n in ("", "2", "3")},
        ("spf.crm.example", "TXT"): ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8:25::/48 -all",),
    }
    folder = Path(__file__).resolve().parents[2] / "specs"
    setup = compile_files(read_files(folder)).setup
    records[("amazonses.com", "TXT")] = (next(tree.text for tree in setup.spf_trees if tree.name == "amazonses.com"),)
    return FakeDns(records, {}).with_records(changed or {})


def without_days(value: object) -> object:
    """Give plain data without the key `read`."""
    if isinstance(value, Mapping):
        return {key: without_days(inner) for key, inner in value.items() if key != "read"}
    return value


@dataclass
class Pulls:
    """A folder that is pulled into. `accounts` is what each says; those that are absent know what the lock file holds."""

    folder: Path
    dns: FakeDns = field(default_factory=world_dns)
    accounts: dict[str, LiveAccount] = field(default_factory=dict)
    today: date = TODAY
    seconds: float = 60.0
    net: Callable[[], AbstractAsyncContextManager[Net]] | None = None
    before_account: Callable[[str], None] = lambda _account: None
    told: list[str] = field(default_factory=list)

    @property
    def lock(self) -> Path:
        return self.folder / LOCK_FILE

    def run(self) -> PullRun:
        """Pull once, as the command does."""
        files = read_files(self.folder)
        with open_book(files.folder, files.lock) as book:
            setup = compile_files(replace(files, lock=book.text.encode())).setup
            return asyncio.run(self._pull(setup, book))

    def found(self) -> Found:
        return self.run().found

    async def _pull(self, setup: Setup, book: LockBook) -> PullRun:
        known = copy.deepcopy(book.contents.get("issued") or {})

        async def read(account: Account) -> LiveAccount:
            await asyncio.sleep(0)
            self.before_account(account.id)
            if account.id in self.accounts:
                return self.accounts[account.id]
            parts = {domain: without_days(entry) for domain, entry in (known.get(account.id) or {}).items()}
            return LiveAccount(issued=parts)

        async with self.net() if self.net else self._fake_net() as net:
            return await pull(setup, book, net, read, self.today, self.told.append)

    @asynccontextmanager
    async def _fake_net(self):
        yield net_of(self.dns, seconds=self.seconds)


def there(*keys: str) -> dict[str, LiveResource]:
    """Give resources that exist, by `kind/id`."""
    return {key: LiveResource(*key.partition("/")[::2], native_id="x", properties={}) for key in keys}
