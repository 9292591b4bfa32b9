"""SPF record is close to its ten DNS lookups.

Why it matters: an included provider can add lookups to its record without notice; past the tenth, senders listed late fail SPF.
Do instead: drop an unused include, or move a sender to its own subdomain, while there is time.
From eight lookups on. Counted as in `spf-too-many-lookups`.
Source: RFC 7208 section 4.6.4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import LOOKUP_LIMIT
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.spf_advice import over_budget, unknown_part

CLOSE = 8


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record within the limit that has two lookups left or fewer."""
    for budget in setup.spf_budgets:
        if CLOSE <= budget.tree.lookups <= LOOKUP_LIMIT and not budget.tree.has_loop:
            lookups = f"{unknown_part(budget)}{budget.tree.lookups}"
            yield over_budget(setup, budget, f"{budget.name}: SPF costs {lookups} of {LOOKUP_LIMIT} DNS lookups")


RULE = Rule(id="spf-few-lookups-left", severity=Severity.WARNING, find=find)
