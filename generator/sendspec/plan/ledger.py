"""What of the world is ours, noted in the lock book: before a call is made, after it, and after a run that was killed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sendspec.esp.managing import ResourceKind
from sendspec.lock.book import LockBook
from sendspec.model.dns_record import RRset
from sendspec.model.live import LiveAccount, LiveRRset, Outcome
from sendspec.model.plan import DNS, ESP, Action, Change, Plan
from sendspec.plan.office import Survey
from sendspec.plan.ownership import (
    ADOPTED,
    BEGUN,
    MADE,
    OWNED,
    OwnedResource,
    OwnedSet,
    resource_facts,
    set_facts,
    value_text,
)
from sendspec.plan.records import folded, folded_text, own_values
from sendspec.plan.resources import names_of

ISSUED = "issued"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Notes in the lock book. `is_adopted` tells whether a key is one that a person said to adopt."""

    book: LockBook
    today: date
    is_adopted: Callable[[str], bool]

    def finish(self, seen: Survey) -> None:
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
        self.book.edit_all(edits)

    def own_resource(self, change: Change, path: tuple[str, ...]) -> None:
        """Note, before it is made or changed, that a resource is ours."""
        if change.action in {Action.DELETE, Action.VERIFY} or (change.is_owned and change.action is not Action.CREATE):
            return
        by = ADOPTED if change.before is not None else BEGUN
        owned = OwnedResource(change.native_id, by, self.today.isoformat(), change.streams)
        self.book.edit(path, resource_facts(owned))

    def note_resource(
        self, change: Change, path: tuple[str, ...], outcome: Outcome, kinds: Mapping[str, ResourceKind]
    ) -> None:
        """Note what came of a change of a resource."""
        book = self.book
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
        ours = self.book.get(OWNED, ESP, change.place) or {}
        if kind in verified and not any(f"{each}/{name}" in ours for each in verified):
            self.book.drop((ISSUED, change.place, name))

    def restore(self, path: tuple[str, ...], before: object) -> None:
        """Put back what was noted before a change that did not come about."""
        if before is None:
            self.book.drop(path)
        else:
            self.book.edit(path, before)

    def owned_set(self, seen: Survey, change: Change, rrset: RRset) -> OwnedSet:
        """Give what is ours of a set once a change is made: not what others had put there before, unless it is adopted."""
        live = seen.world.zones[change.place].rrsets.get((rrset.name, str(rrset.type)))
        mine = seen.owned.of_zone(change.place).get((rrset.name, str(rrset.type)))
        theirs = {folded(rrset.type, value) for value in live.values} if live else set()
        theirs -= {folded_text(rrset.type, value) for value in mine.values} if mine else set()
        values = own_values(rrset)
        if not self.is_adopted(change.key):
            values = tuple(value for value in values if folded(rrset.type, value) not in theirs)
        records = [record for value in rrset.values for record in value.records]
        first = next((record for record in records if record.account), records[0])
        streams = tuple(sorted({stream for record in records for stream in record.streams}))
        by = ADOPTED if change.action is Action.ADOPT else MADE
        by = mine.by if mine is not None and mine.by != BEGUN else by
        return OwnedSet(tuple(map(value_text, values)), by, first.account, str(first.purpose), streams)

    def note_sets(
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
            edits[set_path(change)] = set_facts(owned)
        self.book.edit_all(edits)

    def note_ids(self, fresh: Mapping[str, LiveAccount], keys: Mapping[str, Collection[str]]) -> None:
        """Note what an ESP calls what was changed just now, as a read gives it: the answer to a call may have said less."""
        edits: dict[tuple[str, ...], object] = {}
        for account_id, live in fresh.items():
            for key in keys[account_id]:
                native_id = live.found[key].native_id if key in live.found else ""
                facts = self.book.get(OWNED, ESP, account_id, key)
                if native_id and isinstance(facts, dict):
                    edits[OWNED, ESP, account_id, key] = {**facts, "id": native_id}
        self.book.edit_all(edits)

    def forget(self, now: Plan) -> None:
        """Take out what is ours by the book, wanted no more and gone."""
        for key in now.gone:
            layer, place, rest = key.split("/", 2)
            if layer == DNS:
                name, _, record_type = rest.rpartition("/")
                rest = f"{name} {record_type}"
            self.book.drop((OWNED, layer, place, rest))


def set_path(change: Change) -> tuple[str, ...]:
    """Give where the book keeps what is ours of a set."""
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
