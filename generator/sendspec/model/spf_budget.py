"""What an SPF record of ours costs."""

from dataclasses import dataclass

from sendspec.model.dns_record import SourcedValue
from sendspec.model.origin import Origin
from sendspec.records.spf import Tree


@dataclass(frozen=True, slots=True)
class SpfBudget:
    """An SPF record at `name`, and who spends its DNS lookups."""

    name: str
    value: SourcedValue
    tree: Tree

    @property
    def origin(self) -> Origin:
        """Give the place of its last reason: a domain's own `spf:`, which people can change, comes after the rest."""
        return self.value.records[-1].origin

    def origin_of(self, part: str) -> Origin:
        """Give the place of the first reason that asks for a part of the text, else `origin`."""
        return next((record.origin for record in self.value.records if part in str(record.value)), self.origin)
