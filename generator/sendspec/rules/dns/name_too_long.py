"""DNS name is longer than DNS allows.

Why it matters: a name has at most 253 characters, a label 63; the record cannot exist, so what it is for fails.
Do instead: shorten the subdomain or the host label; `_domainkey`, selectors and return-path labels count too.
Source: RFC 1035 section 2.3.4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

MAX_NAME = 253
MAX_LABEL = 63


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record whose name or one of its labels is too long."""
    for _, rrset in setup.rrsets():
        if len(rrset.name) > MAX_NAME or any(len(label) > MAX_LABEL for label in rrset.name.split(".")):
            record = rrset.values[0].records[0]
            message = (
                f"{rrset.name[:40]}…: {len(rrset.name)} characters, {MAX_NAME} are allowed, {MAX_LABEL} in a label"
            )
            yield Problem(at=record.origin, message=message)


RULE = Rule(id="dns-name-too-long", severity=Severity.ERROR, find=find)
