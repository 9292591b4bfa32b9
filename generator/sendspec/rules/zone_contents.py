"""What stands in the zones, as rules ask for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType, RRset, SourcedValue
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup

SHOWN_CHARACTERS = 60
"""Of a value in a message; a DKIM key alone has four hundred."""

Related = tuple[tuple[Origin, str], ...]


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
