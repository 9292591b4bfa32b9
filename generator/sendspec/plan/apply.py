"""Carry out a plan: stage by stage, one change at a time, each noted in the lock book before it is made.

Killed anywhere, the next run plans from what exists and goes on. What is issued on the way is compiled in, so that the
records it belongs into follow in the same run.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sendspec.esp.managing import ResourceKind
from sendspec.hosts.interface import SetChange
from sendspec.lock.book import LockBook
from sendspec.model.account import Account
from sendspec.model.dns_record import Mx, RRset, Value, Zone
from sendspec.model.live import Failure, LiveAccount, LiveRRset, Outcome
from sendspec.model.plan import DNS, ESP, Action, Change, Plan, Stage
from sendspec.model.setup import Setup
from sendspec.plan.approval import Approval
from sendspec.plan.make import Wishes, make_plan
from sendspec.plan.ownership import (
    ADOPTED,
    BEGUN,
    MADE,
    OWNED,
    Owned,
    OwnedResource,
    OwnedSet,
    adopts,
    read_owned,
    resource_facts,
    set_facts,
    value_text,
)
from sendspec.plan.records import folded, folded_text, own_values, record_key
from sendspec.plan.resources import names_of
from sendspec.plan.world import (
    Access,
    World,
    host_of,
    manager_of,
    read_accounts,
    read_accounts_again,
    read_zones,
    wanted_names,
)

ZONES_AT_ONCE = 8
ISSUED = "issued"
NOT_DONE = (Failure.REFUSED, Failure.LATER, Failure.NEEDS)
Issued = Mapping[str, Mapping[str, Mapping[str, object]]]


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


@dataclass(frozen=True, slots=True)
class Done:
    """A change, and what came of it."""

    change: Change
    outcome: Outcome


@dataclass(slots=True)
class Applied:
    """What a run did. `unseen` are changes nobody agreed to: before the first change it is refused, later it stops."""

    before: Plan
    done: list[Done] = field(default_factory=list)
    failed: list[Done] = field(default_factory=list)
    unseen: tuple[Change, ...] = ()
    stopping: tuple[Change, ...] = ()
    after: Plan | None = None
    stopped: str = ""

    @property
    def is_refused(self) -> bool:
        """Tell whether nothing was done because it was not what was agreed to, or stops mail that nobody allowed to stop."""
        return bool(self.unseen or self.stopping) and not (self.done or self.failed)


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


class Work:
    """One run of `apply`."""

    def __init__(
        self,
        office: Office,
        approve: Callable[[Plan], Approval | None],
        allowed: Iterable[str],
        seen: Callable[[Done], None],
        stopped: Callable[[], str],
    ) -> None:
        """Prepare.

        Args:
            office: What it works with.
            approve: Is shown the plan as the world is now, if it has changes, and gives what was agreed to; None: nothing.
            allowed: Ids of streams whose mail may stop.
            seen: Is told what came of each change, as it comes.
            stopped: Says why to stop before the next call; empty: go on.
        """
        self.office = office
        self.approve = approve
        self.allowed = frozenset(allowed)
        self.seen = seen
        self.stopped = stopped
        self._tried: set[tuple[str, Action]] = set()
        self._failed: set[str] = set()
        self._hurt: set[str] = set()
        """Streams of which something could not be done: what serves them now is not removed."""
        self._is_adopted = adopts(office.wishes.adopt)

    async def run(self) -> Applied | None:
        """Carry out what was agreed to; None where nothing was."""
        survey_ = await survey(self.office)
        first = make_plan(survey_.setup, survey_.world, survey_.owned, self.office.wishes)
        if not first.changes:
            self._finish(survey_)
            self._forget(first)
            return Applied(first, after=first)
        approval = self.approve(first)
        if approval is None:
            return None
        applied = Applied(first, unseen=tuple(approval.beyond(first.changes)), stopping=self._stopping(first))
        if not applied.is_refused:
            self._finish(survey_)
        now = first
        while not applied.is_refused:
            todo = [change for change in now.changes if (change.key, change.action) not in self._tried]
            unseen, stopping = tuple(approval.beyond(todo)), self._stopping(now)
            part = self._next(now, {change.key for change in (*unseen, *stopping)})
            # A removal that turned up on the way waits for another plan, and keeps nothing else waiting.
            if not part or any(change.stage is not Stage.REMOVE for change in (*unseen, *stopping)):
                applied.unseen, applied.stopping = unseen, stopping
                break
            applied.stopped = self.stopped()
            if applied.stopped:
                break
            await self._stage(survey_, part, applied)
            survey_ = await self._again(survey_, part)
            now = make_plan(survey_.setup, survey_.world, survey_.owned, self.office.wishes)
        if not applied.is_refused:
            self._forget(now)
        applied.after = now
        return applied

    def _finish(self, seen: Survey) -> None:
        """Note of what a run before began to make, and that is there, that it was made; and new names of what is ours."""
        edits: dict[tuple[str, ...], object] = {}
        for account, entries in seen.owned.resources.items():
            live = seen.world.accounts.get(account)
            names = names_of(entries)
            for key, there in live.found.items() if live else ():
                former = names.get((there.kind, there.native_id), key)
                mine = entries.get(key) or entries.get(former)
                if mine is not None and (mine.by == BEGUN or key not in entries):
                    by = MADE if mine.by == BEGUN else mine.by
                    done = replace(mine, by=by, native_id=there.native_id or mine.native_id)
                    edits[OWNED, ESP, account, key] = resource_facts(done)
        for domain in seen.setup.domains:
            zone = domain.zone
            sets, live_zone = seen.owned.of_zone(zone.name), seen.world.zones.get(zone.name)
            wanted: dict[tuple[str, str], RRset] = {}
            for (name, record_type), mine_there in sets.items():
                there_now = live_zone.rrsets.get((name, record_type)) if live_zone else None
                if there_now is None:
                    continue
                wanted = wanted or {(rrset.name, str(rrset.type)): rrset for rrset in zone.rrsets}
                done_set = _settled(mine_there, there_now, wanted.get((name, record_type)))
                if done_set != mine_there:
                    edits[OWNED, DNS, zone.name, f"{name} {record_type}"] = set_facts(done_set)
        self.office.book.edit_all(edits)

    def _stopping(self, now: Plan) -> tuple[Change, ...]:
        return tuple(
            change
            for change in now.stopping()
            if (change.key, change.action) not in self._tried and not self.allowed.issuperset(change.stops)
        )

    def _next(self, now: Plan, left: Collection[str]) -> list[Change]:
        """Give what can be done of the first stage that has something to do, without what is left and what needs it.

        What is removed at an ESP goes before the records that it needs.
        """
        blocked = {*self._failed, *left}
        ready: dict[tuple[int, bool], list[Change]] = {}
        for change in now.changes:
            is_removal = change.stage is Stage.REMOVE
            if blocked.intersection((change.key, *change.needs)) or (
                is_removal and self._hurt.intersection(change.streams)
            ):
                blocked.add(change.key)
            elif (change.key, change.action) not in self._tried:
                place = (change.stage.rank, is_removal and change.layer == DNS)
                ready.setdefault(place, []).append(change)
        return ready[min(ready)] if ready else []

    async def _stage(self, seen: Survey, part: Sequence[Change], applied: Applied) -> None:
        accounts: dict[str, list[Change]] = {}
        zones: dict[str, list[Change]] = {}
        for change in part:
            places = accounts if change.layer == ESP else zones
            places.setdefault(change.place, []).append(change)
        at_once = asyncio.Semaphore(ZONES_AT_ONCE)
        known = {domain.zone.name: domain.zone for domain in seen.setup.domains} if zones else {}

        async def in_zone(zone: str, changes: Sequence[Change]) -> None:
            async with at_once:
                await self._records(seen, known[zone], changes, applied)

        await asyncio.gather(
            *(self._resources(seen, account, changes, applied) for account, changes in accounts.items()),
            *(in_zone(zone, changes) for zone, changes in zones.items()),
        )

    def _settle(self, change: Change, outcome: Outcome, applied: Applied) -> None:
        done = Done(change, outcome)
        if outcome.failure is None:
            applied.done.append(done)
        else:
            applied.failed.append(done)
            self._failed.add(change.key)
            self._hurt.update(change.streams)
        self.seen(done)

    # Resources at an ESP

    async def _resources(self, seen: Survey, account_id: str, changes: Sequence[Change], applied: Applied) -> None:
        account = seen.setup.account(account_id)
        manager, desk = manager_of(account), self.office.access.desk(seen.setup, account, seen.owned)
        skipped: set[str] = set()
        for change in changes:
            if self.stopped():
                return
            if {*self._failed, *skipped}.intersection(change.needs):
                skipped.add(change.key)
                continue
            self._tried.add((change.key, change.action))
            self.office.tell(f"{account_id}: {change.action} {change.subject}")
            path = (OWNED, ESP, account_id, change.subject)
            before = self.office.book.get(*path)
            self._own_resource(change, path)
            if change.action is Action.ADOPT or manager is None:
                outcome = Outcome(native_id=change.native_id)
            else:
                outcome = await manager.apply(desk, change)
            if outcome.failure in NOT_DONE and before != self.office.book.get(*path):
                self._restore(path, before)
            if outcome.failure is None:
                self._note_resource(change, path, outcome, manager.kinds if manager else {})
            if outcome.issued:
                self.office.note_issued(self.office.book, account, outcome.issued)
            self._settle(change, outcome, applied)

    def _own_resource(self, change: Change, path: tuple[str, ...]) -> None:
        if change.action in {Action.DELETE, Action.VERIFY} or (change.is_owned and change.action is not Action.CREATE):
            return
        by = ADOPTED if change.before is not None else BEGUN
        owned = OwnedResource(change.native_id, by, self.office.today.isoformat(), change.streams)
        self.office.book.edit(path, resource_facts(owned))

    def _note_resource(
        self, change: Change, path: tuple[str, ...], outcome: Outcome, kinds: Mapping[str, ResourceKind]
    ) -> None:
        book = self.office.book
        if change.action is Action.DELETE:
            book.drop(path)
            self._forget_issued(change, kinds)
            return
        facts = dict(book.get(*path) or {})
        if not facts:
            return
        if facts.get("by") == BEGUN:
            facts["by"] = MADE
        if outcome.native_id:
            facts["id"] = outcome.native_id
        if change.streams:
            facts["streams"] = list(change.streams)
        book.edit(path, facts)

    def _forget_issued(self, change: Change, kinds: Mapping[str, ResourceKind]) -> None:
        """Take what was issued for a domain out of the lock file, once nothing there is the ESP's any more."""
        kind, _, name = change.subject.partition("/")
        verified = [each for each, facts in kinds.items() if facts.is_verified_by_dns]
        ours = self.office.book.get(OWNED, ESP, change.place) or {}
        if kind in verified and not any(f"{each}/{name}" in ours for each in verified):
            self.office.book.drop((ISSUED, change.place, name))

    def _restore(self, path: tuple[str, ...], before: object) -> None:
        if before is None:
            self.office.book.drop(path)
        else:
            self.office.book.edit(path, before)

    # RRsets

    async def _records(self, seen: Survey, zone: Zone, changes: Sequence[Change], applied: Applied) -> None:
        if self.stopped():
            return
        host, live = host_of(zone), seen.world.zones[zone.name]
        wanted = {record_key(zone.name, rrset.name, str(rrset.type)): rrset for rrset in zone.rrsets}
        self._tried.update((change.key, change.action) for change in changes)
        before = {change.key: self.office.book.get(*_set_path(change)) for change in changes}
        ours = {
            change.key: self._owned_set(seen, change, wanted[change.key]) for change in changes if change.key in wanted
        }
        self._note_sets(changes, ours, before, is_done=False)
        adopted = [change for change in changes if change.action is Action.ADOPT]
        others = [change for change in changes if change.action is not Action.ADOPT]
        self._note_sets(adopted, ours, before, is_done=True)
        for change in adopted:
            self._settle(change, Outcome(), applied)
        if not others or host.apply is None:
            return
        self.office.tell(f"{zone.name}: {len(others)} sets of records")
        outcomes = await host.apply(
            self.office.access.host_desk(zone), live, [_set_change(live.rrsets, change) for change in others]
        )
        made = [change for change, outcome in zip(others, outcomes, strict=True) if outcome.failure is None]
        self._note_sets(made, ours, before, is_done=True)
        for change, outcome in zip(others, outcomes, strict=True):
            if outcome.failure in NOT_DONE:
                self._restore(_set_path(change), before[change.key])
            elif outcome.failure is None and change.key not in wanted:
                self.office.book.drop(_set_path(change))
            self._settle(change, outcome, applied)

    def _owned_set(self, seen: Survey, change: Change, rrset: RRset) -> OwnedSet:
        """Give what is ours of a set once a change is made: not what others had put there before, unless it is adopted."""
        live = seen.world.zones[change.place].rrsets.get((rrset.name, str(rrset.type)))
        mine = seen.owned.of_zone(change.place).get((rrset.name, str(rrset.type)))
        theirs = {folded(rrset.type, value) for value in live.values} if live else set()
        theirs -= {folded_text(rrset.type, value) for value in mine.values} if mine else set()
        values = own_values(rrset)
        if not self._is_adopted(change.key):
            values = tuple(value for value in values if folded(rrset.type, value) not in theirs)
        records = [record for value in rrset.values for record in value.records]
        first = next((record for record in records if record.account), records[0])
        streams = tuple(sorted({stream for record in records for stream in record.streams}))
        by = ADOPTED if change.action is Action.ADOPT else MADE
        by = mine.by if mine is not None and mine.by != BEGUN else by
        return OwnedSet(tuple(map(value_text, values)), by, first.account, str(first.purpose), streams)

    def _note_sets(
        self, changes: Sequence[Change], ours: Mapping[str, OwnedSet], before: Mapping[str, object], *, is_done: bool
    ) -> None:
        """Note whose sets are; until a change is done, what was ours in them is as well."""
        edits: dict[tuple[str, ...], object] = {}
        for change in changes:
            owned = ours.get(change.key)
            if owned is None:
                continue
            if not is_done:
                known = before[change.key]
                former = tuple(map(str, known.get("values") or ())) if isinstance(known, dict) else ()
                values = tuple(dict.fromkeys((*owned.values, *former)))
                by = str(known.get("by") or MADE) if isinstance(known, dict) else BEGUN
                owned = replace(owned, values=values, by=by)
            edits[_set_path(change)] = set_facts(owned)
        self.office.book.edit_all(edits)

    # Between the stages

    async def _again(self, seen: Survey, part: Sequence[Change]) -> Survey:
        """Read again what was changed, and compile anew with what has been issued since."""
        office, world = self.office, seen.world
        keys: dict[str, set[str]] = {}
        for change in part:
            if change.layer == ESP:
                keys.setdefault(change.place, set()).add(change.subject)
        owned = read_owned(office.book.get(OWNED))
        fresh = await read_accounts_again(office.access, seen.setup, owned, world, keys)
        for account_id, live in fresh.items():
            office.note_issued(office.book, seen.setup.account(account_id), live.issued)
        self._note_ids(fresh, keys)
        owned = read_owned(office.book.get(OWNED))
        setup = office.compile(office.book)
        dirty = {change.place for change in part if change.layer == DNS}
        known = {domain.zone.name: wanted_names(domain.zone, seen.owned) for domain in seen.setup.domains}
        zones = [
            domain.zone
            for domain in setup.domains
            if domain.zone.name in dirty or not wanted_names(domain.zone, owned) <= known[domain.zone.name]
        ]
        world.zones |= await read_zones(
            office.access, zones, lambda zone: wanted_names(zone, owned), lambda _text: None
        )
        return Survey(setup, owned, world)

    def _note_ids(self, fresh: Mapping[str, LiveAccount], keys: Mapping[str, Collection[str]]) -> None:
        """Note what an ESP calls what was changed just now, as a read gives it: the answer to a call may have said less."""
        edits: dict[tuple[str, ...], object] = {}
        for account_id, live in fresh.items():
            for key in keys[account_id]:
                native_id = live.found[key].native_id if key in live.found else ""
                facts = self.office.book.get(OWNED, ESP, account_id, key)
                if native_id and isinstance(facts, dict):
                    edits[OWNED, ESP, account_id, key] = {**facts, "id": native_id}
        self.office.book.edit_all(edits)

    def _forget(self, now: Plan) -> None:
        for key in now.gone:
            layer, place, rest = key.split("/", 2)
            if layer == DNS:
                name, _, record_type = rest.rpartition("/")
                rest = f"{name} {record_type}"
            self.office.book.drop((OWNED, layer, place, rest))


