"""The BIMI records of a spec, as rules ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.dns_record import Purpose
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.records.tag_list import parse_tags
from sendspec.rules.zone_contents import values_for

SEPARATOR = "._bimi."


@dataclass(frozen=True, slots=True)
class DeclaredLogo:
    """A logo: the name it is for, its selector, the addresses of image and certificate (empty: none), the `bimi:`."""

    name: str
    selector: str
    image: str
    certificate: str
    origin: Origin


def declared_logos(setup: Setup) -> Iterator[DeclaredLogo]:
    """Give every logo of the spec."""
    for rrset, value in values_for(setup, Purpose.BIMI):
        selector, _, name = rrset.name.partition(SEPARATOR)
        tags = parse_tags(str(value.value), "v", "BIMI1")
        yield DeclaredLogo(name, selector, tags.get("l", ""), tags.get("a", ""), value.records[0].origin)
