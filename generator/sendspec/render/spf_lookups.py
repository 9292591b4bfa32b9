"""The SPF table of README: who spends the ten DNS lookups of each record."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.setup import Setup
from sendspec.model.spf_budget import SpfBudget

SHOWN_NAMES = 5
"""Of names that share one record; a platform has thousands."""


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """Names with one and the same record; `left` counts those not shown. `spenders` are terms with what they cost."""

    names: tuple[str, ...]
    left: int
    lookups: int
    spenders: tuple[tuple[str, str], ...]


def spending_rows(setup: Setup) -> Iterator[SpendingRow]:
    """Give the rows, the dearest record first, then in the order of the zones."""
    same: dict[str, list[SpfBudget]] = {}
    for budget in setup.spf_budgets:
        same.setdefault(str(budget.value.value), []).append(budget)
    notes = {tree.name: f"read {tree.read}" for tree in setup.spf_trees}
    for budgets in sorted(same.values(), key=lambda budgets: -budgets[0].tree.lookups):
        tree = budgets[0].tree
        yield SpendingRow(
            names=tuple(budget.name for budget in budgets[:SHOWN_NAMES]),
            left=max(0, len(budgets) - SHOWN_NAMES),
            lookups=tree.lookups,
            spenders=tuple((branch.term, f"{branch.lookups}{branch.remark(notes)}") for branch in tree.branches),
        )
