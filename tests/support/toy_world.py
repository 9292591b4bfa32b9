"""ESP accounts and DNS hosts in memory, for tests of what plans and applies: they count calls, and die at any of them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sendspec import manage
from sendspec.esp.managing import Desk, Manager, load_manager
from sendspec.hosts.interface import Host, HostDesk, SetChange
from sendspec.lock.book import LockBook, open_book, read_book
from sendspec.model.account import Account
from sendspec.model.dns_record import Zone
from sendspec.model.live import Failure, LiveAccount, LiveResource, LiveRRset, LiveZone, Outcome, Verification
from sendspec.model.plan import Action, Change, Plan
from sendspec.pipeline import compile_files
from sendspec.plan import apply as applying
from sendspec.plan import make, world
from sendspec.plan import office as planning
from sendspec.plan.apply import Applied, Done, Work
from sendspec.plan.approval import Approval
from sendspec.plan.make import Wishes
from sendspec.plan.office import Office
from sendspec.plan.world import Access
from sendspec.rehearse.values import public_key
from sendspec.spec.files import read_files

TODAY = date(2026, 11, 26)
PUBLIC_KEY = public_key()


SMALL = """\
version: 1
domains:
  shop.example:
    dns: {host: route53}
    dmarc: {policy: none, reports: ["mailto:dmarc@shop.example"]}
esps:
  sendgrid: {kind: sendgrid, managed: apply, settings: {link_branding: true}, credentials: {api_key: {from: "env://K", env: K}}}
  postmark: {kind: postmark, managed: apply, credentials: {server_token: {from: "env://T", env: T}}}
  ses:
    {kind: ses, managed: apply, settings: {region: eu-west-1}, credentials: {smtp_username: {from: "env://U", env: U}, smtp_password: {from: "env://P", env: P}}}
streams:
  news:
    kind: marketing
    from: Shop <news@news.shop.example>
    unsubscribe: {one_click: "https://shop.example/u/{token}"}
    events: {url: "https://hooks.shop.example/{kind}", types: [bounced]}
    routes: [{role: primary, via: api, esp: sendgrid}]
  receipts:
    kind: transactional
    from: Shop <receipts@mail.shop.example>
    events: {url: "https://hooks.shop.example/{kind}", types: [bounced, complained]}
    routes: [{role: primary, via: api, esp: postmark}, {role: fallback, via: smtp, esp: ses}]
"""
"""A resource of each kind there is, and few of each: it is made once for every call at which a run may be killed."""


class KilledError(BaseException):
    """The process ends here: nothing catches this, as nothing catches SIGKILL."""


@dataclass
class ToyWorld:
    """Everything that exists. `die_at` is the number of the call, from 1, at which the process is killed.

    `dies_after`: the call is carried out and its answer never seen. `failures`: number of a call -> outcome instead.
    """

    accounts: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    zones: dict[str, dict[tuple[str, str], LiveRRset]] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    die_at: int = 0
    dies_after: bool = False
    failures: dict[int, Outcome] = field(default_factory=dict)
    forgets: bool = False
    """Reads do not show yet what was made (eventual consistency)."""
    unread: dict[str, Any] = field(default_factory=dict)
    generation: int = 0
    """What ESPs issue changes with it, as it does for a domain that is made again."""
    natives: dict[str, str] = field(default_factory=dict)
    """`kind/id` -> what the ESP calls it, where that does not come from the id."""

    def call(self, what: str, work: Any) -> Outcome:
        """Make a call that changes something."""
        self.calls.append(what)
        number = len(self.calls)
        if number == self.die_at and not self.dies_after:
            raise KilledError
        if number in self.failures:
            outcome = self.failures[number]
            if outcome.failure is Failure.UNKNOWN:
                work()
            return outcome
        result = work()
        if number == self.die_at:
            raise KilledError
        return result if isinstance(result, Outcome) else Outcome()

    def manager(self, account: Account) -> Manager | None:
        """Give how an account of this world is managed: kinds as the ESP's own code has them."""
        real = load_manager(account.kind) if account.is_esp else None
        return replace(real, read=self._read, apply=self._apply) if real else None

    def host(self, zone: Zone) -> Host:
        """Give who serves a zone."""
        apply = None if zone.host == "manual" else self._change_zone
        return Host(zone.host, "Toy DNS", self._read_zone, apply, by_hand="its servers are somebody else's")

    async def _read(self, desk: Desk, keys: Collection[str]) -> LiveAccount:
        if desk.account.id in self.unread:
            return LiveAccount(unread={"": self.unread[desk.account.id]})
        there = self.accounts.get(desk.account.id, {})
        manager = load_manager(desk.account.kind)
        assert manager is not None
        found = {}
        issued: dict[str, Mapping[str, Mapping[str, object]]] = {}
        for key in sorted(set(keys) & set(there)):
            kind, _, native = key.partition("/")
            state = Verification.NOT_NEEDED
            if manager.kinds[kind].is_verified_by_dns:
                state = Verification.DONE if key in self.verified else Verification.PENDING
                issue = import_module(f"sendspec.esp.{desk.account.kind}.issuing").issue
                parts = _anew(issue(native, desk.account.settings, PUBLIC_KEY), self.generation)
                wanted = {
                    "identity": "dkim",
                    "domain": "dkim",
                    "authenticated-domain": "domain",
                    "link-branding": "links",
                }
                issued[native] = {
                    **issued.get(native, {}),
                    **{part: value for part, value in parts.items() if part == wanted.get(kind)},
                }
            native_id = self.natives.get(key, f"id-of-{native}")
            found[key] = LiveResource(kind, native, native_id, json.loads(json.dumps(there[key])), state)
        return LiveAccount({} if self.forgets else found, issued={} if self.forgets else issued)

    async def _apply(self, desk: Desk, change: Change) -> Outcome:
        there = self.accounts.setdefault(desk.account.id, {})
        return self.call(f"{change.action} {change.key}", lambda: self._do(there, change))

    def _do(self, there: dict[str, dict[str, Any]], change: Change) -> Outcome:
        if change.action is Action.DELETE:
            there.pop(change.subject, None)
        elif change.action is Action.VERIFY:
            self.verified.add(change.subject)
        elif change.action is Action.UPDATE:
            for each in change.differences:
                _set(there.setdefault(change.subject, {}), each.path, each.after)
        else:
            there[change.subject] = json.loads(json.dumps(change.after))
        return Outcome(native_id=self.natives.get(change.subject, f"id-of-{change.subject.partition('/')[2]}"))

    async def _read_zone(self, desk: HostDesk, _names: Collection[str]) -> LiveZone:
        if desk.zone.name in self.unread:
            return LiveZone(desk.zone.name, unread={"": self.unread[desk.zone.name]})
        return LiveZone(desk.zone.name, "Z1", dict(self.zones.get(desk.zone.name, {})))

    async def _change_zone(self, desk: HostDesk, _live: LiveZone, changes: Sequence[SetChange]) -> Sequence[Outcome]:
        zone = self.zones.setdefault(desk.zone.name, {})

        def work() -> None:
            for change in changes:
                subject = change.after or change.before
                assert subject is not None
                key = (subject.name, subject.type)
                assert zone.get(key) == change.before, "the host would refuse: it is not as it was"
                if change.after is None:
                    del zone[key]
                else:
                    zone[key] = change.after

        outcome = self.call(f"change {desk.zone.name}", work)
        return [outcome] * len(changes)


