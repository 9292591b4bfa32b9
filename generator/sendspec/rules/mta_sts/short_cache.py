"""MTA-STS policy is cached for less than a day.

Why it matters: protection hangs on senders remembering the policy; whoever can block one fetch a day can strip TLS again.
Do instead: `max_age: 2w` or more once the policy works; weeks are usual. The bound of a day is sendspec's own.
Source: RFC 8461 section 3.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.mta_sts_policies import declared_policies

SHORTEST_SECONDS = 86400


def find(setup: Setup) -> Iterator[Problem]:
    """Give each enforced policy with a short life."""
    for declared in declared_policies(setup):
        policy = declared.policy
        if policy.mode == "enforce" and policy.max_age < SHORTEST_SECONDS:
            message = f"{declared.name}: senders forget the policy after {policy.max_age} seconds"
            yield Problem(at=declared.origin.key("max_age"), message=message)


RULE = Rule(id="mta-sts-short-cache", severity=Severity.WARNING, find=find)
