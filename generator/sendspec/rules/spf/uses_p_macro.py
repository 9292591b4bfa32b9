"""SPF record uses the `p` macro.

Why it matters: like `ptr` it hangs on the reverse DNS of whoever connects; receivers may leave it out, and the record means something else.
Do instead: use `%{i}` (the address), `%{d}` (the domain) or `%{h}` (the HELO name).
Source: RFC 7208 section 7.2
"""

import re
from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

P_MACRO = re.compile(r"%\{p", re.IGNORECASE)


def find(setup: Setup) -> Iterator[Problem]:
    """Give each readable record that holds the macro."""
    for value in setup.index.spf_values:
        found = P_MACRO.search(str(value.value.value)) if value.record else None
        if found:
            yield Problem(at=value.origin_of(found[0]), message=f"{value.name}: the SPF record uses the `p` macro")


RULE = Rule(id="spf-uses-p-macro", severity=Severity.WARNING, find=find)
