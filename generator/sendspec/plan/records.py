"""One zone: RRsets that the spec wants beside those at the DNS host, as changes.

A TXT set may hold values of others: they stay. Only a value that takes the one place there is for it (an SPF record, a
DMARC policy, the key of a selector) stands in the way of ours.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType, RRset, Value, Zone
from sendspec.model.live import LiveRRset, LiveZone
from sendspec.model.plan import DNS, Action, Change, Held, Hold, PropertyChange, Stage
from sendspec.plan.found import Found
from sendspec.plan.ownership import BEGUN, OwnedSet, value_text

CUSTOMER = "customer"
UNKNOWN_PART = re.compile(r"‹[^‹›]*›")
SLOTS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("SPF record", re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE)),
    ("DMARC policy", re.compile(r"v\s*=\s*DMARC1\s*(?:;|\Z)")),
    ("TLS-RPT record", re.compile(r"v\s*=\s*TLSRPTv1\s*(?:;|\Z)")),
    ("MTA-STS record", re.compile(r"v\s*=\s*STSv1\s*(?:;|\Z)")),
    ("BIMI record", re.compile(r"v\s*=\s*BIMI1\s*(?:;|\Z)")),
)
"""What may stand at a name once only: RFC 7208 section 3.2, RFC 9989 section 4.10.1, RFC 8460 section 3, RFC 8461
section 3.1, draft-brand-indicators-for-message-identification section 4."""
KEY_SLOT = "DKIM key"
SHARED = RecordType.TXT
WITHOUT_COMPANY = RecordType.CNAME


def record_key(zone: str, name: str, record_type: str) -> str:
    """Give the key of a change to an RRset: `dns/ZONE/NAME/TYPE`."""
    return f"{DNS}/{zone}/{name}/{record_type}"


def slot_of(name: str, text: str) -> str:
    """Give the place that a TXT value takes at its name, of which there is one; empty for a value that takes none."""
    for slot, pattern in SLOTS:
        if pattern.match(text):
            return slot
    return KEY_SLOT if "._domainkey." in f"{name}." else ""


def folded(record_type: str, value: Value) -> Value:
    """Give a value for comparing: names of hosts without case (RFC 4343), text as it stands."""
    if isinstance(value, Mx):
        return Mx(value.preference, value.exchange.lower())
    return value if record_type == RecordType.TXT else value.lower()


def folded_text(record_type: str, text: str) -> Value:
    """Give a value as the lock file writes it, for comparing."""
    preference, _, exchange = text.partition(" ")
    if record_type == RecordType.MX and preference.isdecimal():
        return Mx(int(preference), "" if exchange == "." else exchange.lower())
    return folded(record_type, text)


def own_values(rrset: RRset) -> tuple[Value, ...]:
    """Give what is sendspec's of a set that it publishes. What `txt:` keeps of others stays theirs.

    But a value that takes the one place there is for it has to make room when the spec says another.
    """
    return tuple(
        value.value
        for value in rrset.values
        if any(record.purpose is not Purpose.FOREIGN for record in value.records)
        or slot_of(rrset.name, str(value.value))
    )


@dataclass(frozen=True, slots=True)
class ZoneTerms:
    """What holds for a whole zone. `by_hand` is empty where the host can be asked to change it."""

    zone: Zone
    owned: Mapping[tuple[str, str], OwnedSet]
    is_adopted: Callable[[str], bool]
    problems: Callable[[LiveRRset | None, LiveRRset | None], Sequence[str]]
    ttl_bounds: tuple[int, int]
    by_hand: str = ""


def compare_zone(terms: ZoneTerms, live: LiveZone) -> Found:
    """Compare. What could not be read is unread, and nothing is planned for it."""
    found = Found()
    if "" in live.unread:
        found.unread.append(live.unread[""])
        return found
    zone = terms.zone
    names = {rrset.name for rrset in zone.rrsets} | {name for name, _ in terms.owned}
    found.unread += [unread for name, unread in live.unread.items() if name in names]
    at_name: dict[str, list[LiveRRset]] = {}
    for each in live.rrsets.values():
        at_name.setdefault(each.name, []).append(each)
    types_at: dict[str, set[str]] = {}
    for rrset in zone.rrsets:
        types_at.setdefault(rrset.name, set()).add(str(rrset.type))
    for rrset in zone.rrsets:
        if rrset.name in live.unread:
            continue
        items = list(_Set(terms, rrset, at_name.get(rrset.name, ())).items())
        found.in_place += not any(isinstance(item, (Change, Held)) for item in items)
        found.add(items)
    wanted = {(rrset.name, str(rrset.type)) for rrset in zone.rrsets}
    patterns = [(_pattern(record.name), str(record.type)) for record in zone.pending]
    for (name, record_type), owned in sorted(terms.owned.items()):
        if (name, record_type) in wanted or name in live.unread:
            continue
        if any(kind == record_type and pattern.fullmatch(name) for pattern, kind in patterns):
            continue  # what it should be is not known: what is there stays until it is
        seen = live.rrsets.get((name, record_type))
        makes_room = _excludes(record_type, types_at.get(name, set()))
        item = _removal(terms, name, record_type, owned, seen, makes_room=makes_room)
        if item is None:
            found.gone.append(record_key(zone.name, name, record_type))
        else:
            found.add([item])
    return found


def _excludes(record_type: str, others: Collection[str]) -> bool:
    """Tell whether a type has to go before others can stand at its name."""
    return bool(others) if record_type == WITHOUT_COMPANY else WITHOUT_COMPANY in others


def _pattern(name: str) -> re.Pattern[str]:
    """Give what matches the names that a pending name may turn out to be."""
    parts = UNKNOWN_PART.split(name)
    return re.compile("[^/ ]+".join(re.escape(part) for part in parts))


class _Set:
    """One RRset that the spec wants, beside all that is at its name."""

    def __init__(self, terms: ZoneTerms, rrset: RRset, at_name: Sequence[LiveRRset]) -> None:
        self.terms = terms
        self.rrset = rrset
        self.key = record_key(terms.zone.name, rrset.name, str(rrset.type))
        self.live = next((each for each in at_name if each.type == rrset.type), None)
        self.others = [each for each in at_name if each.type != rrset.type]
        self.owned = terms.owned.get((rrset.name, str(rrset.type)))
        self.is_adopted = terms.is_adopted(self.key)
        low, high = terms.ttl_bounds
        self.ttl_seconds = min(max(rrset.ttl_seconds, low), high)
        self.wanted = tuple(value.value for value in rrset.values)
        texts = self.owned.values if self.owned else ()
        self._mine = {folded_text(rrset.type, value) for value in texts}

    def items(self) -> Iterator[Change | Held]:
        """Give what differs; nothing when it is as it should be."""
        if self.live is not None and self.live.is_alias:
            yield self._hold(Hold.CONFLICT, "an alias of the DNS host answers there", "remove the alias at the host")
            return
        company = self._company()
        if company:
            reason = f"{', '.join(sorted(company))} stands at the same name, and a CNAME suffers no company (RFC 1034 section 3.6.2)"
            yield self._hold(Hold.CONFLICT, reason, "remove it, or give the record another name in the spec")
            return
        foreign, stale, rivals = self._others()
        if self._is_in_place(stale, rivals):
            if self.is_adopted and self.live is not None and not self.terms.by_hand and self._is_somebodys():
                yield self._change(Action.ADOPT, self.live)
            return
        after = LiveRRset(
            self.rrset.name,
            str(self.rrset.type),
            self._ttl_after(foreign),
            tuple(sorted({*foreign, *self.wanted}, key=value_text)),
            self.live.native if self.live else (),
        )
        change = self._change(Action.CREATE if self.live is None else Action.UPDATE, after)
        yield self._held(change, rivals, after) or change

    def _company(self) -> set[str]:
        """Give the types that forbid ours at this name, apart from those of ours that go in the same step."""
        in_the_way = [
            each
            for each in self.others
            if (self.rrset.type is WITHOUT_COMPANY or each.type == WITHOUT_COMPANY) and not self._goes(each)
        ]
        return {each.type for each in in_the_way}

    def _goes(self, other: LiveRRset) -> bool:
        """Tell whether another set at the name is ours to the last value, and not wanted any more."""
        owned = self.terms.owned.get((other.name, other.type))
        if owned is None or other.is_alias or self._wants(other.type):
            return False
        mine = {folded_text(other.type, value) for value in owned.values}
        return all(folded(other.type, value) in mine for value in other.values)

    def _is_somebodys(self) -> bool:
        """Tell whether something of what we want is there and not ours by the lock file."""
        return self.owned is None or not self._mine.issuperset(self._folded(value) for value in own_values(self.rrset))

    def _wants(self, record_type: str) -> bool:
        return any(each.name == self.rrset.name and each.type == record_type for each in self.terms.zone.rrsets)

    def _others(self) -> tuple[tuple[Value, ...], tuple[Value, ...], tuple[Value, ...]]:
        """Sort what is there and not wanted: of others, and ours no more, and in the place that ours wants."""
        wanted = {self._folded(value) for value in self.wanted}
        slots = {slot_of(self.rrset.name, value) for value in self.wanted if isinstance(value, str)} - {""}
        foreign: list[Value] = []
        stale: list[Value] = []
        rivals: list[Value] = []
        for value in self.live.values if self.live else ():
            if self._folded(value) in wanted:
                continue
            if self._folded(value) in self._mine:
                stale.append(value)
            elif self.rrset.type is SHARED and slot_of(self.rrset.name, str(value)) not in slots:
                foreign.append(value)
            else:
                rivals.append(value)
        return tuple(foreign), tuple(stale), tuple(rivals)

    def _is_in_place(self, stale: Sequence[Value], rivals: Sequence[Value]) -> bool:
        if self.live is None or self.live.masked or stale or rivals:
            return False
        there = {self._folded(value) for value in self.live.values}
        if not all(self._folded(value) in there for value in self.wanted):
            return False
        is_ours_alone = self.owned is not None and len(there) == len(self.wanted)
        return not is_ours_alone or self.live.ttl_seconds == self.ttl_seconds

    def _folded(self, value: Value) -> Value:
        return folded(self.rrset.type, value)

    def _are_ours(self, rivals: Sequence[Value]) -> bool:
        """Tell whether what stands in the place of ours is ours, changed by somebody; and not another beside ours."""
        if self.owned is None or self.owned.by == BEGUN:
            return False
        if self.rrset.type is not SHARED:
            return True
        here = self.live.values if self.live else ()
        name, known = self.rrset.name, {*self._mine, *self.wanted}
        places = {slot_of(name, value) for value in self.owned.values}
        kept = {slot_of(name, str(value)) for value in here if value in known}
        return all(slot_of(name, str(value)) in places - kept for value in rivals)

    def _ttl_after(self, foreign: Sequence[Value]) -> int:
        """A set has one TTL (RFC 2181 section 5.2): where others share it, theirs stays."""
        return self.live.ttl_seconds if self.live is not None and foreign else self.ttl_seconds

    def _held(self, change: Change, rivals: Sequence[Value], after: LiveRRset) -> Held | None:
        if self.terms.by_hand:
            return Held(change, Hold.REPORTED, self.terms.by_hand, f"publish {record_lines(after)}")
        problems = self.terms.problems(self.live, after)
        if problems:
            return Held(change, Hold.CONFLICT, "; ".join(problems), "correct the spec, or what stands there")
        if rivals and not self.is_adopted and not self._are_ours(rivals):
            shown = ", ".join(value_text(value) for value in rivals)
            reason = f"what stands there is not sendspec's: {shown}"
            return Held(change, Hold.FOREIGN, reason, f"--adopt '{change.key}' replaces it")
        return None

    def _hold(self, hold: Hold, reason: str, fix: str) -> Held:
        after = LiveRRset(self.rrset.name, str(self.rrset.type), self.ttl_seconds, self.wanted)
        change = self._change(Action.UPDATE if self.live else Action.CREATE, after)
        return Held(change, hold, reason, fix)

    def _change(self, action: Action, after: LiveRRset) -> Change:
        records = [record for value in self.rrset.values for record in value.records]
        return Change(
            key=self.key,
            place=self.terms.zone.name,
            subject=f"{self.rrset.name} {self.rrset.type}",
            action=action,
            stage=Stage.DNS,
            before=_data(self.live),
            after=_data(after),
            origin=records[0].origin,
            differences=_differences(self.live, after),
            is_owned=self.owned is not None and self.owned.by != BEGUN,
            streams=tuple(sorted({stream for record in records for stream in record.streams})),
            why=_first(records, "why"),
            source=_first(records, "source"),
        )


def _first(records: Sequence[DnsRecord], attribute: str) -> str:
    return next((str(getattr(record, attribute)) for record in records if getattr(record, attribute)), "")


def _data(rrset: LiveRRset | None) -> Mapping[str, object] | None:
    if rrset is None:
        return None
    return {"ttl": rrset.ttl_seconds, "values": [value_text(value) for value in rrset.values]}


def _differences(before: LiveRRset | None, after: LiveRRset | None) -> tuple[PropertyChange, ...]:
    old, new = _data(before) or {}, _data(after) or {}
    masked = before.masked if before is not None else ""
    return (
        *(
            PropertyChange(name, old.get(name), new.get(name))
            for name in ("ttl", "values")
            if old.get(name) != new.get(name)
        ),
        *([PropertyChange("masked", masked, None)] if masked and after is not None else ()),
    )


def _removal(
    terms: ZoneTerms, name: str, record_type: str, owned: OwnedSet, seen: LiveRRset | None, *, makes_room: bool
) -> Change | Held | None:
    """Give how our values go; None when none of them is there any more."""
    mine = {folded_text(record_type, value) for value in owned.values}
    gone = [value for value in seen.values if folded(record_type, value) in mine] if seen else []
    if seen is None or not gone or seen.is_alias:
        return None
    rest = tuple(value for value in seen.values if value not in gone)
    after = replace(seen, values=rest) if rest else None
    change = Change(
        key=record_key(terms.zone.name, name, record_type),
        place=terms.zone.name,
        subject=f"{name} {record_type}",
        action=Action.UPDATE if rest else Action.DELETE,
        stage=Stage.DNS if makes_room else Stage.REMOVE,
        before=_data(seen),
        after=_data(after),
        origin=terms.zone.origin,
        differences=_differences(seen, after),
        is_owned=True,
        streams=owned.streams,
        why="nothing in the spec wants it any more",
    )
    if terms.by_hand:
        return Held(change, Hold.REPORTED, terms.by_hand, f"remove {record_lines(seen)}")
    return change


def record_lines(rrset: LiveRRset) -> str:
    """Give a set as a person enters it somewhere: name, TTL, type and value, one after the other."""
    return "; ".join(f"{rrset.name} {rrset.ttl_seconds} {rrset.type} {value_text(value)}" for value in rrset.values)
