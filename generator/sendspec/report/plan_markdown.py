"""A plan for a pull request: what stops mail first, then what changes, and what that means for which stream."""

from collections.abc import Iterator, Sequence

from sendspec.markdown import escape_code, escape_text
from sendspec.model.plan import DNS, Action, Change, Plan, PropertyChange
from sendspec.report.markdown import MAX_CHARACTERS, quiet_prose
from sendspec.report.plan import (
    HOLDS,
    SIGNS,
    STAGES,
    Places,
    alike_held,
    alike_unread,
    by_hold,
    by_stage,
    items,
    short,
    split_alike,
    summary,
)
from sendspec.report.terminal import Paint

END_OF_FOLD = "</details>\n"
NO_ROOM = "\nThe rest found no room here; `sendspec {command}` shows it.\n"
ROOM_FOR_ENDS = 200


def plan_markdown(plan: Plan, places: Places) -> str:
    """Give a plan for a pull request: what stops mail first, then what changes and what it means."""
    said = summary(plan, Paint(is_on=False))
    return fitting([f"## sendspec plan: {escape_text(said)}\n", *plan_sections(plan, places, Plan())])


def plan_sections(plan: Plan, places: Places, told: Plan) -> Iterator[str]:
    """Give a plan in parts, what matters most first. What the reader was `told` already is left out."""
    stopping = [change for change in plan.stopping() if change not in told.changes]
    if stopping:
        lines = [f"- **{_code(change.subject)}** stops mail of {_codes(change.stops)}" for change in stopping]
        yield "> [!CAUTION]\n" + "".join(f"> {line}\n" for line in lines)
    if plan.unread:
        unread = "".join(
            f"- {_code(each.where)}: {quiet_prose(each.reason)}{f'<br>fix: {quiet_prose(each.fix)}' if each.fix else ''}\n"
            for each in alike_unread(plan.unread)
        )
        yield f"### Could not be looked at\n\n{unread}"
    for stage, changes in by_stage(plan).items():
        yield _table(STAGES[stage], changes, places)
    for hold, found in by_hold(plan).items():
        fresh = [held for held in found if held not in told.held]
        for number, group in enumerate(alike_held(fresh)):
            table = _table("" if number else HOLDS[hold], [held.change for held in group], places)
            yield f"{table}\n{quiet_prose(group[0].reason)}\n\nfix: {quiet_prose(group[0].fix)}\n"
    if plan.awaited:
        awaited = "".join(f"- {quiet_prose(each.what)}; then {quiet_prose(each.then)}\n" for each in plan.awaited)
        yield f"<details><summary>Awaited: {len(plan.awaited)}</summary>\n\n{awaited}\n{END_OF_FOLD}"
    notes = [note for note in plan.notes if note not in told.notes]
    if notes:
        yield "".join(f"- {quiet_prose(note)}\n" for note in notes)


def _table(title: str, changes: Sequence[Change], places: Places) -> str:
    shown, more = split_alike(changes)
    heading = f"### {escape_text(title[0].upper() + title[1:])}\n\n" if title else ""
    head = f"{heading}| change | what | what it means |\n| --- | --- | --- |\n"
    rest = "".join(
        f"| … | and {count:,} more like these: {escape_text(action)} {escape_text(kind)} at {_code(place)} | |\n"
        for (action, kind, place), count in more.items()
    )
    return head + "".join(_row(change, places) for change in shown) + rest


def _row(change: Change, places: Places) -> str:
    where = f"{quiet_prose(change.place)}, {_code(places(change.origin).to_text())}"
    what = "<br>".join((_code(change.subject), where, *_details(change)))
    words = "<br>".join(quiet_prose(each) for each in change.means if each)
    return f"| {escape_text(f'{SIGNS[change.action][0]} {change.action}')} | {what} | {words} |\n"


def _details(change: Change) -> Iterator[str]:
    """Give what is otherwise; of a set of records that comes or goes, its values."""
    if change.action not in {Action.CREATE, Action.DELETE}:
        yield from (_difference_markdown(each) for each in change.differences)
    elif change.layer == DNS:
        values = items((change.after or change.before or {}).get("values"))
        yield from (_code(short(value)) for value in values)


def _difference_markdown(each: PropertyChange) -> str:
    before, after = each.before, each.after
    if isinstance(before, (list, tuple)) or isinstance(after, (list, tuple)):
        old, new = items(before), items(after)
        gone = [f"− {_code(short(item))}" for item in old if item not in new]
        come = [f"+ {_code(short(item))}" for item in new if item not in old]
        return "<br>".join([f"{quiet_prose(each.path)}:", *gone, *come])
    return f"{quiet_prose(each.path)}: {_code(short(before))} → {_code(short(after))}"


def _code(text: str) -> str:
    """Give a value as code; one that is empty is `""`, for a code span cannot be."""
    return escape_code(text or '""')


def _codes(names: Sequence[str]) -> str:
    return ", ".join(_code(name) for name in names)


def fitting(sections: Sequence[str], command: str = "plan") -> str:
    """Keep whole sections, and lines of the first that is too long; say that something is missing."""
    text, room = "", MAX_CHARACTERS - ROOM_FOR_ENDS
    for section in sections:
        if len(section) < room:
            text += section + "\n"
            room -= len(section) + 1
            continue
        for line in section.splitlines(keepends=True):
            if len(line) >= room:
                break
            text += line
            room -= len(line)
        if text.count("<details>") > text.count("</details>"):
            text += f"\n{END_OF_FOLD}"
        return text + NO_ROOM.format(command=command)
    return text
