"""What our zones publish for others to read, parsed once: SPF records and DKIM keys."""

from dataclasses import dataclass

from sendspec.model.dns_record import DnsRecord, Purpose, SourcedValue
from sendspec.model.origin import Origin
from sendspec.records.dkim import DkimKey
from sendspec.records.spf import SpfRecord


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

    def origin_of(self, part: str) -> Origin:
        """Give the place of the first reason that asks for a part of the text, else `origin`."""
        return next((record.origin for record in self.value.records if part in str(record.value)), self.origin)

    @property
    def is_foreign(self) -> bool:
        """Tell whether it stands in `txt:` and not in what sendspec makes."""
        return self.value.purpose is Purpose.FOREIGN


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key an account signs with, as TXT.

    `key` is None where the text cannot be read, `bits` None where the key is none that verifiers can use; `error` then
    says why.
    """

    record: DnsRecord
    key: DkimKey | None
    bits: int | None
    error: str = ""
