"""Changes of RRsets -> batches of record changes, each of them one transaction.

Cloudflare has no conditional write. So the zone is read again right before, and what is not as it was is left alone; a
record that was deleted in between makes the batch fail whole. Values that stay are not touched: their comments and tags
survive, and a value that gives way to another one keeps its record.
Source: https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/, read 2026-11-26.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sendspec.hosts.cloudflare.api import Told, Trouble, ask
from sendspec.hosts.cloudflare.problems import BATCH_RECORDS, problems
from sendspec.hosts.cloudflare.read import Sets, list_sets
from sendspec.hosts.cloudflare.records import body
from sendspec.hosts.interface import HostDesk, SetChange
from sendspec.hosts.patience import PATIENCE, Patience
from sendspec.hosts.validity import batches, by_name, company_problem, is_same
from sendspec.model.dns_record import RecordType
from sendspec.model.live import Failure, LiveRRset, LiveZone, Outcome

MOVED = "the zone changed since it was read"
PLAN_AGAIN = "run `sendspec plan` again: it reads what is there now"
KINDS = ("deletes", "patches", "posts")

Operations = Mapping[str, Sequence[Mapping[str, object]]]


async def apply(
    desk: HostDesk, live: LiveZone, changes: Sequence[SetChange], patience: Patience = PATIENCE
) -> Sequence[Outcome]:
    """Carry out changes; what shares a name is one step, and each batch is one transaction."""
    now = await list_sets(desk, patience, live.native_id)
    if isinstance(now, Told):
        return [Outcome(Failure.LATER if now.failure is Failure.UNKNOWN else now.failure, now.words, now.fix)] * len(
            changes
        )
    work = _Work(desk, live.native_id, changes, patience, now)
    groups = [group for group in work.unsettled(by_name(changes)) if work.is_sound(group)]
    for lot in batches(groups, work.size, (BATCH_RECORDS,)):
        await work.send(lot)
    return [work.outcomes.get(index, Outcome()) for index in range(len(changes))]


@dataclass(slots=True)
class _Work:
    """The changes of one zone, what it held when it was last read, and what came of the changes so far."""

    desk: HostDesk
    zone_id: str
    changes: Sequence[SetChange]
    patience: Patience
    now: Sets
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def unsettled(self, groups: Sequence[Sequence[int]], said: str = "") -> list[Sequence[int]]:
        """Note what is done already, and what is not what it was; give the groups that still can be done."""
        left = []
        for group in groups:
            pairs = [(self.changes[index], _at(self.now, self.changes[index])) for index in group]
            if all(is_same(now, change.after) for change, now in pairs):
                self._note(group, Outcome())
            elif all(is_same(now, change.before) for change, now in pairs):
                left.append(group)
            else:
                words = f"{MOVED} ({said})" if said else MOVED
                self._note(group, Outcome(Failure.REFUSED, words, PLAN_AGAIN))
        return left

    def is_sound(self, group: Sequence[int]) -> bool:
        """Tell whether Cloudflare would take a group; note the refusal where it would not."""
        found = [problem for index in group for problem in problems(self.desk.zone, self.changes[index])]
        beside = company_problem(self.now, [self.changes[index] for index in group])
        if found or beside:
            said = "; ".join([*found, *filter(None, [beside])])
            self._note(group, Outcome(Failure.REFUSED, said, "correct the spec, or what stands there"))
        return not (found or beside)

    def size(self, index: int) -> Sequence[int]:
        """Give how many records a change touches."""
        return (sum(map(len, self._operations(index).values())),)

    async def send(self, groups: Sequence[Sequence[int]]) -> None:
        """Send groups as one batch. One that is refused is halved until what is wrong with it stands alone."""
        parts = [self._operations(index) for group in groups for index in group]
        batch = {kind: [each for part in parts for each in part[kind]] for kind in KINDS}
        told = await ask(
            self.desk,
            self.patience,
            "POST",
            f"/zones/{self.zone_id}/dns_records/batch",
            body={kind: operations for kind, operations in batch.items() if operations},
        )
        if told.trouble is None:
            self._note([index for group in groups for index in group], Outcome())
        elif told.trouble in {Trouble.REFUSED, Trouble.LOST}:
            await self._after_trouble(groups, told)
        else:
            self._note([index for group in groups for index in group], Outcome(told.failure, told.words, told.fix))

    async def _after_trouble(self, groups: Sequence[Sequence[int]], told: Told) -> None:
        """See what became of a batch, and send again what still can be done."""
        now = await list_sets(self.desk, self.patience, self.zone_id)
        left = list(groups)
        if not isinstance(now, Told):
            self.now = now
            left = self.unsettled(groups, told.words)
        if not left:
            return
        if told.trouble is Trouble.LOST or len(groups) == 1 or isinstance(now, Told):
            self._note([index for group in left for index in group], Outcome(told.failure, told.words, told.fix))
        elif len(left) < len(groups):
            await self.send(left)
        else:
            middle = len(left) // 2
            await self.send(left[:middle])
            await self.send(left[middle:])

    def _operations(self, index: int) -> Operations:
        """Give what a change does to records, by kind: in place where a value gives way to another of the same set."""
        change = self.changes[index]
        before, after = _at(self.now, change), change.after
        there = list(zip(before.native, before.values, strict=True)) if before else []
        if after is None:
            return {"deletes": [{"id": record_id} for record_id, _ in there], "patches": [], "posts": []}
        wanted = set(after.values)
        kept: dict[object, str] = {}
        spare = []
        for record_id, value in there:
            if value in wanted and value not in kept:
                kept[value] = record_id
            else:
                spare.append(record_id)
        new = [value for value in after.values if value not in kept]
        patches = [
            {"id": record_id, **_members(before, after, value)} for record_id, value in zip(spare, new, strict=False)
        ]
        if before is not None and (before.ttl_seconds != after.ttl_seconds or before.masked):
            patches += [
                {"id": kept[value], **_members(before, after, value)} for value in after.values if value in kept
            ]
        return {
            "deletes": [{"id": record_id} for record_id in spare[len(new) :]],
            "patches": patches,
            "posts": [_members(None, after, value) for value in new[len(spare) :]],
        }

    def _note(self, group: Sequence[int], outcome: Outcome) -> None:
        for index in group:
            self.outcomes[index] = outcome


def _members(before: LiveRRset | None, after: LiveRRset, value: object) -> dict[str, object]:
    found = body(after.name, after.type, value, after.ttl_seconds)  # type: ignore[arg-type]  # one of after's values
    if before is not None and before.masked and after.type == RecordType.CNAME:
        found["settings"] = {"flatten_cname": False}
    return found


def _at(sets: Sets, change: SetChange) -> LiveRRset | None:
    subject = change.after or change.before
    return sets.get((subject.name, subject.type)) if subject else None
