"""SPF record costs more than ten DNS lookups.

Why it matters: past the tenth lookup a receiver answers permerror, so senders listed late fail SPF.
Do instead: drop unused includes, or move a stream to its own subdomain.
Counted from our own records and the trees in the lock file; an include that is not there counts once, and so does a term with a macro.
Source: RFC 7208 section 4.6.4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import LOOKUP_LIMIT
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.spf_advice import over_budget, unknown_part


def find(setup: Setup) -> Iterator[Problem]:
    """Give each record whose known lookups are too many. One that leads in a circle has a rule of its own."""
    for budget in setup.spf_budgets:
        if budget.tree.lookups > LOOKUP_LIMIT and not budget.tree.has_loop:
            lookups = f"{unknown_part(budget)}{budget.tree.lookups}"
            message = f"{budget.name}: SPF costs {lookups} DNS lookups, {LOOKUP_LIMIT} are allowed"
            yield over_budget(setup, budget, message)


RULE = Rule(id="spf-too-many-lookups", severity=Severity.ERROR, find=find)
