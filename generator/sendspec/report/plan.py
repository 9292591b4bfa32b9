"""A plan for people and for programs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sendspec.model.finding import SourceSpan
from sendspec.model.live import Unread
from sendspec.model.origin import Origin
from sendspec.model.plan import DNS, Action, Awaited, Change, Held, Hold, Plan, PropertyChange, Stage
from sendspec.report.json import place_part
from sendspec.report.page import Page
from sendspec.report.terminal import BLUE, BOLD, CYAN, GREEN, MAGENTA, RED, YELLOW, Paint, visible

Places = Callable[[Origin], SourceSpan]

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
MOST_ALIKE = 20
"""As many changes of one kind at one place are listed; the others are counted. What goes or stops mail is always listed."""
ALL_OF_IT = "`--format json` lists all"
NEVER_FOLDED = frozenset({Action.DELETE, Action.REPLACE})


def plan_text(plan: Plan, page: Page, places: Places, told: Plan | None = None) -> str:
    """Give a plan for a terminal, the summary last. What the reader was `told` already is not listed again."""
    return "".join(f"{line}\n" for line in _lines(plan, page, places, told or Plan()))


def _lines(plan: Plan, page: Page, places: Places, told: Plan) -> Iterator[str]:
    paint = page.paint
    for stage, changes in by_stage(plan).items():
        yield paint(f"{STAGES[stage]}:", BOLD)
        yield from _changes(changes, page, places)
        yield ""
    for hold, found in by_hold(plan).items():
        fresh = [held for held in found if held not in told.held]
        if fresh:
            yield paint(f"{HOLDS[hold]}:", BOLD)
            for group in alike_held(fresh):
                yield from _held(group, page, places)
            yield ""
    yield from _rest(plan, page)
    for note in plan.notes:
        if note not in told.notes:
            yield from page.prose("", note, label="note:")
    yield summary(plan, paint)


def _changes(changes: Sequence[Change], page: Page, places: Places) -> Iterator[str]:
    """Give changes, a sentence that several in a row share after the last of them, and how many more are like them."""
    shown, more = split_alike(changes)
    for number, change in enumerate(shown):
        following = shown[number + 1] if number + 1 < len(shown) else None
        is_shared = (
            following is not None and _is_mere(change) and _is_mere(following) and change.means == following.means
        )
        yield from _change(change, page, places, () if is_shared else change.means)
    for (action, kind, place), count in more.items():
        yield from page.prose("  ", f"… and {count:,} more like these: {action} {kind} ({place}); {ALL_OF_IT}")


def _is_mere(change: Change) -> bool:
    return change.action is Action.ADOPT and not change.differences


def split_alike(changes: Iterable[Change]) -> tuple[list[Change], Mapping[tuple[str, str, str], int]]:
    """Give what is listed, and how many more there are by (action, kind, place)."""
    counts: Counter[tuple[str, str, str]] = Counter()
    more: Counter[tuple[str, str, str]] = Counter()
    shown = []
    for change in changes:
        sort = (str(change.action), _kind(change), change.place)
        counts[sort] += 1
        if counts[sort] <= MOST_ALIKE or change.stops or change.action in NEVER_FOLDED:
            shown.append(change)
        else:
            more[sort] += 1
    return shown, more


def _kind(change: Change) -> str:
    """Give the kind of a resource, or the type of an RRset."""
    return change.subject.rpartition(" ")[2] if change.layer == DNS else change.subject.partition("/")[0]


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


def alike_held(held: Iterable[Held]) -> Sequence[Sequence[Held]]:
    """Give what is held for one reason and with one cure together."""
    found: dict[tuple[str, str], list[Held]] = {}
    for each in held:
        found.setdefault((each.reason, each.fix), []).append(each)
    return list(found.values())


def alike_unread(unread: Iterable[Unread]) -> Sequence[Unread]:
    """Give what could not be looked at, one entry where parts of one account share reason and cure."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in unread:
        where, _, part = each.where.partition(": ")
        found.setdefault((where, each.reason, each.fix), []).append(part)
    return [
        Unread(f"{where}: {', '.join(parts)}" if all(parts) else where, reason, fix)
        for (where, reason, fix), parts in found.items()
    ]


def _held(group: Sequence[Held], page: Page, places: Places) -> Iterator[str]:
    """Give what is held, and why: below it, or above it where that is the same for several."""
    margin = "      " if len(group) == 1 else "  "
    why = (*page.prose(margin, group[0].reason, label="held:"), *page.prose(margin, group[0].fix, label="fix:"))
    if len(group) > 1:
        yield from why
    yield from _changes([held.change for held in group], page, places)
    if len(group) == 1:
        yield from why


