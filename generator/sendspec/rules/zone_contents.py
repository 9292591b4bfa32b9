"""What stands in the zones, as rules ask for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType, RRset, SourcedValue, Zone
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.records import spf
from sendspec.records.error import RecordError
from sendspec.records.spf import SpfRecord

SHOWN_CHARACTERS = 60
"""Of a value in a message; a DKIM key alone has four hundred."""

Related = tuple[tuple[Origin, str], ...]


def records_by_name(zone: Zone) -> Iterator[tuple[str, tuple[DnsRecord, ...]]]:
    """Give each name of a zone with everything wanted there, of all types, in the order of the zone."""
    found: dict[str, list[DnsRecord]] = defaultdict(list)
    for rrset in zone.rrsets:
        found[rrset.name] += (record for value in rrset.values for record in value.records)
    return ((name, tuple(records)) for name, records in found.items())


def values_for(setup: Setup, purpose: Purpose) -> Iterator[tuple[RRset, SourcedValue]]:
    """Give every value of a purpose with the set it stands in, zone by zone."""
    yield from setup.index.values.get(purpose, ())


def sets_with_several(setup: Setup, purpose: Purpose) -> Iterator[tuple[str, tuple[DnsRecord, ...]]]:
    """Give each name where values of a purpose exclude each other, with the first reason of each value."""
    by_name: dict[str, list[DnsRecord]] = defaultdict(list)
    for rrset, value in values_for(setup, purpose):
        by_name[rrset.name].append(value.records[0])
    return ((name, tuple(records)) for name, records in by_name.items() if len(records) > 1)


def first_of_each_value(records: Iterable[DnsRecord]) -> tuple[DnsRecord, ...]:
    """Give one record for each distinct type and value, first seen first."""
    found: dict[tuple[RecordType, object], DnsRecord] = {}
    for record in records:
        found.setdefault((record.type, record.value), record)
    return tuple(found.values())


def wanted_by(record: DnsRecord) -> str:
    """Say who wants a record and what it is: `postmark-main wants CNAME pm.mtasv.net`."""
    who = record.account or record.origin.to_text()
    value = f"{record.value.preference} {record.value.exchange}" if isinstance(record.value, Mx) else record.value
    shown = value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"
    return f"{who} wants {record.type} {shown}"


def as_related(records: Iterable[DnsRecord]) -> Related:
    """Give the places of records, each saying who wants what."""
    return tuple((record.origin, wanted_by(record)) for record in records)


@dataclass(frozen=True, slots=True)
class SpfValue:
    """A TXT value at `name` that is meant as SPF. `record` is None where it cannot be read; `error` then says why."""

    name: str
    value: SourcedValue
    record: SpfRecord | None
    error: str = ""

    @property
    def origin(self) -> Origin:
        """Give the place of its last reason: a domain's own `spf:`, which people can change, comes after the rest."""
        return self.value.records[-1].origin

    @property
    def related(self) -> Related:
        """Give the places of the other reasons."""
        return as_related(self.value.records[:-1])

    def origin_of(self, part: str) -> Origin:
        """Give the place of the first reason that asks for a part of the text, else `origin`."""
        return next((record.origin for record in self.value.records if part in str(record.value)), self.origin)

    @property
    def is_foreign(self) -> bool:
        """Tell whether it stands in `txt:` and not in what sendspec makes."""
        return self.value.purpose is Purpose.FOREIGN


def spf_values(setup: Setup) -> Iterator[SpfValue]:
    """Give every SPF record of every zone, readable or not: first ours, zone by zone, then foreign ones."""
    parsed: dict[str, SpfRecord | str] = {}  # thousands of domains share a handful of texts
    foreign = ((rrset, value) for rrset, value in values_for(setup, Purpose.FOREIGN) if spf.is_spf(str(value.value)))
    for rrset, value in chain(values_for(setup, Purpose.SPF), foreign):
        text = str(value.value)
        if text not in parsed:
            parsed[text] = _parse(text)
        found = parsed[text]
        if isinstance(found, SpfRecord):
            yield SpfValue(rrset.name, value, found)
        else:
            yield SpfValue(rrset.name, value, None, found)


def _parse(text: str) -> SpfRecord | str:
    """Give the record, or why it cannot be read."""
    try:
        return spf.parse(text)
    except RecordError as error:
        return str(error)
