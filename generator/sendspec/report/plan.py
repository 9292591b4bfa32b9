"""A plan and what came of it, for people, pull requests and programs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sendspec.model.live import Failure, Outcome
from sendspec.model.plan import DNS, Action, Awaited, Change, Held, Hold, Plan, PropertyChange, Stage
from sendspec.report.terminal import BLUE, BOLD, CYAN, GREEN, MAGENTA, RED, YELLOW, Paint, visible

SIGNS = {
    Action.CREATE: ("+", GREEN),
    Action.UPDATE: ("~", YELLOW),
    Action.REPLACE: ("±", RED),
    Action.DELETE: ("-", RED),
    Action.ADOPT: ("=", CYAN),
    Action.VERIFY: ("?", CYAN),
}
STAGES = {
    Stage.ISSUE: "at the ESPs, before DNS",
    Stage.DNS: "in DNS",
    Stage.VERIFY: "ask the ESPs to look at DNS",
    Stage.RETURN_PATH: "what an ESP takes once it sees DNS",
    Stage.EVENTS: "events, keys and policies",
    Stage.REMOVE: "what nothing needs any more",
}
HOLDS = {
    Hold.FOREIGN: "not sendspec's, and left alone",
    Hold.REPORTED: "for somebody else to do",
    Hold.BY_HAND: "by hand",
    Hold.INPUT: "waits for what only you can give",
    Hold.CONFLICT: "in the way",
}
LONGEST = 200
"""Characters of a value in a line; the JSON plan has all of it."""


def plan_text(plan: Plan, paint: Paint) -> str:
    """Give a plan for a terminal, the summary last."""
    return "".join(f"{line}\n" for line in _lines(plan, paint))


def _lines(plan: Plan, paint: Paint) -> Iterator[str]:
    for stage, changes in by_stage(plan).items():
        yield paint(f"{STAGES[stage]}:", BOLD)
        for change in changes:
            yield from _change(change, paint)
        yield ""
    for hold, found in by_hold(plan).items():
        yield paint(f"{HOLDS[hold]}:", BOLD)
        for held in found:
            yield from _held(held, paint)
        yield ""
    yield from _rest(plan, paint)
    yield summary(plan, paint)


def by_stage(plan: Plan) -> Mapping[Stage, Sequence[Change]]:
    """Give the changes by stage, in the order of work."""
    found: dict[Stage, list[Change]] = {}
    for change in plan.changes:
        found.setdefault(change.stage, []).append(change)
    return found


def by_hold(plan: Plan) -> Mapping[Hold, Sequence[Held]]:
    """Give what is held by why."""
    found: dict[Hold, list[Held]] = {}
    for held in plan.held:
        found.setdefault(held.hold, []).append(held)
    return found


def _held(held: Held, paint: Paint) -> Iterator[str]:
    yield from _change(held.change, paint)
    yield f"      {paint('held:', BLUE)} {visible(held.reason)}"
    yield f"      {paint('fix:', BLUE)} {visible(held.fix)}"


def _rest(plan: Plan, paint: Paint) -> Iterator[str]:
    if plan.awaited:
        yield paint("awaited, and nothing waits for it:", BOLD)
        for awaited in plan.awaited:
            yield f"  {paint('…', CYAN)} {visible(awaited.what)}; then {visible(awaited.then)}"
        yield ""
    if plan.unread:
        yield paint("could not be looked at:", MAGENTA, BOLD)
        for unread in plan.unread:
            yield f"  {paint('!', MAGENTA)} {visible(unread.where)}: {visible(unread.reason)}"
            if unread.fix:
                yield f"      {paint('fix:', BLUE)} {visible(unread.fix)}"
        yield ""
    for note in plan.notes:
        yield f"{paint('note:', BLUE)} {visible(note)}"


def _change(change: Change, paint: Paint) -> Iterator[str]:
    sign, colour = SIGNS[change.action]
    yield f"  {paint(f'{sign} {change.action}', colour)} {paint(visible(change.subject), BOLD)} {paint(f'({visible(change.place)})', BLUE)}"
    if change.action not in {Action.CREATE, Action.DELETE}:
        for each in change.differences:
            yield from (f"      {line}" for line in _difference(each, paint))
    elif change.layer == DNS:
        values = items((change.after or change.before or {}).get("values"))
        yield from (f"      {paint(sign, colour)} {visible(short(value))}" for value in values)
    yield from (f"      {visible(words)}" for words in change.means)
    if change.stops:
        options = " ".join(f"--allow-outage {stream}" for stream in change.stops)
        streams = ", ".join(change.stops)
        yield f"      {paint(f'stops mail of {visible(streams)}', RED, BOLD)}: {visible(options)}"


def _difference(each: PropertyChange, paint: Paint) -> Iterator[str]:
    before, after = each.before, each.after
    if isinstance(before, (list, tuple)) or isinstance(after, (list, tuple)):
        old, new = items(before), items(after)
        yield f"{visible(each.path)}:"
        yield from (f"  {paint('-', RED)} {visible(short(item))}" for item in old if item not in new)
        yield from (f"  {paint('+', GREEN)} {visible(short(item))}" for item in new if item not in old)
        kept = sum(item in new for item in old)
        if kept:
            yield f"  {kept} more stay{'s' if kept == 1 else ''}"
        return
    yield f"{visible(each.path)}: {visible(short(before))} {paint('->', BLUE)} {visible(short(after))}"


def items(value: object) -> list[object]:
    """Give a value as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


