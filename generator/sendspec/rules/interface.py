"""What a rule is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup


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
    """A rule. Its module's docstring is its documentation; `id` is its path: `spf/too_many_lookups.py` = `spf-too-many-lookups`."""

    id: str
    severity: Severity
    find: Callable[[Setup], Iterator[Problem]]
