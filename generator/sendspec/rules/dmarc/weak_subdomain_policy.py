"""Subdomains have a weaker DMARC policy than their domain.

Why it matters: forgers take `anything.example.com` where `example.com` is protected; to people it looks the same.
Do instead: leave `subdomains:` and `nonexistent:` out, or make them at least as strict; a subdomain that is not ready yet gets a `dmarc:` of its own.
Source: RFC 9989 section 4.7
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.dmarc_intents import Intents
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each `sp` below `p` and each `np` below `sp`, where receivers read them."""
    intents = Intents(setup)
    for domain in setup.domains:
        for intent in domain.dmarc if domain.authority == "own" else ():
            if intents.above(intent.name) is not None:
                continue
            subdomains = intent.subdomains or intent.policy
            if subdomains.rank < intent.policy.rank:
                message = f"{intent.name}: p={intent.policy}, but sp={subdomains} for every subdomain"
                yield Problem(at=intent.origin.key("subdomains"), message=message)
            if intent.nonexistent and intent.nonexistent.rank < subdomains.rank:
                message = f"{intent.name}: {subdomains} for subdomains, but np={intent.nonexistent} for names that do not exist"
                yield Problem(at=intent.origin.key("nonexistent"), message=message)


RULE = Rule(id="dmarc-weak-subdomain-policy", severity=Severity.WARNING, find=find)
