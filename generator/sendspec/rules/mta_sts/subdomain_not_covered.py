"""Subdomain takes mail without the MTA-STS policy of its domain.

Why it matters: a policy is not inherited, so TLS towards the subdomain can be stripped although the domain enforces it.
Do instead: declare `mta_sts:` at the subdomain too, with its own MX hosts.
Source: RFC 8461 section 3.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.mta_sts_policies import declared_policies


def find(setup: Setup) -> Iterator[Problem]:
    """Give each receiving subdomain of a domain whose policy is enforced."""
    policies = {declared.name: declared for declared in declared_policies(setup)}
    for domain in setup.domains:
        above = policies.get(domain.name)
        for subdomain in domain.subdomains if above and above.policy.mode == "enforce" else ():
            if subdomain.receives and subdomain.name not in policies:
                message = f"{subdomain.name} takes mail, and the policy of {domain.name} does not hold for it"
                yield Problem(at=subdomain.origin.key("receives"), message=message)


RULE = Rule(id="mta-sts-subdomain-not-covered", severity=Severity.INFO, find=find)
