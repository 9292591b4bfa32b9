"""SPF record ends neutral.

Why it matters: `?all` says nothing about senders that match nothing, the same as no record at all for them.
Do instead: write `all: softfail` (`~all`) once every sender is listed.
Source: RFC 7208 section 8.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import Qualifier
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record that ends in `?all`."""
    for value in setup.index.spf_values:
        if value.record and value.record.all_qualifier is Qualifier.NEUTRAL:
            message = f"{value.name}: `?all` refuses nobody"
            yield Problem(at=value.origin, message=message)


RULE = Rule(id="spf-neutral-ending", severity=Severity.WARNING, find=find)
