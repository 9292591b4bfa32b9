"""What the code of a DNS host is given, in tests: a zone, secrets that are known, and edges that lead to stand-ins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sendspec.hosts.interface import HostDesk, SetChange
from sendspec.hosts.patience import Patience
from sendspec.model.credential import Credential
from sendspec.model.dns_record import DnsRecord, Purpose, RecordType, RRset, SourcedValue, Value, Zone
from sendspec.model.live import LiveRRset, LiveZone
from sendspec.model.origin import Origin
from sendspec.model.secret import Secret, Unresolved

ZONE = "shop.example"
QUICK = Patience(seconds=0.5, first_seconds=0.001)
NOBODY: Any = None
"""An edge that the host under test has no use for: touching it fails the test."""


@dataclass
class KnownSecrets:
    """A keeper with secrets by reference. What it gave is hidden from then on."""

    values: Mapping[str, str] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)

    async def value(self, reference: str) -> Secret | Unresolved:
        if reference not in self.values:
            return Unresolved(f"nothing is at {reference}", f"put it at {reference}")
        self.given.append(self.values[reference])
        return Secret(self.values[reference])

    async def input(self, name: str) -> Secret | Unresolved:
        return Unresolved(f"nobody gave {name}")

    async def keep(self, reference: str, secret: Secret) -> Unresolved | None:
        return Unresolved(f"{reference} cannot be written")

    def hide(self, text: str) -> str:
        for secret in self.given:
            text = text.replace(secret, "…")
        return text


def zone(
    host: str, *rrsets: LiveRRset, name: str = ZONE, zone_id: str = "", manage: Mapping[str, str] | None = None
) -> Zone:
    """Give a zone of a spec that wants some sets."""
    return Zone(
        name=name,
        host=host,
        formats=(),
        rrsets=tuple(wanted(rrset) for rrset in rrsets),
        pending=(),
        mta_sts_policies=(),
        origin=Origin(("domains", name)),
        zone_id=zone_id,
        manage=tuple(
            Credential(f"{name}.manage.{key}", name, key, reference, key.upper(), None, Origin())
            for key, reference in (manage or {}).items()
        ),
    )


def wanted(rrset: LiveRRset) -> RRset:
    """Give a set as a spec wants it."""
    record_type = RecordType(rrset.type)
    values = tuple(
        SourcedValue(value, (DnsRecord(rrset.name, record_type, value, Purpose.FOREIGN, "", "", "", Origin()),))
        for value in rrset.values
    )
    return RRset(rrset.name, record_type, rrset.ttl_seconds, values)


def desk(
    of: Zone, keeper: Any = None, http: Any = NOBODY, dns: Any = NOBODY, zones: Any = NOBODY, aws: Any = NOBODY
) -> HostDesk:
    return HostDesk(of, keeper or KnownSecrets(), http, dns, zones, aws)


def txt(name: str, *values: Value, ttl: int = 3600) -> LiveRRset:
    return LiveRRset(name, "TXT", ttl, values)


def cname(name: str, target: str, ttl: int = 3600) -> LiveRRset:
    return LiveRRset(name, "CNAME", ttl, (target,))


def mx(name: str, *values: Value, ttl: int = 3600) -> LiveRRset:
    return LiveRRset(name, "MX", ttl, values)


def to(live: LiveZone, after: LiveRRset) -> SetChange:
    """Give the change that brings a set to what it should be, from what was read."""
    return SetChange(live.rrsets.get((after.name, after.type)), after)


def gone(live: LiveZone, name: str, record_type: str) -> SetChange:
    return SetChange(live.rrsets[name, record_type], None)


def meaning(rrset: LiveRRset) -> tuple[str, str, int, frozenset[Value]]:
    """Give what of a set matters to the world."""
    return rrset.name, rrset.type, rrset.ttl_seconds, frozenset(rrset.values)
