"""Which DNS records are probed, and how many: those without which mail is not authenticated or does not come back."""

from collections.abc import Mapping
from dataclasses import dataclass

from sendspec.model.dns_record import DnsRecord, Mx, Purpose, RecordType, RRset, SourcedValue
from sendspec.model.domain import Domain
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.render.monitoring.patterns import ANY_CNAME, ANY_TXT, record_pattern
from sendspec.render.monitoring.probes import Probe, Watched, joined

PURPOSES = frozenset({Purpose.DKIM, Purpose.RETURN_PATH, Purpose.SPF, Purpose.DMARC})
MAX_RECORDS = 2_000
"""One exporter asks so many in five minutes without effort, seven a second. `sendspec check` looks at all."""


@dataclass(frozen=True, slots=True)
class RecordProbe:
    """A record with its probe.

    Attributes:
        every: A pattern that every record of the answer must match; empty where others may stand beside it.
        some: A pattern that some record of the answer must match; empty where `every` says enough.
    """

    probe: Probe
    name: str
    type: RecordType
    every: str
    some: str


@dataclass(frozen=True, slots=True)
class RecordProbes:
    """The records that are probed, sorted by name, and how many found no room."""

    probes: tuple[RecordProbe, ...]
    left: int
    pending: int


def record_probes(setup: Setup) -> RecordProbes:
    """Give the probes for DNS. Domains of our own come before those of customers, whose DNS is not ours to mend."""
    roles = {
        (stream.id, route.account): route.role
        for stream in setup.streams
        for route in sorted(stream.routes, key=lambda route: route.role)  # a primary comes last and stays
    }
    found: list[RecordProbe] = []
    left = 0
    for domain in sorted(setup.domains, key=lambda domain: (domain.authority != "own", domain.name)):
        for rrset in domain.zone.rrsets:
            values = [value for value in rrset.values if _matters(value, rrset)]
            room = MAX_RECORDS - len(found)
            left += max(0, len(values) - room)
            found += [_record(rrset, value, number, roles, domain) for number, value in enumerate(values[:room], 1)]
    pending = sum(record.purpose in PURPOSES for record in setup.pending())
    return RecordProbes(tuple(sorted(found, key=lambda record: (record.name, record.probe.module))), left, pending)


def _matters(value: SourcedValue, rrset: RRset) -> bool:
    """Tell whether a value is probed. A wildcard has no name to ask for; the null MX carries no mail."""
    return value.purpose in PURPOSES and not rrset.name.startswith("*") and value.value != Mx(0, "")


def _record(
    rrset: RRset, value: SourcedValue, number: int, roles: Mapping[tuple[str, str], Role], domain: Domain
) -> RecordProbe:
    labels = {
        "check": Watched.DNS.value,
        "stream": joined(stream for record in value.records for stream in record.streams),
        "role": _role(value.records, roles),
        "esp": joined(record.account for record in value.records if record.account),
        "host": rrset.name,
        "type": rrset.type.value,
        "purpose": value.purpose.value,
    }
    probe = Probe(
        Watched.DNS,
        f"dns_{rrset.type.lower()}_{rrset.name}" + (f"_{number}" if number > 1 else ""),
        rrset.name,
        tuple((name, text) for name, text in labels.items() if text),
        (domain.origin,),
    )
    return RecordProbe(probe, rrset.name, rrset.type, *_patterns(rrset, value))


def _role(records: tuple[DnsRecord, ...], roles: Mapping[tuple[str, str], Role]) -> str:
    """Give `fallback` for a record that fallbacks alone need; empty for the domain's own."""
    if not all(record.account for record in records):
        return ""
    needed = {roles.get((stream, record.account), Role.PRIMARY) for record in records for stream in record.streams}
    return Role.FALLBACK if needed == {Role.FALLBACK} else Role.PRIMARY


def _patterns(rrset: RRset, value: SourcedValue) -> tuple[str, str]:
    """Give what every record of the set must match, and what some record must match.

    An SPF record shares its set with values of others. Elsewhere a second record is as bad as none: two DMARC records
    or two keys are none (RFC 9989 section 4.10.1, RFC 6376 section 3.6.2.2), and a second MX takes bounces away.
    """
    pattern = record_pattern(rrset.type, value.value, value.purpose)
    if rrset.type is not RecordType.TXT:
        each = (record_pattern(rrset.type, other.value, other.purpose) for other in rrset.values)
        return "|".join(each), pattern if len(rrset.values) > 1 else ""
    if value.purpose in {Purpose.DKIM, Purpose.DMARC} and len(rrset.values) == 1:
        return f"{ANY_CNAME}|{pattern}", ANY_TXT
    return "", pattern
