"""The made-up Internet of a rehearsal, as data: which records exist, which zones there are, and who answers for them.

Addresses are those that RFC 5737 keeps for documentation; `dial` leads from them to loopback.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from sendspec.model.dns_record import Mx

Key = tuple[str, str]
"""A name (lowercase, no final dot; the root is empty) and a type."""
Values = tuple[str | Mx, ...]
NOTHING: Mapping[Key, Values] = {}

RESOLVER = "192.0.2.251"
PARENTS = "192.0.2.52"
"""Answers for the root and every top-level zone."""
NAME_SERVERS = {"ns1.rehearsal.invalid": "192.0.2.53", "ns2.rehearsal.invalid": "192.0.2.54"}
"""Answer for every other zone."""


class Behaviour(StrEnum):
    """How a name server answers."""

    SERVES = "serves"
    SERVFAIL = "answers SERVFAIL"
    REFUSED = "answers REFUSED"
    LAME = "answers without authority"
    SILENT = "does not answer"
    TRUNCATES = "truncates every answer, and takes no TCP"
    OTHER_ID = "answers with another id"


@dataclass(frozen=True)
class DnsWorld:
    """What DNS says in a rehearsal.

    Attributes:
        records: Everything that exists anywhere.
        zones: Zone name -> names of its servers.
        behaviours: Address of a server -> how it answers, where it does not just serve.
        behind: Address of a server -> what it says otherwise than the others.
        ttl_seconds: Of every record.
    """

    records: Mapping[Key, Values]
    zones: Mapping[str, tuple[str, ...]]
    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    behind: Mapping[str, Mapping[Key, Values]] = field(default_factory=dict)
    ttl_seconds: int = 300

    def zone_of(self, name: str) -> str:
        """Give the zone that holds a name: the longest one it is or lies below; the root holds all else."""
        return next(above for above in names_above(name) if above in self.zones or not above)

    def exists(self, name: str) -> bool:
        """Tell whether anything is at the name or below it (RFC 8020: else NXDOMAIN)."""
        return name in self._existing

    @cached_property
    def _existing(self) -> frozenset[str]:
        names = {name for name, _ in self.records} | set(self.zones)
        return frozenset(above for name in names for above in names_above(name))

    def values(self, key: Key, server: str) -> Values:
        """Give what a server says is at a name, without following CNAMEs; a wildcard counts where nothing else exists."""
        found = self.behind.get(server, NOTHING).get(key)
        if found is None:
            found = self.records.get(key)
        if found is None and not self.exists(key[0]):
            found = self._by_wildcard(key)
        return found or ()

    def _by_wildcard(self, key: Key) -> Values | None:
        """Give what the wildcard at the closest name that exists says (RFC 4592 section 3.3)."""
        name, rtype = key
        closest = next((above for above in names_above(name) if self.exists(above)), "")
        return self.records.get((f"*.{closest}" if closest else "*", rtype))

    def has_wildcard(self, name: str) -> bool:
        """Tell whether a name that does not exist is answered for by a wildcard."""
        closest = next((above for above in names_above(name) if self.exists(above)), "")
        return any((f"*.{closest}", rtype) in self.records for rtype in ("TXT", "CNAME", "MX", "A", "AAAA"))

    def with_records(self, changed: Mapping[Key, Values | None]) -> "DnsWorld":
        """Give the world with some record sets replaced; None takes one away."""
        records = {key: values for key, values in self.records.items() if key not in changed}
        records |= {key: values for key, values in changed.items() if values is not None}
        return replace(self, records=records)

    def without_name(self, name: str) -> "DnsWorld":
        """Give the world in which nothing is at a name or below it."""
        kept = {
            key: values for key, values in self.records.items() if key[0] != name and not key[0].endswith(f".{name}")
        }
        return replace(self, records=kept)

    def behaving(self, behaviour: Behaviour, servers: Iterable[str]) -> "DnsWorld":
        """Give the world in which some servers answer otherwise."""
        return replace(self, behaviours={**self.behaviours, **dict.fromkeys(servers, behaviour)})


def names_above(name: str) -> Iterator[str]:
    """Give a name and every name above it, down to the root, which is empty."""
    labels = name.split(".") if name else []
    for start in range(len(labels) + 1):
        yield ".".join(labels[start:])
