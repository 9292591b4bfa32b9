"""SPF record leads in a circle.

Why it matters: a receiver goes round until the tenth lookup and answers permerror for every sender.
Do instead: delete the include or redirect that leads back; a record already covers its own name.
Followed through our own records and the texts in the lock file.
Source: RFC 7208 sections 4.6.4 and 5.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.spf import Known
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each of our records whose includes lead back to it, or to a foreign record that includes itself."""
    for budget in setup.spf_budgets:
        names = [branch.name for branch in budget.tree.walk() if branch.known is Known.LOOP]
        if not names:
            continue
        where = "back to itself" if budget.name in names else f"to {names[0]}, which leads back to itself"
        yield Problem(at=budget.origin, message=f"{budget.name}: the SPF record leads {where}")


RULE = Rule(id="spf-includes-itself", severity=Severity.ERROR, find=find)
