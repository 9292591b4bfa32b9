"""One report of everything that can drift: rendered files, the world as checks see it, accounts and zones as plans do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.origin import Origin
from sendspec.model.plan import Change, Plan
from sendspec.model.rule_document import RuleDocument
from sendspec.report import json, text
from sendspec.report.plan import plan_part, plan_text
from sendspec.report.terminal import BOLD, GREEN, Paint, visible

SOURCE = "sendspec: `plan`"


def _document(name: str, severity: Severity, summary: str, why: str, instead: str) -> RuleDocument:
    words = f"{summary}\n\nWhy it matters: {why}.\nDo instead: {instead}.\nSource: {SOURCE}"
    return RuleDocument(name, severity, summary, why, instead, SOURCE, words)


DIFFERS = _document(
    "live-drift-differs",
    Severity.ERROR,
    "Something at an ESP or in DNS is otherwise than the spec says.",
    "what was reviewed is not what mail leaves by; whoever changed it knows why, and the next `apply` changes it back",
    "run `sendspec plan`, then either `sendspec apply`, or put the change into the spec",
)
UNREAD = _document(
    "live-drift-unread",
    Severity.UNKNOWN,
    "An account or a zone could not be looked at.",
    "what nobody looks at drifts unseen",
    "give the credential or the right that is missing, or run it again later",
)
DOCUMENTS = (DIFFERS, UNREAD)


@dataclass(frozen=True, slots=True)
class Drift:
    """What a run found.

    Attributes:
        files: Files of the output folder that differ: (path, created or changed or removed, unified diff).
        findings, accepted: Of the checks, sorted as they came.
        passed: How many things were as declared.
        stopped: Why it ended early, else empty.
    """

    folder: str
    files: Sequence[tuple[str, str, str]]
    findings: Sequence[Finding]
    accepted: Sequence[Finding]
    passed: int
    plan: Plan
    stopped: str = ""

    @property
    def differs(self) -> bool:
        """Tell whether files or the world differ from the spec."""
        return bool(self.files) or not self.plan.is_clean

    @property
    def is_unknown(self) -> bool:
        """Tell whether something could not be looked at."""
        return bool(
            self.plan.unread or self.stopped or any(each.severity is Severity.UNKNOWN for each in self.findings)
        )


def drift_text(drift: Drift, paint: Paint, width: int) -> str:
    """Give a report for a terminal or a mail of cron; nothing at all when nothing is to be said."""
    return "".join(_parts(drift, paint, width))


def _parts(drift: Drift, paint: Paint, width: int) -> Iterator[str]:
    if drift.files:
        yield paint(f"{visible(drift.folder)}: {len(drift.files)} files are not what the spec says", BOLD) + "\n"
        yield text.differences_text(((path, diff) for path, _, diff in drift.files), paint)
        yield "\n"
    if drift.findings:
        yield paint("seen from outside:", BOLD) + "\n"
        yield text.findings_text(drift.findings, len(drift.accepted), paint, width)
        yield "\n"
    if drift.plan.changes or drift.plan.held or drift.plan.unread:
        yield plan_text(drift.plan, paint)
    if drift.stopped:
        yield f"{drift.stopped}, so not everything was looked at\n"


def clean_text(drift: Drift, paint: Paint) -> str:
    """Give the one line for a person who watches that nothing has drifted."""
    seen = f"{drift.passed:,} things seen from outside and {drift.plan.in_place:,} in accounts and zones are as the spec says"
    awaited = "".join(f"awaited: {visible(each.what)}\n" for each in drift.plan.awaited)
    return f"{awaited}{paint(seen, GREEN)}\n"


def drift_part(drift: Drift) -> dict[str, object]:
    """Give the JSON-able form."""
    return {
        **json.findings_parts(drift.findings, drift.accepted),
        **json.differences_part(drift.files),
        "passed": drift.passed,
        "plan": plan_part(drift.plan),
        "stopped": drift.stopped,
    }


def plan_findings(plan: Plan, place: Callable[[Origin], SourceSpan]) -> Iterator[Finding]:
    """Give what a plan says as findings, for formats that know nothing else."""
    for change in plan.changes:
        yield _finding(change, place, "`sendspec apply` brings it to what the spec says")
    for held in plan.held:
        yield _finding(held.change, place, f"{held.reason}; {held.fix}")
    for unread in plan.unread:
        message = f"{unread.where} could not be looked at: {unread.reason}"
        yield Finding(UNREAD.id, UNREAD.severity, message, fix=unread.fix or UNREAD.instead, source=SOURCE)


def _finding(change: Change, place: Callable[[Origin], SourceSpan], fix: str) -> Finding:
    differing = "; ".join(f"{each.path}: {each.after}" for each in change.differences)
    seen = "; ".join(f"{each.path}: {each.before}" for each in change.differences) if change.before else "nothing"
    return Finding(
        DIFFERS.id,
        DIFFERS.severity,
        f"{change.subject} at {change.place} is not as the spec says: {change.action}",
        place(change.origin),
        fix=fix,
        source=change.source or SOURCE,
        expected=differing[:400],
        seen=seen[:400],
        answered_by=change.place,
        why=" ".join(change.means),
    )
