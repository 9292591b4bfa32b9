"""Faults of a rehearsal for people and for programs: which finding names each, and what became of a message meanwhile."""

from collections.abc import Iterator, Sequence

from sendspec.model.rehearsal import FaultRun
from sendspec.model.smoke import Attempt, End, SmokeRun
from sendspec.report.json import finding_part
from sendspec.report.terminal import BLUE, BOLD, CYAN, GREEN, RED, Paint, visible
from sendspec.report.text import COLOURS


def fault_text(run: FaultRun, paint: Paint) -> str:
    """Give one fault: a line with its verdict, and what is behind it."""
    return "".join(f"{line}\n" for line in _fault(run, paint))


def _fault(run: FaultRun, paint: Paint) -> Iterator[str]:
    named = run.named_by
    if not run.applies:
        yield f"{paint(run.id, BOLD)}: {paint('does not apply', CYAN)}: the spec has nothing that it could happen to"
        return
    yield f"{paint(run.id, BOLD)}: {visible(run.title)}"
    if named is None:
        found = ", ".join(sorted({finding.rule for finding in run.findings})) or "nothing"
        yield f"  {paint('not named', RED, BOLD)}: {run.expects} was expected, {found} was found"
    else:
        label = paint(f"{named.severity}[{named.rule}]", COLOURS[named.severity], BOLD)
        yield f"  {label} {visible(named.message)}"
        for said, text in named.comparison():
            yield f"  {paint(f'{said}:', BLUE)} {visible(text.partition(chr(10))[0])}"
    if run.smoke is not None:
        yield f"  {paint('a message meanwhile:', BLUE)} {visible(failover(run.smoke))}"


def failover(run: SmokeRun) -> str:
    """Say what became of a message: who took it, who did not, and why it went no further."""
    told = [_attempt(attempt) for attempt in run.attempts]
    last = run.attempts[-1] if run.attempts else None
    if last is not None and last.verdict is not None and not last.verdict.blame.fails_over:
        told.append(f"not sent again ({last.verdict.blame.meaning.partition(': ')[0]})")
    elif last is not None and last.end is End.FAILED:
        told.append("no other route")
    return f"{run.plan.stream.id}: {'; '.join(told)}"


def _attempt(attempt: Attempt) -> str:
    role = attempt.plan.route.id.partition(".")[2]
    place = f"{role} ({attempt.plan.route.via} at {attempt.plan.account.id})"
    if attempt.end is End.GOOD:
        return f"{place} took it in {attempt.seconds:.2f} s"
    return f"{place} failed after {attempt.seconds:.2f} s: {attempt.failed}"


def summary_text(runs: Sequence[FaultRun], seconds: float, untried: int, paint: Paint) -> str:
    """Give the last line: how many faults were named by their own finding, and how many an interruption left."""
    applied = [run for run in runs if run.applies]
    named = sum(run.named_by is not None for run in applied)
    said = f"{named} of {len(applied)} faults named by their own finding"
    if not untried or named < len(applied):
        said = paint(said, GREEN if named == len(applied) else RED, BOLD)
    other = len(runs) - len(applied)
    skipped = f"; {other} cannot happen to this spec" if other else ""
    early = f"; interrupted, so {untried} more {'were' if untried > 1 else 'was'} not tried" if untried else ""
    return f"{said}{skipped}; {seconds:.1f} s{early}\n"


def fault_part(run: FaultRun) -> dict[str, object]:
    """Give the JSON-able form."""
    return {
        "id": run.id,
        "title": run.title,
        "expects": run.expects,
        "applies": run.applies,
        "named": run.named_by is not None,
        "findings": [finding_part(finding) for finding in run.findings],
        "message": None if run.smoke is None else _message_part(run.smoke),
    }


def _message_part(run: SmokeRun) -> dict[str, object]:
    accepted = run.accepted
    return {
        "stream": run.plan.stream.id,
        "taken_by": accepted.plan.route.id if accepted else None,
        "attempts": [
            {
                "route": attempt.plan.route.id,
                "taken": attempt.end is End.GOOD,
                "failed": attempt.failed,
                "blame": str(attempt.verdict.blame) if attempt.verdict else None,
                "rule": attempt.verdict.rule if attempt.verdict else "",
                "may_duplicate": attempt.verdict.may_duplicate if attempt.verdict else False,
                "seconds": round(attempt.seconds, 3),
            }
            for attempt in run.attempts
        ],
    }
