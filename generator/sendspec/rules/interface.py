"""What a rule is.

The docstring of a rule's module is its documentation: the first line states the breach, then `Why it matters:`,
`Do instead:` and `Source:`. Its id is its path: `spf/two_records.py` = `spf-two-records`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Acceptance, Setup


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach of a rule.

    Attributes:
        at: What it is about; the engine finds file, line and column.
        message: Names the thing and says what is wrong with it, in the reader's words.
        fix: What to write instead, concretely.
        related: Other places that have a part in it, each with what it contributes.
        severity: Only when this one breach is less severe than the rule (never more).
    """

    at: Origin
    message: str
    fix: str = ""
    related: tuple[tuple[Origin, str], ...] = field(default=())
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that reads the setup and nothing else."""

    id: str
    severity: Severity
    find: Callable[[Setup], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class DatedRule:
    """A rule whose answer depends on the day. Without `--today` it does not run."""

    id: str
    severity: Severity
    find: Callable[[Setup, date], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class AcceptanceRule:
    """A rule about acceptances that no problem matched. It also gets the ids of all rules."""

    id: str
    severity: Severity
    find: Callable[[Sequence[Acceptance], Collection[str]], Iterator[Problem]]


AnyRule = Rule | DatedRule | AcceptanceRule
