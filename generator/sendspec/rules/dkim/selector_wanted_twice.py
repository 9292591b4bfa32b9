"""One DKIM selector is wanted with two different values.

Why it matters: verifiers pick either one, or the second silently overwrites the first: half of the signatures fail.
Do instead: give one of the accounts another selector, or its streams a subdomain of their own.
Source: RFC 6376 sections 3.1 and 3.6.2.2
"""

from collections.abc import Iterator

from sendspec.model.dns_record import Purpose
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related, first_of_each_value, wanted_by


def find(setup: Setup) -> Iterator[Problem]:
    """Give each selector with more than one value, CNAME and TXT together."""
    for name, records in setup.index.contested_names:
        keys = first_of_each_value(record for record in records if record.purpose is Purpose.DKIM)
        others = keys[:-1]
        if others:
            message = f"{name}: {wanted_by(keys[-1])}, but {keys[0].account or 'the spec'} wants another value there"
            yield Problem(at=keys[-1].origin, message=message, related=as_related(others))


RULE = Rule(id="dkim-selector-wanted-twice", severity=Severity.ERROR, find=find)
