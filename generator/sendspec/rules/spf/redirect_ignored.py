"""SPF record has a redirect that is never followed.

Why it matters: beside `all` a `redirect=` is ignored, so the senders it leads to fail.
Do instead: take out `all`, so that the other record decides; or write `include:` in place of the redirect.
Source: RFC 7208 section 6.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record with both."""
    for value in setup.index.spf_values:
        if value.record and value.record.redirect and value.record.all_qualifier is not None:
            message = f"{value.name}: `redirect={value.record.redirect}` is ignored, because the record has an `all`"
            yield Problem(
                at=value.origin_of("redirect="), message=message, related=as_related(value.value.records[:-1])
            )


RULE = Rule(id="spf-redirect-ignored", severity=Severity.WARNING, find=find)
