"""Acceptance of a finding has passed its date.

Why it matters: it was accepted for a while only, and the while is over; nobody has looked again.
Do instead: cure the finding and delete the acceptance, or agree on a new date and write why.
Source: sendspec: `accept:` takes `until:` so that exceptions do not become permanent unseen
"""

from collections.abc import Iterator
from datetime import date

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import DatedRule, Problem


def find(setup: Setup, today: date) -> Iterator[Problem]:
    """Give every acceptance whose last day lies before today."""
    for acceptance in setup.acceptances:
        if acceptance.until and date.fromisoformat(acceptance.until) < today:
            message = f"{acceptance.rule} was accepted until {acceptance.until}: {acceptance.because}"
            yield Problem(at=acceptance.origin.key("until"), message=message)


RULE = DatedRule(id="accept-expired", severity=Severity.ERROR, find=find)
