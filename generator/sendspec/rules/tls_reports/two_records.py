"""Two TLS-RPT records stand at one name.

Why it matters: senders that find two send no reports, so failed TLS towards the domain stays unseen.
Do instead: list all addresses in one `tls_reports:`; a name that is both a domain and a subdomain of another one is declared twice.
Source: RFC 8460 section 3
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, sets_with_several


def find(setup: Setup) -> Iterator[Problem]:
    """Give each `_smtp._tls` name with records that differ."""
    for name, records in sets_with_several(setup, Purpose.TLS_REPORTS):
        message = f"{name} would have {len(records)} records; one is allowed"
        yield Problem(at=records[-1].origin, message=message, related=as_related(records[:-1]))


RULE = Rule(id="tls-reports-two-records", severity=Severity.ERROR, find=find)
