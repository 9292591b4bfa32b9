"""What a pull brought, for people, pull requests and programs."""

from collections.abc import Iterator

from sendspec.markdown import escape_code, escape_prose
from sendspec.pull.result import Pulled, PullRun, Turn
from sendspec.report.terminal import BLUE, CYAN, GREEN, MAGENTA, RED, YELLOW, Paint, visible

SIGNS = {
    Turn.NEW: ("+", GREEN),
    Turn.CHANGED: ("~", YELLOW),
    Turn.READ_AGAIN: ("=", CYAN),
    Turn.DROPPED: ("-", RED),
}


def pull_text(run: PullRun, file: str, paint: Paint) -> str:
    """Give what changed, what could not be read, and a summary."""
    return "".join(f"{line}\n" for line in _lines(run, file, paint))


def _lines(run: PullRun, file: str, paint: Paint) -> Iterator[str]:
    found = run.found
    for change in found.changes:
        if change.turn is not Turn.READ_AGAIN:
            yield from _change(change, paint)
    for trouble in found.troubles:
        yield f"{paint('!', RED)} {visible(trouble)}"
    for unread in found.unread:
        yield f"{paint('?', MAGENTA)} {visible(unread.where)}: {visible(unread.reason)}; the lock file keeps what it had"
        if unread.fix:
            yield f"    {paint('fix:', BLUE)} {visible(unread.fix)}"
    for note in found.notes:
        yield f"{paint('note:', BLUE)} {visible(note)}"
    yield f"{visible(file)}: {_summary(run)}"


def _change(change: Pulled, paint: Paint) -> Iterator[str]:
    sign, colour = SIGNS[change.turn]
    yield f"{paint(sign, colour)} {visible(change.key)}: {change.turn}"
    yield from (f"    {visible(words)}" for words in change.words)


def _summary(run: PullRun) -> str:
    found = run.found
    counts = {turn: sum(change.turn is turn for change in found.changes) for turn in Turn}
    said = [f"{count} {turn}" for turn, count in counts.items() if count] or ["nothing new"]
    said.append(f"{found.in_place} as they were")
    if found.unread:
        said.append(f"{len(found.unread)} could not be read")
    if run.stopped:
        said.append(f"{run.stopped}, so not everything was read")
    return ", ".join(said)


def pull_markdown(run: PullRun, file: str) -> str:
    """Give a comment for the pull request that updates the lock file."""
    found = run.found
    lines = [f"## sendspec pull: {escape_prose(_summary(run))}\n"]
    for change in found.changes:
        if change.turn is not Turn.READ_AGAIN:
            words = " ".join(escape_prose(each) for each in change.words)
            lines.append(f"- {escape_code(change.key)} {change.turn}. {words}")
    lines += [f"- {escape_prose(trouble)}" for trouble in found.troubles]
    lines += [f"- {escape_code(each.where)} could not be read: {escape_prose(each.reason)}" for each in found.unread]
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
