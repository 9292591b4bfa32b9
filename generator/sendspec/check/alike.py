"""What could not be told for one reason: shown so often, then counted. A dead resolver is not 100,000 findings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sendspec.model.finding import Finding

ALIKE_SHOWN = 20
"""What could not be told for one reason by one server is shown so often; what follows is counted."""

Cause = tuple[str, str]
"""The id of a kind, and who answered."""


@dataclass(frozen=True, slots=True)
class Folded:
    """One finding in place of `count` alike ones."""

    finding: Finding
    count: int


@dataclass(slots=True)
class Alike:
    """Counts what could not be told, by its cause."""

    _met: Counter[Cause] = field(default_factory=Counter)
    _more: dict[Cause, Folded] = field(default_factory=dict)

    def is_shown(self, finding: Finding) -> bool:
        """Count a finding; tell whether it is among those that are shown."""
        cause = (finding.rule, finding.answered_by)
        self._met[cause] += 1
        if self._met[cause] <= ALIKE_SHOWN:
            return True
        self.add(Folded(finding, 1))
        return False

    def add(self, folded: Folded) -> None:
        """Count what is not shown, of this run or of a part of it that has been folded already."""
        cause = (folded.finding.rule, folded.finding.answered_by)
        known = self._more.get(cause)
        self._more[cause] = Folded(folded.finding, folded.count + (known.count if known else 0))

    def rest(self) -> Iterator[Folded]:
        """Give a finding for each cause of which there were more than shown: how many more."""
        for folded in self._more.values():
            finding = folded.finding
            by = f" by {finding.answered_by}" if finding.answered_by else ""
            message = f"{folded.count} more could not be told{by} for the same reason"
            yield Folded(replace(finding, message=message, where=None, related=(), expected=""), folded.count)
