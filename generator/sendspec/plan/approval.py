"""What a person agreed to, beside what would be done now."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from sendspec.model.plan import DNS, Action, Change, Plan

UNKNOWN_PART = re.compile(r"‹[^‹›]*›")
MOST_UNKNOWN = 3
"""Parts of one key that may be unknown. A plan comes from a file, and a pattern of many wildcards can take for ever."""
LOOKS = frozenset({Action.CREATE, Action.UPDATE})


class Approval:
    """The changes of a plan that somebody has seen, and those that it says will follow."""

    def __init__(self, plan: Plan) -> None:
        """Take a plan as it was shown."""
        self._changes = {change.key: change for change in plan.changes}
        self._later = {change.key: change for awaited in plan.awaited for change in awaited.follows}
        self._open = {key for awaited in plan.awaited for key in awaited.opens}
        self._patterns: dict[str, list[re.Pattern[str]]] = {}
        for key in self._open:
            parts = UNKNOWN_PART.split(key)
            if 1 < len(parts) <= MOST_UNKNOWN + 1:
                pattern = re.compile("[^/ ]+".join(map(re.escape, parts)))
                self._patterns.setdefault(_place(key), []).append(pattern)
        self._made = {change.key for change in plan.changes if change.action in {Action.CREATE, Action.REPLACE}}

    def covers(self, change: Change) -> bool:
        """Tell whether a change is one that was seen, or follows from one.

        A change of something that the plan itself makes has no `before` in it. What was issued since may only add, or
        take the place of values that are sendspec's: no removal follows by itself.
        """
        seen = self._changes.get(change.key)
        if seen is not None and seen.action is change.action:
            return _is_same(seen, change)
        if seen is not None and seen.action in {Action.CREATE, Action.REPLACE} and _goes_on(seen, change):
            return True
        if change.stops or change.action not in LOOKS | {Action.VERIFY}:
            return False
        later = self._later.get(change.key)
        if later is not None and later.action is change.action:
            return _is_part(change, later)
        if change.action is Action.VERIFY:
            return change.key in self._open or change.key.partition("#")[0] in self._made
        return change.layer == DNS and self._is_open(change.key) and (change.is_owned or _only_adds(change))

    def beyond(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Give the changes that nobody has seen."""
        return (change for change in changes if not self.covers(change))

    def _is_open(self, key: str) -> bool:
        return key in self._open or any(pattern.fullmatch(key) for pattern in self._patterns.get(_place(key), ()))


def _place(key: str) -> str:
    """Give layer and zone or account: a pattern is tried on keys of its own place only."""
    return "/".join(key.split("/")[:2])


def _is_same(seen: Change, now: Change) -> bool:
    """Tell whether a change is what was seen: to the same thing, from the same state, to the same state."""
    if seen.native_id and seen.native_id != now.native_id:
        return False
    if now.action in {Action.CREATE, Action.ADOPT}:
        return _plain(seen.after) == _plain(now.after)
    if now.action is Action.DELETE:
        return _plain(seen.before) == _plain(now.before)
    if now.action is Action.UPDATE and seen.before is None:
        return _is_part(now, seen)
    parts = [[(each.path, each.before, each.after) for each in change.differences] for change in (seen, now)]
    return _plain(parts[0]) == _plain(parts[1])


def _goes_on(seen: Change, now: Change) -> bool:
    """Tell whether a change finishes what a creation or a replacement began, in a run that was interrupted inside of it."""
    if not now.is_owned or now.stops:
        return False
    if now.action is Action.UPDATE:
        return _is_part(now, seen)
    if now.action is not Action.CREATE or now.after is None:
        return False
    return all(_plain(value) == _plain((seen.after or {}).get(name)) for name, value in now.after.items())


def _is_part(change: Change, whole: Change) -> bool:
    """Tell whether an update sets nothing but what was seen."""
    return all(_plain(_at(whole.after, each.path)) == _plain(each.after) for each in change.differences)


def _at(value: object, path: str) -> object:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _only_adds(change: Change) -> bool:
    """Tell whether a set keeps every value that it has, and its TTL."""
    if change.before is None:
        return True
    before, after = change.before, change.after or {}
    values = [state.get("values") for state in (before, after)]
    old, new = (set(map(str, each)) if isinstance(each, (list, tuple)) else set() for each in values)
    return old <= new and before.get("ttl") == after.get("ttl")


def _plain(value: object) -> str:
    """Give a value as a plan file has it: tuples are lists there, and true is not 1."""
    return json.dumps(value, sort_keys=True, default=dict)
