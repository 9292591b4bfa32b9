"""Changes of RRsets -> change batches: what is there is deleted to the letter and made anew in one transaction.

Route 53 refuses a DELETE that names other values than the set has, and a CREATE of a set that exists. So a batch is done
only if every set of it still is what it was when it was read (API_ChangeResourceRecordSets.html, read 2026-11-26).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sendspec.hosts.interface import HostDesk, SetChange
from sendspec.hosts.patience import PATIENCE, Patience
from sendspec.hosts.route53.api import Told, Trouble, ask
from sendspec.hosts.route53.problems import BATCH_CHARACTERS, BATCH_RECORDS, problems
from sendspec.hosts.route53.read import list_sets
from sendspec.hosts.route53.text import absolute, resource_value
from sendspec.hosts.validity import batches, by_name, company_problem, is_same
from sendspec.model.dns_record import RecordType
from sendspec.model.live import Failure, LiveRRset, LiveZone, Outcome

NOT_AS_IT_WAS = "InvalidChangeBatch"
MOVED = "the zone changed since it was read"
PLAN_AGAIN = "run `sendspec plan` again: it reads what is there now"
PENDING = "Route 53 has taken the change {} and hands it to its name servers, which takes up to a minute"


async def apply(
    desk: HostDesk, live: LiveZone, changes: Sequence[SetChange], patience: Patience = PATIENCE
) -> Sequence[Outcome]:
    """Carry out changes; what shares a name is one step, and each batch is one transaction."""
    work = _Work(desk, live, changes, patience)
    groups = [group for group in by_name(changes) if work.is_sound(group)]
    for lot in batches(groups, work.size, (BATCH_RECORDS, BATCH_CHARACTERS)):
        await work.send(lot)
    return [work.outcomes.get(index, Outcome()) for index in range(len(changes))]


@dataclass(slots=True)
class _Work:
    """The changes of one zone, and what came of them so far."""

    desk: HostDesk
    live: LiveZone
    changes: Sequence[SetChange]
    patience: Patience
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def is_sound(self, group: Sequence[int]) -> bool:
        """Tell whether Route 53 would take a group; note the refusal where it would not."""
        found = [problem for index in group for problem in problems(self.desk.zone, self.changes[index])]
        beside = company_problem(self.live.rrsets, [self.changes[index] for index in group])
        if found or beside:
            said = "; ".join([*found, *filter(None, [beside])])
            self._note(group, Outcome(Failure.REFUSED, said, "correct the spec, or what stands there"))
        return not (found or beside)

    def size(self, index: int) -> Sequence[int]:
        """Give how many records and how many characters of values a change has."""
        change = self.changes[index]
        values = [*(_written(change.before) if change.before else ()), *_new_values(change)]
        return len(values), sum(map(len, values))

    async def send(self, groups: Sequence[Sequence[int]]) -> None:
        """Send groups as one batch. One that is refused is halved until what is wrong with it stands alone."""
        told = await ask(
            self.desk,
            self.patience,
            "change_resource_record_sets",
            HostedZoneId=self.live.native_id,
            ChangeBatch={"Comment": "sendspec", "Changes": [part for group in groups for part in self._parts(group)]},
        )
        everyone = [index for group in groups for index in group]
        if told.trouble is None:
            self._note(everyone, Outcome())
            info = told.answer.get("ChangeInfo", {})
            if info.get("Status") == "PENDING":
                self._note(everyone[:1], Outcome(notes=(PENDING.format(info.get("Id", "")),)))
        elif told.trouble in {Trouble.REFUSED, Trouble.LOST}:
            await self._after_trouble(groups, told)
        else:
            self._note(everyone, Outcome(told.failure, told.said, told.fix))

    async def _after_trouble(self, groups: Sequence[Sequence[int]], told: Told) -> None:
        """See what became of a batch, and send again what still can be done."""
        left = await self._unsettled(groups, told)
        if not left:
            return
        if told.code != NOT_AS_IT_WAS or len(groups) == 1:
            self._note([index for group in left for index in group], Outcome(told.failure, told.said, told.fix))
        elif len(left) < len(groups):
            await self.send(left)
        else:
            middle = len(left) // 2
            await self.send(left[:middle])
            await self.send(left[middle:])

    async def _unsettled(self, groups: Sequence[Sequence[int]], told: Told) -> list[Sequence[int]]:
        """Read again; note what is done already and what is not what it was. Gives the groups that still can be done."""
        name = self._name(groups[0]) if len(groups) == 1 else ""
        sets = await list_sets(self.desk, self.patience, self.live.native_id, name)
        if isinstance(sets, Told):
            return list(groups)
        left = []
        for group in groups:
            pairs = [(self.changes[index], _at(sets, self.changes[index])) for index in group]
            if all(is_same(now, change.after) for change, now in pairs):
                self._note(group, Outcome())
            elif all(is_same(now, change.before) for change, now in pairs):
                left.append(group)
            else:
                self._note(group, Outcome(Failure.REFUSED, f"{MOVED} ({told.said})", PLAN_AGAIN))
        return left

    def _name(self, group: Sequence[int]) -> str:
        subject = self.changes[group[0]].after or self.changes[group[0]].before
        return subject.name if subject else ""

    def _parts(self, group: Sequence[int]) -> list[Mapping[str, object]]:
        """Give what a batch does for a name: first everything that goes."""
        changes = [self.changes[index] for index in group]
        gone = [_part("DELETE", each.before, _written(each.before)) for each in changes if each.before is not None]
        return gone + [_part("CREATE", each.after, _new_values(each)) for each in changes if each.after is not None]

    def _note(self, group: Sequence[int], outcome: Outcome) -> None:
        for index in group:
            self.outcomes[index] = outcome


def _at(sets: Mapping[tuple[str, str], LiveRRset], change: SetChange) -> LiveRRset | None:
    subject = change.after or change.before
    return sets.get((subject.name, subject.type)) if subject else None


def _part(action: str, rrset: LiveRRset, values: Sequence[str]) -> Mapping[str, object]:
    return {
        "Action": action,
        "ResourceRecordSet": {
            "Name": absolute(rrset.name),
            "Type": rrset.type,
            "TTL": rrset.ttl_seconds,
            "ResourceRecords": [{"Value": value} for value in values],
        },
    }


def _written(rrset: LiveRRset) -> tuple[str, ...]:
    """Give the values of a set as Route 53 has them."""
    if len(rrset.native) == len(rrset.values):
        return rrset.native
    return tuple(resource_value(RecordType(rrset.type), value) for value in rrset.values)


def _new_values(change: SetChange) -> tuple[str, ...]:
    """Give the values to come. One that stays is written as it stood, so that nobody's strings are cut anew."""
    if change.after is None:
        return ()
    as_it_stood = dict(zip(change.before.values, _written(change.before), strict=True)) if change.before else {}
    record_type = RecordType(change.after.type)
    return tuple(as_it_stood.get(value) or resource_value(record_type, value) for value in change.after.values)
