"""SPF tree in the lock file is old.

Why it matters: the owner of the record can add includes at any time; a budget counted from an old text may be spent already.
Do instead: run `sendspec pull`, or read the record again (`dig TXT`) and write text, lookups and today's date into the lock file.
Old is more than 90 days. Without `--today` nothing is old.
Source: RFC 7208 section 10.1.1
"""

from collections.abc import Iterator
from datetime import date

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import DatedRule, Problem

MAX_AGE_DAYS = 90
"""Our own line: long enough not to nag, short enough that a change is seen within a quarter."""


def find(setup: Setup, today: date) -> Iterator[Problem]:
    """Give each old entry that one of our records leads to."""
    used = {branch.name for budget in setup.spf_budgets for branch in budget.tree.walk()}
    for tree in setup.spf_trees:
        age_days = (today - date.fromisoformat(tree.read)).days
        if tree.name in used and age_days > MAX_AGE_DAYS:
            message = f"{tree.name}: its SPF tree was read {age_days} days ago"
            yield Problem(at=tree.origin.key("read"), message=message)


RULE = DatedRule(id="spf-tree-stale", severity=Severity.INFO, find=find)
