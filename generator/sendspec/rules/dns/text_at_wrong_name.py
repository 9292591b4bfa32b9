"""Text of a policy or a key stands where nobody looks for it.

Why it matters: each kind of record has a name of its own; at another one it is only a stray text, and what it asks for does not happen.
Do instead: take it out of `txt:` and declare it: `dmarc:`, `mta_sts:`, `tls_reports:`, `bimi:`; keys come from the lock file.
Source: RFC 8552 section 1.1; RFC 9989 section 4.6
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.tag_list import has_version
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import values_for

PLACES = {
    "DMARC1": ("a DMARC policy", "_dmarc"),
    "DKIM1": ("a DKIM key", "<selector>._domainkey"),
    "STSv1": ("an MTA-STS record", "_mta-sts"),
    "TLSRPTv1": ("a TLS-RPT record", "_smtp._tls"),
    "BIMI1": ("a BIMI record", "default._bimi"),
}
"""By version tag: what it is, and the label it stands at."""


def find(setup: Setup) -> Iterator[Problem]:
    """Give each foreign text of such a kind; `txt:` values always stand at the declared name itself."""
    for rrset, value in values_for(setup, Purpose.FOREIGN):
        for version, (kind, label) in PLACES.items():
            if has_version(str(value.value), "v", version):
                message = f"{rrset.name}: {kind} is read at {label}.{rrset.name} only"
                yield Problem(at=value.records[0].origin, message=message)


RULE = Rule(id="dns-text-at-wrong-name", severity=Severity.WARNING, find=find)
