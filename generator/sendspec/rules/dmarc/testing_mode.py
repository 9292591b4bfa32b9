"""DMARC test mode is taken for monitoring.

Why it matters: `t=y` means one level lower, not off: reject becomes quarantine. Older receivers ignore it and apply the policy in full.
Do instead: write `policy: none` to monitor; at the last stage remove `testing: true`, or reject is never reached and no logo is shown.
A warning at reject; information at quarantine, where only older receivers act, and at none, where it changes nothing.
Source: RFC 9989 section 4.7
"""

from collections.abc import Iterator

from sendspec.model.dmarc import DmarcIntent, DmarcPolicy
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

MEANING = {
    DmarcPolicy.NONE: "changes nothing",
    DmarcPolicy.QUARANTINE: "is none for new receivers and quarantine in full for older ones",
    DmarcPolicy.REJECT: "is quarantine for new receivers and reject in full for older ones",
}


def find(setup: Setup) -> Iterator[Problem]:
    """Give each policy of our own that says `t=y`."""
    for domain in setup.domains:
        for intent in domain.dmarc if domain.authority == "own" else ():
            if intent.testing:
                strictest = _strictest(intent)
                yield Problem(
                    at=intent.origin.key("testing"),
                    message=f"{intent.name}: {strictest} with t=y {MEANING[strictest]}",
                    severity=Severity.WARNING if strictest is DmarcPolicy.REJECT else Severity.INFO,
                )


def _strictest(intent: DmarcIntent) -> DmarcPolicy:
    policies = [policy for policy in (intent.policy, intent.subdomains, intent.nonexistent) if policy]
    return max(policies, key=lambda policy: policy.rank)


RULE = Rule(id="dmarc-testing-mode", severity=Severity.WARNING, find=find)
