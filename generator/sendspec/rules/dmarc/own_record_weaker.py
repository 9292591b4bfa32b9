"""Subdomain's own DMARC record is weaker than what it would inherit.

Why it matters: it replaces the record above and inherits nothing from it, so the subdomain can be forged more easily than its neighbours.
Do instead: remove the subdomain's `dmarc:`, or repeat the policy and the alignment of the domain in it.
Only information where its `target` catches up, and where only strict alignment is lost.
Source: RFC 9989 sections 4.7 and 4.10.1
"""

from collections.abc import Iterator

from sendspec.model.dmarc import DmarcIntent
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.dmarc_intents import Intents
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record of our own below another one that asks for less."""
    intents = Intents(setup)
    for domain in setup.domains:
        for intent in domain.dmarc if domain.authority == "own" else ():
            above = intents.above(intent.name)
            if above is not None:
                yield from _losses(intent, above)


def _losses(intent: DmarcIntent, above: DmarcIntent) -> Iterator[Problem]:
    inherited = above.subdomains or above.policy
    related = ((above.origin, f"the record of {above.name}"),)
    if intent.policy.rank < inherited.rank:
        yield Problem(
            at=intent.origin.key("policy"),
            message=f"{intent.name}: p={intent.policy}, but {above.name} gives its subdomains {inherited}",
            related=related,
            severity=Severity.INFO if intent.target.rank >= inherited.rank else Severity.WARNING,
        )
    elif (above.strict_spf and not intent.strict_spf) or (above.strict_dkim and not intent.strict_dkim):
        message = f"{intent.name}: its own record relaxes the strict alignment of {above.name}"
        yield Problem(at=intent.origin, message=message, related=related, severity=Severity.INFO)


RULE = Rule(id="dmarc-own-record-weaker", severity=Severity.WARNING, find=find)
