"""Domain where people write from is at reject.

Why it matters: mailing lists change messages, so what people post to them fails DMARC and is refused, and other subscribers bounce with it.
Do instead: keep people at quarantine, or ask them not to post to mailing lists; streams on subdomains can have `subdomains: reject`.
Source: RFC 9989 section 7.4
"""

from collections.abc import Iterator

from sendspec.model.dmarc import DmarcPolicy
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each domain with mailboxes whose own policy is reject, tested or not."""
    for domain in setup.domains:
        for intent in domain.dmarc if domain.mailboxes else ():
            if intent.name == domain.name and intent.policy is DmarcPolicy.REJECT:
                message = f"{domain.name}: p=reject holds for people's mail ({domain.mailboxes}) too"
                related = ((domain.origin.key("mailboxes"), "people write from here"),)
                yield Problem(at=intent.origin.key("policy"), message=message, related=related)


RULE = Rule(id="dmarc-reject-with-mailboxes", severity=Severity.INFO, find=find)
