"""Names that do not exist are not rejected.

Why it matters: nobody sends from them, so rejecting their mail can begin long before the policy for real names is ready, and forgers like them.
Do instead: add `nonexistent: reject`, unless a wildcard record makes every name exist.
Source: RFC 9989 section 4.7
"""

from collections.abc import Iterator

from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.dmarc_intents import Intents
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each organizational record of our own that has reached its target and says less than reject for such names."""
    intents = Intents(setup)
    for domain in setup.domains:
        for intent in domain.dmarc if domain.authority == "own" else ():
            if intents.above(intent.name) is not None or intent.policy is not intent.target:
                continue
            applied = intent.nonexistent or intent.subdomains or intent.policy
            if applied is not DmarcPolicy.REJECT:
                message = f"{intent.name}: {applied} holds for names below it that do not exist"
                yield Problem(at=intent.origin, message=message)


RULE = Rule(id="dmarc-nonexistent-names-open", severity=Severity.INFO, find=find)
