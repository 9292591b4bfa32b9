"""DMARC reports are asked for at more than two addresses.

Why it matters: receivers must serve two; many stop there, so the later addresses get some reports and miss others.
Do instead: name one mailbox, and let it pass the reports on.
Source: RFC 7489 section 6.2; RFC 9990 section 3 leaves the limit to receivers
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

ADDRESSES_SERVED = 2


def find(setup: Setup) -> Iterator[Problem]:
    """Give each list that is longer, aggregate and failure reports apart."""
    for domain in setup.domains:
        for intent in domain.dmarc if domain.authority == "own" else ():
            for key, addresses in (("reports", intent.reports), ("failure_reports", intent.failure_reports)):
                if len(addresses) > ADDRESSES_SERVED:
                    message = f"{intent.name}: {len(addresses)} addresses for {key.replace('_', ' ')}"
                    yield Problem(at=intent.origin.key(key), message=message)


RULE = Rule(id="dmarc-too-many-report-addresses", severity=Severity.WARNING, find=find)
