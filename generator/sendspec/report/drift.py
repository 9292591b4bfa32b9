"""One report of everything that can drift: rendered files, the world as checks see it, accounts and zones as plans do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sendspec.model.finding import Finding, Severity
from sendspec.model.plan import DNS, Action, Change, Plan
from sendspec.model.rule_document import RuleDocument
from sendspec.report import json, text
from sendspec.report.page import Page
from sendspec.report.plan import Places, alike_unread, items, plan_part, plan_text, short
from sendspec.report.report import DIFFERENCES
from sendspec.report.terminal import BOLD, GREEN, MAGENTA, Paint, visible

SOURCE = "sendspec: `plan`"
MOST_DIFF_LINES = 60
"""Longer diffs are left to `render --check`: a report of drift is read in a mail or a terminal."""
MOST_CHARACTERS = 400
OTHERWISE = {
    Action.CREATE: "is missing at {place}",
    Action.UPDATE: "is otherwise at {place} than the spec says",
    Action.REPLACE: "is otherwise at {place} than the spec says, and has to be made anew",
    Action.DELETE: "is still at {place}, and nothing in the spec needs it",
    Action.ADOPT: "is at {place}, and not sendspec's yet",
    Action.VERIFY: "is not verified at {place} yet",
}


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


def drift_text(drift: Drift, page: Page, places: Places, width: int) -> str:
    """Give a report for a terminal or a mail of cron; nothing at all when nothing is to be said."""
    return "".join(_parts(drift, page, places, width))


def _parts(drift: Drift, page: Page, places: Places, width: int) -> Iterator[str]:
    if drift.files:
        yield from _files(drift, page.paint)
    if drift.findings:
        yield page.paint("seen from outside:", BOLD) + "\n"
        yield text.findings_text(drift.findings, len(drift.accepted), page.paint, width)
        yield "\n"
    if drift.plan.changes or drift.plan.held or drift.plan.unread:
        yield plan_text(drift.plan, page, places)
    if drift.stopped:
        yield f"{page.paint(visible(drift.stopped), MAGENTA, BOLD)}, so not everything was looked at\n"


def _files(drift: Drift, paint: Paint) -> Iterator[str]:
    """Give the diffs where they are short, else the names."""
    count = len(drift.files)
    said = f"{count} file{' is' if count == 1 else 's are'} not what the spec says; `sendspec render` writes them"
    yield paint(f"{visible(drift.folder)}: {said}", BOLD) + "\n"
    if sum(diff.count("\n") for _, _, diff in drift.files) <= MOST_DIFF_LINES:
        yield text.differences_text(((path, diff) for path, _, diff in drift.files), paint)
    else:
        for path, change, _ in drift.files[: text.MAX_PATHS]:
            yield f"  {visible(path)} {DIFFERENCES[change]}\n"
        more = count - text.MAX_PATHS
        yield f"{f'  … and {more} more{chr(10)}' if more > 0 else ''}`sendspec render --check` shows the diffs\n"
    yield "\n"


def clean_text(drift: Drift, paint: Paint) -> str:
    """Give the one line for a person who watches that nothing has drifted."""
    seen = f"{drift.passed:,} things seen from outside and {drift.plan.in_place:,} in accounts and zones are as the spec says"
    awaited = "".join(f"awaited: {visible(each.what)}\n" for each in drift.plan.awaited)
    return f"{awaited}{paint(seen, GREEN)}\n"


def drift_part(drift: Drift, places: Places) -> dict[str, object]:
    """Give the JSON-able form."""
    return {
        **json.findings_parts(drift.findings, drift.accepted),
        **json.differences_part(drift.files),
        "passed": drift.passed,
        "plan": plan_part(drift.plan, places),
        "stopped": drift.stopped,
    }


def plan_findings(plan: Plan, places: Places) -> Iterator[Finding]:
    """Give what a plan says as findings, for formats that know nothing else."""
    for change in plan.changes:
        yield _finding(change, places, FIXES.get(change.action, FIX))
    for held in plan.held:
        yield _finding(held.change, places, f"{held.reason}; {held.fix}")
    for unread in alike_unread(plan.unread):
        message = f"{unread.where} could not be looked at: {unread.reason}"
        yield Finding(UNREAD.id, UNREAD.severity, message, fix=unread.fix or UNREAD.instead, source=SOURCE)


FIX = "`sendspec apply` brings it to what the spec says; or put what is there into the spec"
FIXES = {
    Action.DELETE: "`sendspec apply` removes it",
    Action.ADOPT: "`sendspec apply` notes it as sendspec's",
    Action.VERIFY: "`sendspec apply` asks the ESP to look at DNS again; `sendspec check --only dns` tells whether the world sees it",
}


def _finding(change: Change, places: Places, fix: str) -> Finding:
    expected, seen = _compared(change)
    return Finding(
        DIFFERS.id,
        DIFFERS.severity,
        f"{change.subject} {OTHERWISE[change.action].format(place=change.place)}",
        places(change.origin),
        fix=fix,
        source=change.source or SOURCE,
        expected=expected[:MOST_CHARACTERS],
        seen=seen[:MOST_CHARACTERS],
        answered_by=change.place,
        why="; ".join(change.means),
    )


def _compared(change: Change) -> tuple[str, str]:
    """Give what is expected and what was seen, of what differs."""
    if change.action is Action.CREATE or (change.action is Action.DELETE and change.layer == DNS):
        there = [
            _text((state or {}).get("values")) if change.layer == DNS else "" for state in (change.after, change.before)
        ]
        return (there[0], "nothing") if change.action is Action.CREATE else ("nothing", there[1])
    expected = "; ".join(f"{each.path}: {_text(each.after)}" for each in change.differences)
    return expected, "; ".join(f"{each.path}: {_text(each.before)}" for each in change.differences)


def _text(value: object) -> str:
    return ", ".join(short(item) for item in items(value)) or "nothing"
