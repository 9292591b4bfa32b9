"""SPF record uses `ptr`.

Why it matters: it is slow, it hangs on the reverse DNS of whoever connects, and some receivers do not evaluate it.
Do instead: list the networks with `ip4:` and `ip6:`, or include the sender's own record.
Source: RFC 7208 section 5.5
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record that a receiver would have to evaluate `ptr` for."""
    for value in setup.index.spf_values:
        if value.record and any(term.mechanism == "ptr" for term in value.record.reachable):
            yield Problem(at=value.origin_of("ptr"), message=f"{value.name}: the SPF record uses `ptr`")


RULE = Rule(id="spf-uses-ptr", severity=Severity.WARNING, find=find)
