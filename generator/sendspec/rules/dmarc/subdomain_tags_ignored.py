"""Subdomain's DMARC record speaks of names below it, and nobody listens.

Why it matters: for names below a subdomain receivers use the record of the organizational domain; `sp` and `np` are read there only.
Do instead: put `subdomains:` and `nonexistent:` into the domain's own `dmarc:`.
Source: RFC 9989 section 4.7
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.dmarc_intents import Intents
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each such tag of a record that has an organizational record above it."""
    intents = Intents(setup)
    for domain in setup.domains:
        for intent in domain.dmarc:
            above = intents.above(intent.name)
            for key, tag, policy in (
                ("subdomains", "sp", intent.subdomains),
                ("nonexistent", "np", intent.nonexistent),
            ):
                if policy is not None and above is not None:
                    message = f"{intent.name}: {tag}={policy} is ignored; receivers read {tag} at {above.name}"
                    yield Problem(at=intent.origin.key(key), message=message, related=((above.origin, "read here"),))


RULE = Rule(id="dmarc-subdomain-tags-ignored", severity=Severity.WARNING, find=find)
