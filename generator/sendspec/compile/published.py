"""Parses what the zones publish, each value once, for the rules that ask about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from sendspec.model.dns_record import DnsRecord, Purpose, RecordType, RRset, SourcedValue
from sendspec.model.domain import Domain
from sendspec.model.published import PublishedKey, SpfValue
from sendspec.records import dkim, spf
from sendspec.records.error import RecordError
from sendspec.records.spf import SpfRecord

Values = Mapping[Purpose, Sequence[tuple[RRset, SourcedValue]]]


def spf_values(values: Values) -> Iterator[SpfValue]:
    """Give every SPF record of every zone, readable or not: first ours, zone by zone, then foreign ones."""
    parsed: dict[str, SpfRecord | str] = {}  # thousands of domains share a handful of texts
    foreign = (found for found in values.get(Purpose.FOREIGN, ()) if spf.is_spf(str(found[1].value)))
    for rrset, value in (*values.get(Purpose.SPF, ()), *foreign):
        text = str(value.value)
        if text not in parsed:
            parsed[text] = _parse_spf(text)
        record = parsed[text]
        if isinstance(record, SpfRecord):
            yield SpfValue(rrset.name, value, record)
        else:
            yield SpfValue(rrset.name, value, None, record)


def dkim_keys(values: Values) -> Iterator[PublishedKey]:
    """Give every key that belongs to an ESP account; the empty keys of names that never send are none of them."""
    for rrset, value in values.get(Purpose.DKIM, ()):
        record = value.records[0]
        if rrset.type is RecordType.TXT and record.account:
            yield _parse_key(record)


def contested_names(domains: Iterable[Domain]) -> Iterator[tuple[str, tuple[DnsRecord, ...]]]:
    """Give each name with more than one value, with everything wanted there, of all types, in the order of the zone."""
    for domain in domains:
        for name, group in groupby(domain.zone.rrsets, key=lambda rrset: rrset.name):
            values = [value for rrset in group for value in rrset.values]
            if len(values) > 1:
                yield name, tuple(record for value in values for record in value.records)


def _parse_spf(text: str) -> SpfRecord | str:
    """Give the record, or why it cannot be read."""
    try:
        return spf.parse(text)
    except RecordError as error:
        return str(error)


def _parse_key(record: DnsRecord) -> PublishedKey:
    try:
        key = dkim.parse(str(record.value))
    except RecordError as error:
        return PublishedKey(record, None, None, str(error))
    try:
        return PublishedKey(record, key, dkim.key_bits(key))
    except RecordError as error:
        return PublishedKey(record, key, None, str(error))
