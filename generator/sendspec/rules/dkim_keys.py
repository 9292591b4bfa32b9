"""The DKIM keys that stand in our zones as TXT, as rules ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.dns_record import DnsRecord, Purpose, RecordType
from sendspec.model.setup import Setup
from sendspec.records import dkim
from sendspec.records.dkim import DkimKey
from sendspec.records.error import RecordError


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key an account signs with. `key` is None where the text cannot be read; `error` then says why."""

    record: DnsRecord
    key: DkimKey | None
    error: str = ""


def published_keys(setup: Setup) -> Iterator[PublishedKey]:
    """Give every key that belongs to an ESP account; the empty keys of names that never send are none of them."""
    for _, rrset in setup.rrsets():
        if rrset.type is not RecordType.TXT:
            continue
        for value in rrset.values:
            record = value.records[0]
            if record.purpose is not Purpose.DKIM or not record.account:
                continue
            try:
                yield PublishedKey(record, dkim.parse(str(record.value)))
            except RecordError as error:
                yield PublishedKey(record, None, str(error))
