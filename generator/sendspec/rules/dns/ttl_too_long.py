"""Records live longer than a day.

Why it matters: a wrong record, or a key that must go at once, stays with receivers for as long as that.
Do instead: `ttl: 86400` at most; 3600 is usual.
Source: RFC 1912 section 2.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

LONGEST_SECONDS = 86400


def find(setup: Setup) -> Iterator[Problem]:
    """Give each zone whose records stay that long."""
    for domain in setup.domains:
        for rrset in domain.zone.rrsets[:1]:  # one TTL for the whole zone
            if rrset.ttl_seconds > LONGEST_SECONDS:
                message = f"{domain.name}: records stay with receivers for {rrset.ttl_seconds} seconds"
                yield Problem(at=domain.origin.key("dns", "ttl"), message=message)


RULE = Rule(id="dns-ttl-too-long", severity=Severity.WARNING, find=find)
