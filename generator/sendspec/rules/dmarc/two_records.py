"""Two DMARC records stand at one name.

Why it matters: receivers discard all of them, so the name has no policy and no reports, or a parent's that was not meant for it.
Do instead: keep one `dmarc:`; a name that is both a domain and a subdomain of another one is declared twice.
Source: RFC 9989 section 4.10, RFC 7489 section 6.6.3
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, sets_with_several


def find(setup: Setup) -> Iterator[Problem]:
    """Give each `_dmarc` name with records that differ."""
    for name, records in sets_with_several(setup, Purpose.DMARC):
        message = f"{name} would have {len(records)} DMARC records; one is allowed"
        yield Problem(at=records[-1].origin, message=message, related=as_related(records[:-1]))


RULE = Rule(id="dmarc-two-records", severity=Severity.ERROR, find=find)