def _anew(parts: dict[str, dict[str, Any]], generation: int) -> dict[str, dict[str, Any]]:
    """Give what is issued to one who makes a domain once more: other numbers, tokens and selectors."""
    if not generation:
        return parts
    found: dict[str, dict[str, Any]] = json.loads(json.dumps(parts).replace("4242", f"4242{generation}"))
    dkim = found.get("dkim", {})
    if "tokens" in dkim:
        dkim["tokens"] = [f"{token[:-1]}{generation}" for token in dkim["tokens"]]
    elif "selector" in dkim:
        dkim["selector"] = f"{dkim['selector']}{generation}"
    return found


def _set(properties: dict[str, Any], path: str, value: object) -> None:
    *way, last = path.split(".")
    for name in way:
        properties = properties.setdefault(name, {})
    if value is None:
        properties.pop(last, None)
    else:
        properties[last] = json.loads(json.dumps(value))


@dataclass
class Run:
    """Plans and applies in a toy world, as the commands do."""

    folder: Path
    world: ToyWorld
    adopt: tuple[str, ...] = ()
    inputs: frozenset[str] = frozenset({"subuser_email", "subuser_password", "subuser_ip", "webhook_password"})
    allowed: tuple[str, ...] = ()
    seen: list[Done] = field(default_factory=list)

    def office(self, book: LockBook) -> Office:
        files = read_files(self.folder)
        nowhere = cast(
            "Any", SimpleNamespace(http=None, dns=None, zones=None, now=lambda: datetime(2026, 11, 26, tzinfo=UTC))
        )
        access = Access(nowhere, cast("Any", None), lambda _owner: cast("Any", None))
        return Office(
            access,
            book,
            lambda current: compile_files(replace(files, lock=current.text.encode())).setup,
            manage._noting(TODAY),
            Wishes(self.adopt, self.inputs),
            TODAY,
            lambda _text: None,
        )

    async def plan(self) -> Plan:
        files = read_files(self.folder)
        return await planning.plan(self.office(read_book(files.folder, files.lock)))

    async def apply(self, saved: Plan | None = None, stopped: Any = lambda: "") -> Applied:
        files = read_files(self.folder)
        with open_book(files.folder, files.lock) as book:
            work = Work(
                self.office(book), lambda plan: Approval(saved or plan), self.allowed, self.seen.append, stopped
            )
            try:
                applied = await work.run()
            except KilledError:
                book.path = None  # who is killed saves nothing
                raise
        assert applied is not None
        return applied


def enter(monkeypatch: pytest.MonkeyPatch, toy: ToyWorld) -> None:
    """Put a toy world in the place of the real one."""
    for module in (world, make, applying):
        monkeypatch.setattr(module, "manager_of", toy.manager)
        monkeypatch.setattr(module, "host_of", toy.host)
