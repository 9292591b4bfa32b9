"""CNAME stands at the top of a zone.

Why it matters: SOA and NS live there, so no CNAME may; flattening serves addresses only, and the ESP does not find its record.
Do instead: use a name below the zone: another host label, or a zone that starts one label higher.
Source: RFC 1034 section 3.6.2, RFC 2181 section 10.1
"""

from collections.abc import Iterator

from sendspec.model.dns_record import RecordType
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import wanted_by


def find(setup: Setup) -> Iterator[Problem]:
    """Give each zone whose apex would be a CNAME."""
    for zone, rrset in setup.rrsets():
        if rrset.type is RecordType.CNAME and rrset.name == zone.name:
            record = rrset.values[0].records[0]
            message = f"{zone.name} is the top of a zone, but {wanted_by(record)} there"
            yield Problem(at=record.origin, message=message, related=((zone.origin, "the zone"),))


RULE = Rule(id="dns-cname-at-apex", severity=Severity.ERROR, find=find)
