"""What every report format gets: the findings of one command, and what it did or would do to the output folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.rule_document import RuleDocument

OUTPUT_DIFFERS = RuleDocument(
    id="output-differs",
    severity=Severity.ERROR,
    summary="A file of the output folder is not what the spec says.",
    why="what was reviewed is not what gets deployed, and the next render changes it unasked",
    instead="run `sendspec render`, read the diff, and commit the output folder together with the spec",
    source="sendspec: `render --check`",
    text="""A file of the output folder is not what the spec says.

Why it matters: what was reviewed is not what gets deployed, and the next render changes it unasked.
Do instead: run `sendspec render`, read the diff, and commit the output folder together with the spec.
Source: sendspec: `render --check`""",
)
DIFFERENCES = {
    "created": "is missing: the spec produces it",
    "changed": "is not what the spec says",
    "removed": "is no longer produced by the spec",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of a command that gives findings.

    Attributes:
        findings: Sorted by place.
        accepted: Those the spec says the team lives with.
        documents: What the ids mean: every id that a finding can have.
        fail_on: From which severity on a finding means exit code 1.
        folder: The output folder; empty where the command does not look at it.
        changes: What happened to its files, by kind: created, changed, removed, unchanged.
        differences: What would happen: (path, created or changed or removed, unified diff).
    """

    command: str
    findings: Sequence[Finding]
    accepted: Sequence[Finding]
    documents: Sequence[RuleDocument]
    fail_on: Severity
    folder: str = ""
    changes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    differences: Sequence[tuple[str, str, str]] = ()

    def with_differences(self) -> tuple[Finding, ...]:
        """Give all findings, and one for each file that differs, for formats that know nothing but findings."""
        return (*self.findings, *(self._difference(path, change) for path, change, _ in self.differences))

    def _difference(self, path: str, change: str) -> Finding:
        name = f"{self.folder}/{path}"
        return Finding(
            OUTPUT_DIFFERS.id,
            OUTPUT_DIFFERS.severity,
            f"{name} {DIFFERENCES[change]}",
            SourceSpan(name, 1, 1, 1),
            fix=OUTPUT_DIFFERS.instead,
            source=OUTPUT_DIFFERS.source,
        )
