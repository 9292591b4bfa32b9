"""Records live less than a minute.

Why it matters: receivers ask again for each message; one lost answer then is a temporary failure of SPF or DKIM.
Do instead: `ttl: 300` while you migrate, 3600 or more once the zone is stable.
Source: RFC 1912 section 2.2; RFC 2181 section 8
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

SHORTEST_SECONDS = 60


def find(setup: Setup) -> Iterator[Problem]:
    """Give each zone whose records expire that soon."""
    for domain in setup.domains:
        for rrset in domain.zone.rrsets[:1]:  # one TTL for the whole zone
            if rrset.ttl_seconds < SHORTEST_SECONDS:
                message = f"{domain.name}: records expire after {rrset.ttl_seconds} seconds"
                yield Problem(at=domain.origin.key("dns", "ttl"), message=message)


RULE = Rule(id="dns-ttl-too-short", severity=Severity.WARNING, find=find)
