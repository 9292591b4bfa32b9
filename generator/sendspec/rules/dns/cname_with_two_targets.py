"""One CNAME is wanted with two targets.

Why it matters: a CNAME holds one target; the second one overwrites the first, and its owner's links or bounces stop.
Do instead: give one of the accounts another host label in `settings:`, or its streams a subdomain of their own.
Source: RFC 2181 section 10.1
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose, RecordType
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, wanted_by

NARROWER = {Purpose.DKIM, Purpose.RETURN_PATH}


def find(setup: Setup) -> Iterator[Problem]:
    """Give each CNAME set of several values that are not all keys or all return-paths, which have rules of their own."""
    for _, rrset in setup.rrsets():
        if rrset.type is not RecordType.CNAME or len(rrset.values) == 1:
            continue
        purposes = {value.purpose for value in rrset.values}
        if len(purposes) == 1 and rrset.values[0].purpose in NARROWER:
            continue
        first, *_, last = (value.records[0] for value in rrset.values)
        message = f"{rrset.name}: {wanted_by(last)}, but {wanted_by(first)}"
        yield Problem(at=last.origin, message=message, related=as_related([first]))


RULE = Rule(id="dns-cname-with-two-targets", severity=Severity.ERROR, find=find)
