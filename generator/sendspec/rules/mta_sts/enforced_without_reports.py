"""MTA-STS is enforced and nobody hears of failures.

Why it matters: in enforce mode a wrong certificate or a new MX host stops mail to you, and the senders' reports are the only sign of it.
Do instead: add `tls_reports: ["mailto:..."]` at the same name; begin with `mode: testing`.
Source: RFC 8461 section 8, RFC 8460 section 1
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.mta_sts_policies import declared_policies
from sendspec.rules.zone_contents import values_for


def find(setup: Setup) -> Iterator[Problem]:
    """Give each enforced policy of a name without TLS-RPT."""
    reported = {rrset.name for rrset, _ in values_for(setup, Purpose.TLS_REPORTS)}
    for declared in declared_policies(setup):
        if declared.policy.mode == "enforce" and f"_smtp._tls.{declared.name}" not in reported:
            message = f"{declared.name}: MTA-STS is enforced without `tls_reports:`"
            yield Problem(at=declared.origin, message=message)


RULE = Rule(id="mta-sts-enforced-without-reports", severity=Severity.WARNING, find=find)
