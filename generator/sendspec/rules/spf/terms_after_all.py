"""SPF record has terms after `all`.

Why it matters: `all` matches everybody, so what stands behind it is never tested and its senders fail.
Do instead: move `all` to the end.
Source: RFC 7208 section 5.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record with mechanisms that are never tested."""
    for value in setup.index.spf_values:
        record = value.record
        if record and len(record.reachable) < len(record.terms):
            lost = ", ".join(f"`{term.to_text()}`" for term in record.terms[len(record.reachable) :])
            yield Problem(at=value.origin, message=f"{value.name}: behind `all` nothing is tested: {lost}")


RULE = Rule(id="spf-terms-after-all", severity=Severity.WARNING, find=find)
