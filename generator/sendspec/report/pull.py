"""What a pull brought, for people, pull requests and programs."""

from collections.abc import Iterator

from sendspec.markdown import escape_code
from sendspec.pull.result import Pulled, PullRun, Turn
from sendspec.report.markdown import quiet_prose
from sendspec.report.page import Page
from sendspec.report.plan import alike_unread
from sendspec.report.terminal import CYAN, GREEN, MAGENTA, RED, YELLOW, visible

SIGNS = {
    Turn.NEW: ("+", GREEN),
    Turn.CHANGED: ("~", YELLOW),
    Turn.READ_AGAIN: ("=", CYAN),
    Turn.DROPPED: ("-", RED),
}


NEXT = "`sendspec render` writes what follows from it; commit both"


def pull_text(run: PullRun, file: str, page: Page) -> str:
    """Give what changed, what could not be read, and a summary."""
    return "".join(f"{line}\n" for line in _lines(run, file, page))


def _lines(run: PullRun, file: str, page: Page) -> Iterator[str]:
    found = run.found
    for change in found.changes:
        if change.turn is not Turn.READ_AGAIN:
            yield from _change(change, page)
    for trouble in found.troubles:
        yield from page.prose("", trouble, label="!", colour=RED)
    for unread in alike_unread(found.unread):
        yield from page.prose("", f"{unread.where}: {unread.reason}", label="?", colour=MAGENTA)
        if unread.fix:
            yield from page.prose("    ", unread.fix, label="fix:")
    for note in found.notes:
        yield from page.prose("", note, label="note:")
    yield f"{visible(file)}: {_summary(run)}"
    if any(change.turn is not Turn.READ_AGAIN for change in found.changes):
        yield NEXT


def _change(change: Pulled, page: Page) -> Iterator[str]:
    sign, colour = SIGNS[change.turn]
    yield f"{page.paint(sign, colour)} {visible(change.key)}: {change.turn}"
    for words in change.words:
        yield from page.prose("    ", words)


def _summary(run: PullRun) -> str:
    found = run.found
    counts = {turn: sum(change.turn is turn for change in found.changes) for turn in Turn}
    said = [f"{count} {turn}" for turn, count in counts.items() if count] or ["nothing new"]
    said.append(f"{found.in_place} as before")
    if found.troubles:
        said.append(f"{len(found.troubles)} not as {'it' if len(found.troubles) == 1 else 'they'} should be")
    if found.unread:
        said.append(f"{len(alike_unread(found.unread))} could not be read and kept what the file had")
    if run.stopped:
        said.append(f"{run.stopped}, so not everything was read")
    return ", ".join(said)


def pull_markdown(run: PullRun, file: str) -> str:
    """Give a comment for the pull request that updates the lock file."""
    found = run.found
    lines = [f"## sendspec pull: {quiet_prose(_summary(run))}\n"]
    for change in found.changes:
        if change.turn is not Turn.READ_AGAIN:
            words = " ".join(quiet_prose(each) for each in change.words)
            lines.append(f"- {escape_code(change.key)} {change.turn}. {words}")
    lines += [f"- **!** {quiet_prose(trouble)}" for trouble in found.troubles]
    for each in alike_unread(found.unread):
        cure = f"<br>fix: {quiet_prose(each.fix)}" if each.fix else ""
        lines.append(f"- {escape_code(each.where)} could not be read: {quiet_prose(each.reason)}{cure}")
    lines += [f"- note: {quiet_prose(note)}" for note in found.notes]
    return "\n".join([*lines, f"\n{escape_code(file)} holds the result.\n"])


def pull_part(run: PullRun) -> dict[str, object]:
    """Give the JSON-able form."""
    found = run.found
    return {
        "changes": [
            {
                "key": change.key,
                "turn": str(change.turn),
                "before": change.before,
                "after": change.after,
                "words": list(change.words),
                "streams": list(change.streams),
            }
            for change in found.changes
        ],
        "troubles": list(found.troubles),
        "unread": [{"where": each.where, "reason": each.reason, "fix": each.fix} for each in found.unread],
        "notes": list(found.notes),
        "in_place": found.in_place,
        "stopped": run.stopped,
    }
