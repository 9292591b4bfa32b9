"""Zones -> one YAML file each, all in one folder, as octoDNS's YamlProvider looks for them.

It reads `<directory>/<zone>.yaml` and nothing else, so one provider with one directory serves every zone. Keys stand in
natural order, which the provider enforces unless told otherwise.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from sendspec.model.dns_record import Mx, RecordType, RRset, Value, Zone
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.dns_notes import (
    GENERATED,
    origins,
    owner,
    pending_notes,
    reasons,
    relative_name,
    wanted_zones,
)
from sendspec.targets.octodns.scalars import key, needs_leniency, quoted, txt

FOLDER = "dns/octodns"
DIGITS = re.compile(r"([0-9]+)")

HEADER = f"""\
# {GENERATED}
# octoDNS reads this folder with
#     providers:
#       sendspec:
#         class: octodns.provider.yaml.YamlProvider
#         directory: {FOLDER}    # below the output folder
#         escaped_semicolons: true
# octoDNS DELETES what its sources do not list, and here are the mail records only: no NS, no A. Name this provider
# under `sources:` beside the one that holds the rest of the zone, and read the plan before --doit.
# A name and type stands in one source only: declare values that share a TXT set under `txt:` in the spec.
"""


def render(setup: Setup) -> Iterator[OutputFile]:
    """Give one file for each zone that asks for it."""
    for zone in wanted_zones(setup, "octodns"):
        yield OutputFile(
            path=f"{FOLDER}/{zone.name}.yaml",
            content=_zone_file(zone),
            origins=origins(zone),
            why=f"the mail records of {zone.name}, for octoDNS as one source among others",
        )


def _zone_file(zone: Zone) -> str:
    lines = [f"# Zone {zone.name}.", "---"]
    named = sorted(((relative_name(rrset.name, zone), rrset) for rrset in zone.rrsets), key=_natural_order)
    for name, rrsets in groupby(named, key=lambda pair: pair[0]):
        lines.append(f"{key(name)}:")
        for _, rrset in rrsets:
            lines += _record(rrset)
    if not named:
        lines.append("{}")
    lines += [f"# {note}" for note in pending_notes(zone)]
    lines.append("")
    return HEADER + "\n".join(lines)


def _natural_order(pair: tuple[str, RRset]) -> tuple[list[str | int], str, str]:
    """Order as octoDNS's `order_mode: natural` does: digits count as numbers. Names that tie stay apart by text."""
    name, rrset = pair
    parts = DIGITS.split(name)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], name, rrset.type


def _record(rrset: RRset) -> Iterator[str]:
    said = ((owner(value.records[0]), *reason) for value in rrset.values for reason in reasons(value))
    yield from (f"  # [{whose}] {why}\n  #     {source}" for whose, why, source in dict.fromkeys(said))
    start = "  - "
    if rrset.type is RecordType.TXT and any(needs_leniency(str(value.value)) for value in rrset.values):
        yield f"{start}octodns: {{lenient: true}}"
        start = "    "
    yield f"{start}ttl: {rrset.ttl_seconds}"
    yield f"    type: {rrset.type}"
    values = [_value(rrset.type, value.value) for value in rrset.values]
    if len(values) == 1 and len(values[0]) == 1:
        yield f"    value: {values[0][0]}"
        return
    yield "    values:"
    for first, *rest in values:
        yield f"      - {first}"
        yield from (f"        {line}" for line in rest)


def _value(record_type: RecordType, value: Value) -> tuple[str, ...]:
    if isinstance(value, Mx):
        return f"exchange: {quoted(value.exchange + '.')}", f"preference: {value.preference}"
    return (quoted(txt(value) if record_type is RecordType.TXT else f"{value}."),)
