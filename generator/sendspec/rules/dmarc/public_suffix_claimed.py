"""Domain that sends mail calls itself a public suffix.

Why it matters: with `psd=y` each subdomain counts as an organization of its own, so nothing aligns across them.
Do instead: remove `psd: y`; it is for registries such as co.uk.
Source: RFC 9989 sections 4.7 and 4.10.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.alignment import parents
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each `psd=y` at or above a From domain."""
    claims = [intent for domain in setup.domains for intent in domain.dmarc if intent.psd == "y"]
    if not claims:
        return
    authors = {sender.mailbox.domain for stream in setup.streams for sender in stream.senders}
    above = {name for author in authors for name in (author, *parents(author))}
    for intent in claims:
        if intent.name in above:
            message = f"{intent.name}: psd=y, but mail is sent from it"
            yield Problem(at=intent.origin.key("psd"), message=message)


RULE = Rule(id="dmarc-public-suffix-claimed", severity=Severity.ERROR, find=find)
