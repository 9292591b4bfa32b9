"""What to do about an SPF record that spends too much: who spends it, and which terms are worth the most."""

from sendspec.model.setup import Setup
from sendspec.model.spf_budget import SpfBudget
from sendspec.records.spf import LOOKUP_LIMIT, Branch
from sendspec.rules.interface import Problem
from sendspec.rules.zone_contents import as_related


def over_budget(setup: Setup, budget: SpfBudget, message: str) -> Problem:
    """Give the problem of a record that spends too much, or nearly so. Its fix holds the tree, a line for each term."""
    dropped = _worth_dropping(budget)
    terms = ", ".join(f"`{branch.term}` ({branch.lookups})" for branch in dropped)
    left = budget.tree.lookups - sum(branch.lookups for branch in dropped)
    them = "that sender" if len(dropped) == 1 else "those senders"
    advice = (
        f"drop {terms}, which leaves {left} of {LOOKUP_LIMIT}, or move {them} to a subdomain "
        "whose return-path has a record of its own. Who spends what:"
    )
    notes = {tree.name: f"read {tree.read}" for tree in setup.spf_trees}
    return Problem(
        at=budget.origin,
        message=message,
        fix="\n".join([advice, *budget.tree.to_lines(notes)]),
        related=as_related(budget.value.records[:-1]),
    )


def _worth_dropping(budget: SpfBudget) -> tuple[Branch, ...]:
    """Give the terms to drop: of the last reason's own (`spf:`, which people can change) where that is enough."""
    tree = budget.tree
    words = str(budget.value.records[-1].value).split()
    changeable = [branch for branch in tree.branches if branch.term in words] or list(tree.branches)
    dearest = max(changeable, key=lambda branch: branch.lookups)
    dropped = tree.to_drop(changeable) or (dearest,)
    if tree.lookups - sum(branch.lookups for branch in dropped) > LOOKUP_LIMIT:
        return tree.to_drop(tree.branches)
    return dropped


def unknown_part(budget: SpfBudget) -> str:
    """Give `at least ` where the tree has parts that nothing is known of."""
    return "at least " if budget.tree.missing else ""
