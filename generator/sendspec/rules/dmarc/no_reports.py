"""DMARC policy asks for no reports.

Why it matters: without aggregate reports nobody sees which legitimate mail the policy stops.
Do instead: add `reports: ["mailto:dmarc@..."]`, an address that takes attachments and is read.
A warning while the policy is none.
Source: RFC 9989 sections 5.1.3 and 8
"""

from collections.abc import Iterator

from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each policy of a name that may send; for one that never sends there is nothing to lose."""
    for domain in setup.domains:
        if domain.authority != "own":
            continue
        silent = {subdomain.name for subdomain in domain.subdomains if subdomain.never_sends}
        if domain.never_sends:
            silent.add(domain.name)
        for intent in domain.dmarc:
            if intent.reports or intent.name in silent:
                continue
            enforced = intent.policy is not DmarcPolicy.NONE
            yield Problem(
                at=intent.origin,
                message=f"{intent.name}: p={intent.policy} without an address for reports",
                severity=Severity.ERROR if enforced else Severity.WARNING,
            )


RULE = Rule(id="dmarc-no-reports", severity=Severity.ERROR, find=find)
