"""What sendspec has to say about a spec: one shape in every command."""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is. `rank` orders them: the higher, the worse.

    UNKNOWN is neither good nor bad: a live command could not tell. No `--fail-on` takes it for a finding; the exit code
    has a number of its own for it.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Give 3 for error, 2 for warning, 1 for info, 0 for what could not be told."""
        return {"error": 3, "warning": 2, "info": 1, "unknown": 0}[self.value]


LEVELS = (Severity.ERROR, Severity.WARNING, Severity.INFO)
"""What a rule can give, and what `--fail-on` takes."""


@dataclass(frozen=True, slots=True, order=True)
class SourceSpan:
    """A place in a file. Lines and columns count from 1; `end_column` is exclusive, on the same line.

    `file` is relative to the folder the command was started in where possible. `excerpt` is the source line with
    every secret in it masked; empty where there is no line to show. `label` says what the place has to do with it.
    """

    file: str
    line: int
    column: int
    end_column: int
    excerpt: str = ""
    label: str = ""

    def to_text(self) -> str:
        """Give `file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, with its place and its cure.

    `why` says what breaks, `fix` what to write instead. `expected`, `seen` and `answered_by` belong to live checks; `source` cites the standard or the provider's page.
    `because` says why the team lives with it; only accepted findings have one.
    """

    rule: str
    severity: Severity
    message: str
    where: SourceSpan | None = None
    related: tuple[SourceSpan, ...] = field(default=())
    fix: str = ""
    source: str = ""
    expected: str = ""
    seen: str = ""
    answered_by: str = ""
    because: str = ""
    why: str = ""

    def comparison(self) -> tuple[tuple[str, str], ...]:
        """Give what a live check compared, as (label, text), without what is empty."""
        parts = (("expected", self.expected), ("seen", self.seen), ("answered by", self.answered_by))
        return tuple((label, text) for label, text in parts if text)

    def sort_key(self) -> tuple[str, int, int, int, str, str]:
        """Order findings as a reader walks through the files, the worst first on one place."""
        where = self.where
        if where is None:
            return ("", 0, 0, -self.severity.rank, self.rule, self.message)
        return (where.file, where.line, where.column, -self.severity.rank, self.rule, self.message)
