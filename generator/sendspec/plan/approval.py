"""What a person agreed to, beside what would be done now."""

import re
from collections.abc import Iterable, Iterator

from sendspec.model.plan import Action, Change, Plan

UNKNOWN_PART = re.compile(r"‹[^‹›]*›")


class Approval:
    """The changes of a plan that somebody has seen, and those that it says will follow."""

    def __init__(self, plan: Plan) -> None:
        """Take a plan as it was shown."""
        self._changes = {change.key: change for change in plan.changes}
        self._opens: dict[str, list[re.Pattern[str]]] = {}
        for awaited in plan.awaited:
            for key in awaited.opens:
                if UNKNOWN_PART.search(key):
                    pattern = re.compile("[^/ ]+".join(re.escape(part) for part in UNKNOWN_PART.split(key)))
                    self._opens.setdefault(_place(key), []).append(pattern)
        self._follow = {key for awaited in plan.awaited for key in awaited.opens}
        self._made = {change.key for change in plan.changes if change.action in {Action.CREATE, Action.REPLACE}}

    def covers(self, change: Change) -> bool:
        """Tell whether a change is one that was seen, or follows from one.

        A change of something that the plan itself makes has no `before` in it. What was issued since may only add:
        no removal follows by itself.
        """
        seen = self._changes.get(change.key)
        if seen is not None and seen.action is change.action:
            return _after(seen) == _after(change) and (seen.before is None or _before(seen) == _before(change))
        if change.action is Action.DELETE or change.stops:
            return False
        if seen is not None and seen.action is Action.CREATE and change.action is Action.UPDATE and change.is_owned:
            return _is_part(change, seen)
        base = change.key.partition("#")[0]
        patterns = self._opens.get(_place(change.key), ())
        follows = change.key in self._follow or any(pattern.fullmatch(change.key) for pattern in patterns)
        return follows or (change.action is Action.VERIFY and base in self._made)

    def beyond(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Give the changes that nobody has seen."""
        return (change for change in changes if not self.covers(change))


def _place(key: str) -> str:
    """Give layer and zone or account: a pattern is tried on keys of its own place only."""
    return "/".join(key.split("/")[:2])


def _after(change: Change) -> list[tuple[str, object]]:
    if change.action in {Action.CREATE, Action.ADOPT}:
        return [("", change.after)]
    return [(each.path, each.after) for each in change.differences]


def _before(change: Change) -> list[tuple[str, object]]:
    return [(each.path, each.before) for each in change.differences]


def _is_part(change: Change, created: Change) -> bool:
    """Tell whether an update finishes what a creation began: a run that was interrupted inside of it."""
    return all(_at(created.after, each.path) == each.after for each in change.differences)


def _at(value: object, path: str) -> object:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