def _set_path(change: Change) -> tuple[str, ...]:
    return (OWNED, DNS, change.place, change.subject)


def _settled(mine: OwnedSet, there: LiveRRset, wanted: RRset | None) -> OwnedSet:
    """Give what is ours of a set as it is there: made, if a run before only began to; without what it replaced."""
    record_type = there.type
    live = {folded(record_type, value) for value in there.values}
    kept = {folded(record_type, value) for value in own_values(wanted)} if wanted is not None else set()
    is_there = [value for value in mine.values if folded_text(record_type, value) in live]
    values = tuple(value for value in mine.values if value in is_there or folded_text(record_type, value) in kept)
    by = MADE if mine.by == BEGUN and is_there else mine.by
    return replace(mine, values=values, by=by) if wanted is not None else replace(mine, by=by)


def _set_change(live: Mapping[tuple[str, str], LiveRRset], change: Change) -> SetChange:
    name, _, record_type = change.subject.rpartition(" ")
    before = live.get((name, record_type))
    if change.after is None:
        return SetChange(before, None)
    ttl, values = change.after.get("ttl"), change.after.get("values")
    after = LiveRRset(
        name,
        record_type,
        ttl if isinstance(ttl, int) else 0,
        tuple(_value(record_type, str(value)) for value in values) if isinstance(values, (list, tuple)) else (),
        before.native if before else (),
    )
    return SetChange(before, after)


def _value(record_type: str, text: str) -> Value:
    if record_type != "MX":
        return text
    preference, _, exchange = text.partition(" ")
    return Mx(int(preference), "" if exchange == "." else exchange)
