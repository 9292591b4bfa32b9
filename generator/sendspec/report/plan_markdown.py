"""A plan for a pull request: what stops mail first, then what changes, and what that means for which stream."""

from collections.abc import Iterable, Iterator, Sequence

from sendspec.markdown import escape_code, escape_prose, escape_text
from sendspec.model.plan import DNS, Action, Change, Plan, PropertyChange
from sendspec.report.plan import HOLDS, SIGNS, STAGES, by_hold, by_stage, items, short, summary
from sendspec.report.terminal import Paint

MAX_CHARACTERS = 60_000
"""GitHub refuses a comment of more than 65,536."""


def plan_markdown(plan: Plan, command: str = "plan") -> str:
    """Give a plan for a pull request: what stops mail first, then what changes and what it means."""
    sections = [f"## sendspec {command}: {escape_text(summary(plan, Paint(is_on=False)))}\n"]
    stopping = list(plan.stopping())
    if stopping:
        lines = [f"- **{escape_text(change.subject)}** stops mail of {_codes(change.stops)}" for change in stopping]
        sections.append("> [!CAUTION]\n" + "".join(f"> {line}\n" for line in lines))
    for stage, changes in by_stage(plan).items():
        sections.append(_table(STAGES[stage], ((change, change.means) for change in changes)))
    for hold, found in by_hold(plan).items():
        rows = ((held.change, (*held.change.means, held.reason, held.fix)) for held in found)
        sections.append(_table(HOLDS[hold], rows))
    if plan.awaited:
        awaited = "".join(f"- {escape_prose(each.what)}; then {escape_prose(each.then)}\n" for each in plan.awaited)
        sections.append(_folded(f"Awaited: {len(plan.awaited)}", awaited))
    if plan.unread:
        unread = "".join(
            f"- {escape_code(each.where)}: {escape_prose(each.reason)}. {escape_prose(each.fix)}\n"
            for each in plan.unread
        )
        sections.append(f"### Could not be looked at\n\n{unread}")
    if plan.notes:
        sections.append("".join(f"- {escape_prose(note)}\n" for note in plan.notes))
    return _fitting(sections)


def _table(title: str, rows: Iterable[tuple[Change, Sequence[str]]]) -> str:
    lines = [
        f"### {escape_text(title[0].upper() + title[1:])}\n\n| change | what | what it means |\n| --- | --- | --- |\n"
    ]
    for change, means in rows:
        what = f"{escape_code(change.subject)}<br>{escape_text(change.place)}"
        details = "<br>".join(_details(change))
        words = "<br>".join(escape_prose(each) for each in means if each)
        sign = SIGNS[change.action][0]
        lines.append(
            f"| {escape_text(f'{sign} {change.action}')} | {what}{'<br>' if details else ''}{details} | {words} |\n"
        )
    return "".join(lines)


def _details(change: Change) -> Iterator[str]:
    """Give what is otherwise; of a set of records that comes or goes, its values."""
    if change.action not in {Action.CREATE, Action.DELETE}:
        yield from (_difference_markdown(each) for each in change.differences)
    elif change.layer == DNS:
        values = items((change.after or change.before or {}).get("values"))
        yield from (escape_code(short(value)) for value in values)


def _difference_markdown(each: PropertyChange) -> str:
    before, after = each.before, each.after
    if isinstance(before, (list, tuple)) or isinstance(after, (list, tuple)):
        old, new = items(before), items(after)
        gone = [f"− {escape_code(short(item))}" for item in old if item not in new]
        come = [f"+ {escape_code(short(item))}" for item in new if item not in old]
        return "<br>".join([f"{escape_text(each.path)}:", *gone, *come])
    return f"{escape_text(each.path)}: {escape_code(short(before))} → {escape_code(short(after))}"


def _codes(names: Sequence[str]) -> str:
    return ", ".join(escape_code(name) for name in names)


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n"


def _fitting(sections: Sequence[str]) -> str:
    """Keep whole sections, and lines of the first that is too long; say that something is missing."""
    text, room = "", MAX_CHARACTERS
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
        return text + "\nThe rest found no room here; `sendspec plan` shows it.\n"
    return text
