"""SPF include is not in the lock file.

Why it matters: its lookups count towards the ten, and nobody can say offline how many they are.
Do instead: run `sendspec pull`, or write the entry into `spf:` of the lock file by hand: text, lookups (the include itself counts as one) and the date read.
Source: RFC 7208 section 4.6.4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each unknown include once, where it is first used."""
    first: dict[str, tuple[Origin, str]] = {}
    for budget in setup.spf_budgets:
        for include in budget.tree.missing:
            first.setdefault(include, (budget.origin_of(include), budget.name))
    for include, (origin, name) in sorted(first.items()):
        message = f"{name}: what `include:{include}` costs is not known; it counts as one lookup"
        yield Problem(at=origin, message=message)


RULE = Rule(id="spf-tree-unknown", severity=Severity.INFO, find=find)
