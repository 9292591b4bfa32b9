"""The table of decisions in README: what each stream declares, what is advised, and why, in a line."""

from collections.abc import Iterable
from dataclasses import dataclass

from sendspec.model.decision import Decision

EVERYWHERE = "DELIVERABILITY_EQUAL"
"""A reason every decision has; the table would say it in each line."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One stream of the table."""

    stream: str
    declared: str
    advice: str
    because: str


def decision_rows(decisions: Iterable[Decision]) -> list[DecisionRow]:
    """Give a row for each decision, in the order given."""
    return [
        DecisionRow(
            decision.stream,
            decision.declared.to_text(),
            "as declared" if decision.recommended == decision.declared else decision.recommended.to_text(),
            " · ".join(reason.text for reason in decision.reasons if reason.code != EVERYWHERE),
        )
        for decision in decisions
    ]
