"""What came of carrying out a plan, for people, pull requests and programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendspec.markdown import escape_code, escape_text
from sendspec.model.live import Failure, Outcome
from sendspec.model.plan import Action, Change, Plan
from sendspec.report.markdown import quiet_prose
from sendspec.report.page import Page
from sendspec.report.plan import SIGNS, Places, plan_part, plan_text, summary
from sendspec.report.plan_markdown import fitting, plan_sections
from sendspec.report.terminal import BLUE, BOLD, GREEN, MAGENTA, RED, Paint, visible

OPEN = frozenset({Failure.UNKNOWN, Failure.LATER})
"""It may have been done, or will be: no fault of what was asked for."""
LISTED = 10


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of `apply` came to.

    Attributes:
        outcomes: What was tried, in the order in which it was.
        after: What is left; None where the run did not get so far.
        stopped: Why it ended early, else empty.
        unseen: What would have to be done and nobody has agreed to.
        stopping: What stops mail of streams that --allow-outage does not name.
        lock: The lock file, as a reader knows it.
    """

    before: Plan
    outcomes: Sequence[tuple[Change, Outcome]]
    after: Plan | None
    stopped: str
    unseen: Sequence[Change]
    stopping: Sequence[Change]
    lock: str

    @property
    def made(self) -> int:
        """Count what was done."""
        return sum(outcome.failure is None for _, outcome in self.outcomes)

    @property
    def is_noted(self) -> bool:
        """Tell whether something was done that the lock file keeps."""
        return any(each.failure is None and change.action is not Action.VERIFY for change, each in self.outcomes)

    @property
    def left(self) -> Plan:
        """Give what is to be done now."""
        return self.before if self.after is None else self.after

    def refusals(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Give why it was refused or stopped, with lines about it, the cure last; nothing where it was not."""
        if self.unseen:
            what = "stopped: the world moved meanwhile" if self.outcomes else _STALE
            lines = [f"{change.action} {change.subject} ({change.place})" for change in self.unseen]
            yield (
                f"{what}; nobody has agreed to this yet",
                (*_first(lines), "make a new plan with `sendspec plan`, and look at it"),
            )
        if self.stopping:
            streams = sorted({stream for change in self.stopping for stream in change.stops})
            lines = [
                f"{change.action} {change.subject} ({change.place}): {change.means[0]}" for change in self.stopping
            ]
            options = " ".join(f"--allow-outage {stream}" for stream in streams)
            stops = f"it stops mail of {', '.join(streams)}"
            yield f"refused: {stops}", (*_first(lines), f"if that is what you want: {options}")


_STALE = "nothing was changed: the world moved since the plan was made"


def _first(lines: Sequence[str]) -> Sequence[str]:
    more = [f"and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return [*lines[:LISTED], *more]


def applied_text(result: Result, page: Page, places: Places) -> str:
    """Give what is left, and what came of the run. Each change has been told as it was done, refusals are on stderr."""
    if not result.before.changes:
        return plan_text(result.before, page, places)
    if not result.outcomes and not result.stopped:
        return ""
    paint = page.paint
    done = f"{_outcome_summary(result, paint)}; what is left:"
    text = f"\n{done}\n\n{plan_text(result.left, page, places, told=result.before)}"
    if result.stopped:
        text += f"{paint(f'{visible(result.stopped)} before all was done', MAGENTA, BOLD)}: the next run goes on from here\n"
    if result.is_noted:
        text += f"{_what_follows(visible(result.lock))}\n"
    return text


def _what_follows(lock: str) -> str:
    return f"{lock} notes what is sendspec's and what was issued: commit it, with what `sendspec render` makes of it"


def _outcome_summary(result: Result, paint: Paint) -> str:
    failures = Counter(outcome.failure for _, outcome in result.outcomes if outcome.failure is not None)
    parts = [paint(f"{result.made} done", GREEN)]
    parts += [
        paint(f"{count} failed ({failure})", MAGENTA if failure in OPEN else RED)
        for failure, count in sorted(failures.items())
    ]
    return ", ".join(parts)


def done_text(change: Change, outcome: Outcome, page: Page) -> str:
    """Give a line for a change as it is done, or not."""
    paint = page.paint
    sign, colour = SIGNS[change.action]
    head = f"{paint(sign, colour)} {change.action} {visible(change.subject)} ({visible(change.place)})"
    if outcome.failure is None:
        lines = [f"{head}: {paint('done', GREEN)}"]
    else:
        said = f": {visible(outcome.said)}" if outcome.said else ""
        lines = [f"{head}: {paint(str(outcome.failure), MAGENTA if outcome.failure in OPEN else RED)}{said}"]
        if outcome.fix:
            lines += page.prose("      ", outcome.fix, label="fix:", colour=BLUE)
    for note in outcome.notes:
        lines += page.prose("      ", note)
    return "".join(f"{line}\n" for line in lines)


def applied_part(result: Result, places: Places) -> dict[str, object]:
    """Give the JSON-able form; `error` is there only where something was refused."""
    refusals = list(result.refusals())
    error = {"message": "; ".join(each for each, _ in refusals), "hint": "\n".join(x for _, y in refusals for x in y)}
    return {
        "plan": plan_part(result.before, places),
        "done": [_outcome_part(change, outcome) for change, outcome in result.outcomes],
        "left": plan_part(result.left, places),
        "stopped": result.stopped,
        "refused": {
            "unseen": [change.key for change in result.unseen],
            "stops": sorted({stream for change in result.stopping for stream in change.stops}),
        },
        **({"error": error} if refusals else {}),
    }


def _outcome_part(change: Change, outcome: Outcome) -> dict[str, object]:
    return {
        "key": change.key,
        "action": str(change.action),
        "done": outcome.failure is None,
        "failure": "" if outcome.failure is None else outcome.failure.name.lower(),
        "said": outcome.said,
        "fix": outcome.fix,
        "notes": list(outcome.notes),
    }


def applied_markdown(result: Result, places: Places) -> str:
    """Give what came of a run for the pull request that keeps its lock file: what was refused or failed first."""
    plain = Paint(is_on=False)
    done = _outcome_summary(result, plain) if result.outcomes else "nothing was changed"
    sections = [f"## sendspec apply: {escape_text(f'{done}; {summary(result.left, plain)}')}\n"]
    for what, lines in result.refusals():
        sections.append(
            f"> [!CAUTION]\n> **{quiet_prose(what)}**\n" + "".join(f"> - {quiet_prose(x)}\n" for x in lines)
        )
    if result.stopped:
        sections.append(f"{quiet_prose(result.stopped)} before all was done: the next run goes on from here.\n")
    failed = [each for each in result.outcomes if each[1].failure is not None]
    if failed:
        sections.append(f"### Failed\n\n{''.join(_outcome_markdown(*each) for each in failed)}")
    made = [each for each in result.outcomes if each[1].failure is None]
    if made:
        body = "".join(_outcome_markdown(*each) for each in made)
        sections.append(f"<details><summary>Done: {len(made)}</summary>\n\n{body}\n</details>\n")
    if result.is_noted:
        sections.append(f"{quiet_prose(_what_follows(f'`{result.lock}`'))}.\n")
    if result.before.changes:
        told = result.before if result.outcomes else Plan()
        rest = list(plan_sections(result.left, places, told))
        if rest:
            sections += ["### What is left\n", *rest]
    return fitting(sections)


def _outcome_markdown(change: Change, outcome: Outcome) -> str:
    said: Mapping[str, str] = {"": outcome.said, "fix: ": outcome.fix}
    failure = "" if outcome.failure is None else f": {outcome.failure}"
    words = "".join(f"<br>{label}{quiet_prose(text)}" for label, text in said.items() if text and failure)
    notes = "".join(f"<br>{quiet_prose(note)}" for note in outcome.notes)
    what = f"{escape_text(f'{SIGNS[change.action][0]} {change.action}')} {escape_code(change.subject)}"
    return f"- {what} at {escape_code(change.place)}{failure}{words}{notes}\n"
