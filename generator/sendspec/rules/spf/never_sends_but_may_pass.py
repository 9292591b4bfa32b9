"""Name that never sends has an SPF record that lets somebody pass.

Why it matters: whoever is listed can send as this name; for a name without mail nobody should be.
Do instead: leave out `spf:` and `mailboxes:` there, so that sendspec writes `v=spf1 -all`; or remove `sends: never`.
Source: RFC 7208 section 10.1.2; M3AAWG protecting parked domains
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import Qualifier, SpfRecord
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record at a name declared `sends: never` that is more than `-all`."""
    silent = {domain.name: domain.origin for domain in setup.domains if domain.never_sends}
    for domain in setup.domains:
        silent |= {subdomain.name: subdomain.origin for subdomain in domain.subdomains if subdomain.never_sends}
    for value in setup.index.spf_values:
        if value.name in silent and value.record and not _refuses_all(value.record):
            message = f"{value.name}: declared to never send, but its SPF record is `{value.record.to_text()}`"
            related = ((silent[value.name].key("sends"), "declared here"),)
            yield Problem(at=value.origin, message=message, related=related)


def _refuses_all(record: SpfRecord) -> bool:
    return len(record.reachable) == 1 and record.all_qualifier is Qualifier.FAIL


RULE = Rule(id="spf-never-sends-but-may-pass", severity=Severity.WARNING, find=find)
