"""BIMI logo stands at a selector that no message names.

Why it matters: receivers look at `default._bimi`; another selector is read only for messages with a `BIMI-Selector` header, which sendspec does not set.
Do instead: leave `selector:` out; or let the app set and DKIM sign the header, and accept the finding.
Source: draft-brand-indicators-for-message-identification section 4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.bimi_records import declared_logos
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each logo at another selector."""
    for logo in declared_logos(setup):
        if logo.selector != "default":
            message = f"{logo.name}: receivers look for a logo at `default`, not at `{logo.selector}`"
            yield Problem(at=logo.origin.key("selector"), message=message)


RULE = Rule(id="bimi-selector-not-default", severity=Severity.WARNING, find=find)
