"""SPF record has no end.

Why it matters: without `all` or `redirect=` a sender that matches nothing is neutral: the record refuses nobody.
Do instead: end the record with `~all`, or with `-all` on a name that never sends.
Source: RFC 7208 section 4.7
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record with neither `all` nor `redirect=`."""
    for value in setup.index.spf_values:
        if value.record and value.record.all_qualifier is None and not value.record.redirect:
            message = f"{value.name}: the SPF record ends without `all`"
            yield Problem(at=value.origin, message=message, related=as_related(value.value.records[:-1]))


RULE = Rule(id="spf-no-ending", severity=Severity.WARNING, find=find)
