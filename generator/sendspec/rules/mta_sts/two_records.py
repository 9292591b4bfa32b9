"""Two MTA-STS records stand at one name.

Why it matters: senders that find two take neither, and TLS towards the domain is not protected.
Do instead: keep one `mta_sts:`; a name that is both a domain and a subdomain of another one is declared twice.
Source: RFC 8461 section 3.1
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, sets_with_several


def find(setup: Setup) -> Iterator[Problem]:
    """Give each `_mta-sts` name with records that differ."""
    for name, records in sets_with_several(setup, Purpose.MTA_STS):
        message = f"{name} would have {len(records)} records; one is allowed"
        yield Problem(at=records[-1].origin, message=message, related=as_related(records[:-1]))


RULE = Rule(id="mta-sts-two-records", severity=Severity.ERROR, find=find)
