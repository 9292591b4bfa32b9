"""Carry out a plan: stage by stage, one change at a time, each noted in the lock book before it is made.

Killed anywhere, the next run plans from what exists and goes on. What is issued on the way is compiled in, so that the
records it belongs into follow in the same run.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sendspec.hosts.interface import SetChange
from sendspec.model.dns_record import Mx, Value, Zone
from sendspec.model.live import Failure, LiveRRset, Outcome
from sendspec.model.plan import DNS, ESP, Action, Change, Plan, Stage
from sendspec.plan.approval import Approval
from sendspec.plan.ledger import Ledger, set_path
from sendspec.plan.make import make_plan
from sendspec.plan.office import Office, Survey, survey
from sendspec.plan.ownership import OWNED, adopts, read_owned
from sendspec.plan.records import record_key
from sendspec.plan.world import host_of, manager_of, read_accounts_again, read_zones, wanted_names

ZONES_AT_ONCE = 8
NOT_DONE = (Failure.REFUSED, Failure.LATER, Failure.NEEDS)


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
        self._ledger = Ledger(office.book, office.today, adopts(office.wishes.adopt))

    async def run(self) -> Applied | None:
        """Carry out what was agreed to; None where nothing was."""
        survey_ = await survey(self.office)
        first = make_plan(survey_.setup, survey_.world, survey_.owned, self.office.wishes)
        if not first.changes:
            self._ledger.finish(survey_)
            self._ledger.forget(first)
            return Applied(first, after=first)
        approval = self.approve(first)
        if approval is None:
            return None
        applied = Applied(first, unseen=tuple(approval.beyond(first.changes)), stopping=self._stopping(first))
        if not applied.is_refused:
            self._ledger.finish(survey_)
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
            self._ledger.forget(now)
        applied.after = now
        return applied

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
            self._ledger.own_resource(change, path)
            if change.action is Action.ADOPT or manager is None:
                outcome = Outcome(native_id=change.native_id)
            else:
                outcome = await manager.apply(desk, change)
            if outcome.failure in NOT_DONE and before != self.office.book.get(*path):
                self._ledger.restore(path, before)
            if outcome.failure is None:
                self._ledger.note_resource(change, path, outcome, manager.kinds if manager else {})
            if outcome.issued:
                self.office.note_issued(self.office.book, account, outcome.issued)
            self._settle(change, outcome, applied)

    # RRsets

    async def _records(self, seen: Survey, zone: Zone, changes: Sequence[Change], applied: Applied) -> None:
        if self.stopped():
            return
        host, live = host_of(zone), seen.world.zones[zone.name]
        wanted = {record_key(zone.name, rrset.name, str(rrset.type)): rrset for rrset in zone.rrsets}
        self._tried.update((change.key, change.action) for change in changes)
        before = {change.key: self.office.book.get(*set_path(change)) for change in changes}
        ours = {
            change.key: self._ledger.owned_set(seen, change, wanted[change.key])
            for change in changes
            if change.key in wanted
        }
        self._ledger.note_sets(changes, ours, before, is_done=False)
        adopted = [change for change in changes if change.action is Action.ADOPT]
        others = [change for change in changes if change.action is not Action.ADOPT]
        self._ledger.note_sets(adopted, ours, before, is_done=True)
        for change in adopted:
            self._settle(change, Outcome(), applied)
        if not others or host.apply is None:
            return
        self.office.tell(f"{zone.name}: {len(others)} sets of records")
        outcomes = await host.apply(
            self.office.access.host_desk(zone), live, [_set_change(live.rrsets, change) for change in others]
        )
        made = [change for change, outcome in zip(others, outcomes, strict=True) if outcome.failure is None]
        self._ledger.note_sets(made, ours, before, is_done=True)
        for change, outcome in zip(others, outcomes, strict=True):
            if outcome.failure in NOT_DONE:
                self._ledger.restore(set_path(change), before[change.key])
            elif outcome.failure is None and change.key not in wanted:
                self.office.book.drop(set_path(change))
            self._settle(change, outcome, applied)

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
        self._ledger.note_ids(fresh, keys)
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