def short(value: object) -> str:
    """Give a value for a line."""
    text = "nothing" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def summary(plan: Plan, paint: Paint) -> str:
    """Give the last line: `2 to create, 1 to update; 3 held; 40 as the spec says`."""
    counts = Counter(change.action for change in plan.changes)
    parts = [paint(f"{counts[action]} to {action}", SIGNS[action][1]) for action in Action if counts[action]]
    said = [", ".join(parts)] if parts else []
    if plan.held:
        said.append(
            f"{len(plan.held)} differ{'s' if len(plan.held) == 1 else ''} and {'is' if len(plan.held) == 1 else 'are'} left alone"
        )
    if plan.awaited:
        said.append(f"{len(plan.awaited)} awaited")
    if plan.unread:
        said.append(paint(f"{len(plan.unread)} could not be looked at", MAGENTA))
    if not said:
        said.append(paint("nothing to do", GREEN))
    return "; ".join([*said, f"{plan.in_place:,} as the spec says"])


def plan_part(plan: Plan) -> dict[str, object]:
    """Give the JSON-able form: what is decided on, without what only `apply` needs."""
    return {
        "changes": [_change_part(change) for change in plan.changes],
        "held": [
            {"hold": str(held.hold), "reason": held.reason, "fix": held.fix, "change": _change_part(held.change)}
            for held in plan.held
        ],
        "awaited": [_awaited_part(awaited) for awaited in plan.awaited],
        "unread": [{"where": unread.where, "reason": unread.reason, "fix": unread.fix} for unread in plan.unread],
        "notes": list(plan.notes),
        "in_place": plan.in_place,
        "is_clean": plan.is_clean,
    }


def _change_part(change: Change) -> dict[str, object]:
    return {
        "key": change.key,
        "place": change.place,
        "subject": change.subject,
        "action": str(change.action),
        "stage": str(change.stage),
        "spec": change.origin.to_text(),
        "streams": list(change.streams),
        "means": list(change.means),
        "stops": list(change.stops),
        "differences": [{"path": each.path, "before": each.before, "after": each.after} for each in change.differences],
        "source": change.source,
    }


def _awaited_part(awaited: Awaited) -> dict[str, object]:
    return {"key": awaited.key, "what": awaited.what, "then": awaited.then, "brought_by": list(awaited.brought_by)}


# What came of it


def done_text(change: Change, outcome: Outcome, paint: Paint) -> str:
    """Give a line for a change as it is done, or not."""
    sign, colour = SIGNS[change.action]
    head = f"{paint(sign, colour)} {change.action} {visible(change.subject)} ({visible(change.place)})"
    if outcome.failure is None:
        lines = [f"{head}: {paint('done', GREEN)}"]
    else:
        said = f": {visible(outcome.said)}" if outcome.said else ""
        colour = MAGENTA if outcome.failure in {Failure.UNKNOWN, Failure.LATER} else RED
        lines = [f"{head}: {paint(str(outcome.failure), colour)}{said}"]
        if outcome.fix:
            lines.append(f"      {paint('fix:', BLUE)} {visible(outcome.fix)}")
    lines += [f"      {visible(note)}" for note in outcome.notes]
    return "".join(f"{line}\n" for line in lines)


def outcome_part(change: Change, outcome: Outcome) -> dict[str, object]:
    """Give the JSON-able form."""
    failure: Mapping[str, object] = (
        {} if outcome.failure is None else {"failure": str(outcome.failure), "said": outcome.said}
    )
    return {
        "key": change.key,
        "action": str(change.action),
        "done": outcome.failure is None,
        **failure,
        "fix": outcome.fix,
        "notes": list(outcome.notes),
    }
