"""What a rotation would do, and what came of it, for people and programs."""

from collections.abc import Iterator

from sendspec.model.live import Failure
from sendspec.model.rotation import Prospect, Rotated, RotationRun, Todo
from sendspec.report.terminal import BLUE, BOLD, CYAN, GREEN, MAGENTA, RED, YELLOW, Paint, visible

SIGNS = {
    Todo.BEGIN: ("+", GREEN),
    Todo.RESUME: ("~", YELLOW),
    Todo.VERIFY: ("~", YELLOW),
    Todo.DISABLE: ("-", RED),
    Todo.DELETE: ("-", RED),
    Todo.BY_HAND: ("?", CYAN),
    Todo.WAIT: ("…", CYAN),
    Todo.NOTHING: ("=", GREEN),
    Todo.BLOCKED: ("!", MAGENTA),
}


def proposal_text(run: RotationRun, paint: Paint) -> str:
    """Give what is asked about."""
    lines: list[str] = []
    for prospect in run.prospects:
        if prospect.todo is not Todo.NOTHING:
            lines += _prospect(prospect, paint)
    return "".join(f"{line}\n" for line in lines)


def _prospect(prospect: Prospect, paint: Paint) -> Iterator[str]:
    sign, colour = SIGNS[prospect.todo]
    yield f"{paint(sign, colour)} {visible(prospect.said)}"
    yield from (f"    {visible(words)}" for words in prospect.then)
    if prospect.fix:
        yield f"    {paint('fix:', BLUE)} {visible(prospect.fix)}"


def rotated_text(rotated: Rotated, paint: Paint) -> str:
    """Give what came of one key, as soon as it did."""
    lines = [f"{paint(visible(rotated.id), BOLD)}"]
    lines += [f"  {paint('done:', GREEN)} {visible(words)}" for words in rotated.done]
    if rotated.failure is not None:
        colour = MAGENTA if rotated.failure in {Failure.LATER, Failure.UNKNOWN} else RED
        lines.append(f"  {paint(f'{rotated.failure}:', colour)} {visible(rotated.said)}")
        if rotated.fix:
            lines.append(f"  {paint('fix:', BLUE)} {visible(rotated.fix)}")
    lines += [f"  {paint('next:', CYAN)} {visible(words)}" for words in rotated.then]
    return "".join(f"{line}\n" for line in lines)


def rest_text(run: RotationRun, paint: Paint) -> str:
    """Give what is said of accounts, once all else was."""
    lines = [f"{paint('note:', BLUE)} {visible(note)}" for note in run.notes]
    lines += [f"{paint('refused:', RED)} {visible(way_out)}" for _, way_out in run.refused]
    if run.stopped:
        lines.append(f"stopped: {visible(run.stopped)}; run it again, and it goes on")
    return "".join(f"{line}\n" for line in lines)


def run_part(run: RotationRun) -> dict[str, object]:
    """Give the JSON-able form."""
    return {
        "keys": [_prospect_part(each) for each in run.prospects],
        "rotated": [_rotated_part(each) for each in run.rotated],
        "notes": list(run.notes),
        "refused": [{"account": account, "fix": way_out} for account, way_out in run.refused],
        "stopped": run.stopped,
    }


def _prospect_part(prospect: Prospect) -> dict[str, object]:
    return {
        "id": prospect.id,
        "account": prospect.account,
        "todo": str(prospect.todo),
        "said": prospect.said,
        "means": list(prospect.then),
        "fix": prospect.fix,
        "age_seconds": prospect.age_seconds,
        "rotate_every_seconds": prospect.rotate_every_seconds,
    }


def _rotated_part(rotated: Rotated) -> dict[str, object]:
    return {
        "id": rotated.id,
        "account": rotated.account,
        "done": list(rotated.done),
        "failure": str(rotated.failure) if rotated.failure else None,
        "said": rotated.said,
        "fix": rotated.fix,
        "next": list(rotated.then),
        "until": rotated.until.isoformat() if rotated.until else None,
    }