def _rest(plan: Plan, page: Page) -> Iterator[str]:
    paint = page.paint
    if plan.awaited:
        yield paint("awaited, and nothing waits for it:", BOLD)
        for awaited in plan.awaited[:MOST_ALIKE]:
            yield from page.prose("  ", f"{awaited.what}; then {awaited.then}", label="…", colour=CYAN)
            for change in awaited.follows:
                if change.differences:
                    yield f"      {paint('then', BLUE)} {change.action} {visible(change.subject)}"
                    yield from (f"        {line}" for each in change.differences for line in _difference(each, page))
        yield from _left_out(len(plan.awaited) - MOST_ALIKE)
        yield ""
    if plan.unread:
        found = alike_unread(plan.unread)
        yield paint("could not be looked at:", MAGENTA, BOLD)
        for unread in found[:MOST_ALIKE]:
            yield from page.prose("  ", f"{unread.where}: {unread.reason}", label="!", colour=MAGENTA)
            if unread.fix:
                yield from page.prose("      ", unread.fix, label="fix:")
        yield from _left_out(len(found) - MOST_ALIKE)
        yield ""


def _left_out(count: int) -> Iterator[str]:
    if count > 0:
        yield f"  … and {count:,} more; {ALL_OF_IT}"


def _change(change: Change, page: Page, places: Places, means: Sequence[str]) -> Iterator[str]:
    paint = page.paint
    sign, colour = SIGNS[change.action]
    head = (
        paint(f"{sign} {change.action}", colour),
        paint(visible(change.subject), BOLD),
        paint(f"({visible(change.place)})", BLUE),
        paint(visible(places(change.origin).to_text()), BLUE),
    )
    yield f"  {' '.join(head)}"
    if change.action not in {Action.CREATE, Action.DELETE}:
        for each in change.differences:
            yield from (f"      {line}" for line in _difference(each, page))
    elif change.layer == DNS:
        values = items((change.after or change.before or {}).get("values"))
        yield from (f"      {paint(sign, colour)} {visible(short(value))}" for value in values)
    for words in means:
        yield from page.prose("      ", words)
    if change.stops:
        options = " ".join(f"--allow-outage {stream}" for stream in change.stops)
        streams = ", ".join(change.stops)
        yield f"      {paint(f'stops mail of {visible(streams)}', RED, BOLD)}: {visible(options)}"


def _difference(each: PropertyChange, page: Page) -> Iterator[str]:
    paint = page.paint
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
        said.append(paint(f"{len(alike_unread(plan.unread))} could not be looked at", MAGENTA))
    if not said:
        said.append(paint("nothing to do", GREEN))
    return "; ".join([*said, f"{plan.in_place:,} as the spec says"])


def plan_part(plan: Plan, places: Places) -> dict[str, object]:
    """Give the JSON-able form: what is decided on, without what only `apply` needs."""
    counts = Counter(change.action for change in plan.changes)
    others = {"held": plan.held, "awaited": plan.awaited, "unread": plan.unread}
    return {
        "changes": [_change_part(change, places) for change in plan.changes],
        "held": [
            {
                "hold": str(held.hold),
                "reason": held.reason,
                "fix": held.fix,
                "change": _change_part(held.change, places),
            }
            for held in plan.held
        ],
        "awaited": [_awaited_part(awaited, places) for awaited in plan.awaited],
        "unread": [{"where": unread.where, "reason": unread.reason, "fix": unread.fix} for unread in plan.unread],
        "notes": list(plan.notes),
        "in_place": plan.in_place,
        "is_clean": plan.is_clean,
        "is_complete": not plan.unread,
        "counts": {
            **{str(action): counts[action] for action in Action},
            **{name: len(each) for name, each in others.items()},
        },
    }


def _change_part(change: Change, places: Places) -> dict[str, object]:
    return {
        "key": change.key,
        "place": change.place,
        "subject": change.subject,
        "action": str(change.action),
        "stage": str(change.stage),
        "spec": change.origin.to_text(),
        "where": place_part(places(change.origin)),
        "streams": list(change.streams),
        "means": list(change.means),
        "stops": list(change.stops),
        "before": change.before,
        "after": change.after,
        "differences": [{"path": each.path, "before": each.before, "after": each.after} for each in change.differences],
        "needs": list(change.needs),
        "source": change.source,
    }


def _awaited_part(awaited: Awaited, places: Places) -> dict[str, object]:
    return {
        "key": awaited.key,
        "what": awaited.what,
        "then": awaited.then,
        "brought_by": list(awaited.brought_by),
        "opens": list(awaited.opens),
        "follows": [_change_part(change, places) for change in awaited.follows],
    }
