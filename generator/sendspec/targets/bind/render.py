"""Zones -> zone files.

A fragment for `$INCLUDE`: SOA and NS stay with the zone's owner. There is no `$TTL`, because BIND keeps the last one
after the include ends (seen with 9.18, 2026-11), so ours would silently become the TTL of the owner's own records.
"""

from collections.abc import Iterator
from itertools import groupby

from sendspec.model.dns_record import Mx, RecordType, RRset, Value, Zone
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.bind.quoting import absolute, escaped_name, txt
from sendspec.targets.dns_notes import (
    GENERATED,
    origins,
    owner,
    pending_notes,
    reasons,
    relative_name,
    wanted_zones,
)

CUSTOMERS = "customer"
"""`authority` of a domain whose DNS is a customer's: the file is handed over, and says so."""


def render(setup: Setup) -> Iterator[OutputFile]:
    """Give one file for each zone that asks for it."""
    customers = {domain.name for domain in setup.domains if domain.authority == CUSTOMERS}
    for zone in wanted_zones(setup, "bind"):
        yield OutputFile(
            path=zone.zone_file or f"dns/{zone.name}/zone.db",
            content=_zone_file(zone, is_ours=zone.name not in customers),
            origins=origins(zone),
            why=f"the mail records of {zone.name}, for the name server's zone file to include",
        )


def _zone_file(zone: Zone, *, is_ours: bool) -> str:
    handed_over = (
        f"; To be handed to whoever runs the DNS of {zone.name}: publish these beside what is there. SPF at the domain itself and",
        "; DMARC stay the owner's; nothing here replaces them.",
    )
    lines = [
        f"; {GENERATED}",
        *(() if is_ours else handed_over),
        f"; The mail records of {zone.name}. SOA, NS and all else stay in the owner's zone file, which takes this one in:",
        f";     $INCLUDE <this file> {absolute(zone.name)}",
        "; Take out there what stands here: two SPF or two DMARC records at one name are as good as none.",
        "; Each record carries its TTL. There is no $TTL line: it would go on to hold after the $INCLUDE.",
        f"$ORIGIN {absolute(zone.name)}",
    ]
    for title, rrsets in groupby(sorted(zone.rrsets, key=_account_and_streams), key=_title):
        lines += ["", f"; == {title}"]
        lines += _records(list(rrsets), zone)
    if zone.pending:
        lines += ["", "; == pending: only the ESP can tell these; all other records work without them"]
        lines += [f"; {note}" for note in pending_notes(zone)]
    lines.append("")
    return "\n".join(lines)


def _account_and_streams(rrset: RRset) -> tuple[str, tuple[str, ...]]:
    """Order the domain's own records first, then those of each ESP account by the streams they serve."""
    record = rrset.values[0].records[0]
    return (record.account, record.streams)


def _title(rrset: RRset) -> str:
    return owner(rrset.values[0].records[0])


def _records(rrsets: list[RRset], zone: Zone) -> Iterator[str]:
    names = [escaped_name(relative_name(rrset.name, zone)) or "@" for rrset in rrsets]
    width = max(map(len, names))
    said: tuple[tuple[str, str], ...] = ()
    for name, rrset in zip(names, rrsets, strict=True):
        start = f"{name:<{width}} {rrset.ttl_seconds:>5} IN {rrset.type:<5} "
        for value in rrset.values:
            because = reasons(value)
            if because != said:
                said = because
                yield from (f"; {why}\n;     {source}" for why, source in because)
            yield start + _rdata(rrset.type, value.value)


def _rdata(record_type: RecordType, value: Value) -> str:
    if isinstance(value, Mx):
        # The null MX of RFC 7505 section 3 is the root as exchange: `0 .`
        return f"{value.preference} {absolute(value.exchange)}"
    return txt(value) if record_type is RecordType.TXT else absolute(value)
