"""DMARC failure reports are asked for.

Why it matters: each holds a message or its headers: names, addresses, subjects of your customers' mail. Few receivers send them.
Do instead: work from the aggregate reports; ask for failure reports for as long as you chase one fault, at a mailbox that few people read.
Source: RFC 9991 section 6, RFC 9989 section 4.7
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each policy of our own with addresses for failure reports."""
    for domain in setup.domains:
        for intent in domain.dmarc if domain.authority == "own" else ():
            if intent.failure_reports:
                message = f"{intent.name}: failure reports carry personal data to {', '.join(intent.failure_reports)}"
                yield Problem(at=intent.origin.key("failure_reports"), message=message)


RULE = Rule(id="dmarc-failure-reports-hold-mail", severity=Severity.INFO, find=find)
