"""Two SPF records stand at one name.

Why it matters: a receiver that finds two answers permerror, so every message of every sender there fails SPF.
Do instead: keep one; move the terms of a record in `txt:` into the domain's `spf:`, where they are merged.
Source: RFC 7208 sections 3.2 and 4.5
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.published import SpfValue
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.zone_contents import as_related


def find(setup: Setup) -> Iterator[Problem]:
    """Give each name with more than one record, at a foreign one. Own parts of which one is unreadable count once."""
    by_name: dict[str, list[SpfValue]] = {}
    for value in setup.index.spf_values:
        by_name.setdefault(value.name, []).append(value)
    for name, values in by_name.items():
        foreign = [value for value in values if value.is_foreign]
        own = [value for value in values if not value.is_foreign]
        if len(foreign) + bool(own) > 1:
            yield _problem(name, foreign[-1], [*own, *foreign[:-1]])


def _problem(name: str, culprit: SpfValue, others: list[SpfValue]) -> Problem:
    return Problem(
        at=culprit.origin,
        message=f"{name} would have {len(others) + 1} SPF records; one is allowed",
        related=as_related(record for other in others for record in other.value.records),
    )


RULE = Rule(id="spf-two-records", severity=Severity.ERROR, find=find)
