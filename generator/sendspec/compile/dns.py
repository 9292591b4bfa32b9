"""Records become zones: placed by name, merged per name and type, conflicts kept for the rules to report."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sendspec.model.dns_record import DnsRecord, PendingRecord, Purpose, RecordType, RRset, SourcedValue, Value
from sendspec.records import spf
from sendspec.records.error import RecordError


@dataclass(slots=True)
class ZoneContents:
    """What belongs into one zone, while it is collected."""

    records: list[DnsRecord] = field(default_factory=list)
    pending: list[PendingRecord] = field(default_factory=list)


class Placement:
    """Sorts records into the declared domains, the longest matching name first."""

    def __init__(self, domains: Iterable[str]) -> None:
        self.zones: Mapping[str, ZoneContents] = {name: ZoneContents() for name in domains}
        self.unplaced: list[DnsRecord | PendingRecord] = []

    def add(self, record: DnsRecord | PendingRecord) -> None:
        """Put a record into its zone, or among the unplaced."""
        zone = self._zone_of(record.name)
        if zone is None:
            self.unplaced.append(record)
        elif isinstance(record, DnsRecord):
            zone.records.append(record)
        else:
            zone.pending.append(record)

    def _zone_of(self, name: str) -> ZoneContents | None:
        domain = declared_above(name, self.zones)
        return None if domain is None else self.zones[domain]


def declared_above(name: str, domains: Container[str]) -> str | None:
    """Give the declared domain that `name` is or lies below, the longest match; None where there is none."""
    while name:
        if name in domains:
            return name
        name = name.partition(".")[2]
    return None


class SpfMerger:
    """Merges the SPF parts of a name. It remembers texts: thousands of domains share a handful."""

    def __init__(self) -> None:
        self._merged: dict[tuple[str, ...], str | None] = {}

    def merge(self, parts: tuple[str, ...]) -> str | None:
        """Give the one text, None where a part cannot be read."""
        if parts not in self._merged:
            self._merged[parts] = self._merge(parts)
        return self._merged[parts]

    def _merge(self, parts: tuple[str, ...]) -> str | None:
        try:
            return spf.merge([spf.parse(part) for part in parts]).to_text()
        except RecordError:
            return None


def build_rrsets(records: Iterable[DnsRecord], ttl_seconds: int, merger: SpfMerger) -> tuple[RRset, ...]:
    """Merge records per name and type (RFC 2181 section 5).

    Equal values become one with all their reasons; our own SPF parts become one record (RFC 7208 section 3.2). Values
    that exclude each other all stay in. Sorted from the apex down, then by type; values sorted.
    """
    sets: dict[tuple[str, RecordType], list[DnsRecord]] = defaultdict(list)
    for record in records:
        sets[record.name, record.type].append(record)
    rrsets = [
        RRset(name, record_type, ttl_seconds, _values(found, merger)) for (name, record_type), found in sets.items()
    ]
    return tuple(sorted(rrsets, key=lambda rrset: (canonical(rrset.name), rrset.type)))


def values_by_purpose(rrsets: Iterable[RRset]) -> dict[Purpose, list[tuple[RRset, SourcedValue]]]:
    """Give every value with its set, by the purpose of its first reason, in the order of the sets."""
    found: dict[Purpose, list[tuple[RRset, SourcedValue]]] = {}
    for rrset in rrsets:
        for value in rrset.values:
            found.setdefault(value.purpose, []).append((rrset, value))
    return found


def canonical(name: str) -> tuple[str, ...]:
    """Give the labels from the right, the order of RFC 4034 section 6.1: a parent stands before its children."""
    return tuple(reversed(name.split(".")))


def _value_key(value: SourcedValue) -> tuple[bool, int, str]:
    """Order values of one set: SPF first, then MX by preference, then text."""
    if isinstance(value.value, str):
        return (value.purpose is not Purpose.SPF, 0, value.value)
    return (True, value.value.preference, value.value.exchange)


def _values(records: list[DnsRecord], merger: SpfMerger) -> tuple[SourcedValue, ...]:
    if len(records) == 1:
        return (SourcedValue(records[0].value, (records[0],)),)
    return tuple(sorted(_merge(records, merger), key=_value_key))


def _merge(records: list[DnsRecord], merger: SpfMerger) -> Iterator[SourcedValue]:
    """Merge our own SPF parts at one name. Where one cannot be read, each stays, and a rule says so."""
    parts = tuple(record for record in records if record.purpose is Purpose.SPF)
    text = merger.merge(tuple(str(part.value) for part in parts)) if parts else None
    if text is not None:
        yield SourcedValue(text, parts)
        records = [record for record in records if record.purpose is not Purpose.SPF]
    by_value: dict[Value, list[DnsRecord]] = defaultdict(list)
    for record in records:
        by_value[record.value].append(record)
    for value, found in by_value.items():
        yield SourcedValue(value, tuple(found))
