"""Name holds the name of its zone twice.

Why it matters: the zone was appended to what was a full name already, so the record stands where nobody looks.
Do instead: write the domain once in `from:`; in host labels (`mail_from`, `return_path`) write only what stands before it: `bounce`.
Source: RFC 1035 section 5.1
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each cause once: the sender, else the record. A subdomain written so is refused when the spec is read."""
    seen: set[Origin] = set()
    doubled: set[str] = set()
    for name, zone, origin in _names(setup):
        if not _is_doubled(name, zone) or origin in seen or any(name.endswith(f".{other}") for other in doubled):
            continue
        seen.add(origin)
        doubled.add(name)
        related = ((setup.index.domains[zone].origin, "the zone"),)
        yield Problem(at=origin, message=f"{name} names {zone} twice", related=related)


def _names(setup: Setup) -> Iterator[tuple[str, str, Origin]]:
    """Give names with their zone and their place, those that people write first."""
    for stream in setup.streams:
        for sender in stream.senders:
            found = setup.index.domain_of(sender.subdomain)
            if found:
                yield sender.subdomain, found.name, sender.origin
    for zone, rrset in setup.rrsets():
        record = rrset.values[0].records[0]
        if record.purpose is not Purpose.DMARC_REPORTS:  # they carry the name of whoever reports to this zone
            yield rrset.name, zone.name, record.origin


def _is_doubled(name: str, zone: str) -> bool:
    return f".{zone}." in f".{name.removesuffix(zone)}"


RULE = Rule(id="dns-doubled-zone-name", severity=Severity.ERROR, find=find)
