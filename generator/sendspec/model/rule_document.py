"""What a rule says about itself: for `explain`, the rule catalogue and the reports that describe their rules."""

from dataclasses import dataclass

from sendspec.model.finding import Severity


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """The documentation of one rule.

    Attributes:
        summary: What is wrong when it fires: one line without a full stop at the end where the author wrote none.
        why: What breaks; empty where the summary says it all.
        instead: The cure in general; a finding may have a better one.
        source: The standard or the page it comes from.
        text: All of it as written, with what stands between the parts.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    instead: str
    source: str
    text: str
