"""Where what exists differs from what the spec states, path by path. What the spec does not state is not ours to judge."""

from collections.abc import Collection, Iterator, Mapping

from sendspec.model.plan import PropertyChange

ABSENT: object = object()


def differences(
    wanted: Mapping[str, object], live: Mapping[str, object], leave_out: Collection[str] = ()
) -> tuple[PropertyChange, ...]:
    """Compare stated paths. An empty mapping or list equals an absent one; lists are compared as they stand."""
    return tuple(_compare(wanted, live, "", leave_out))


def _compare(
    wanted: Mapping[str, object], live: Mapping[str, object], start: str, leave_out: Collection[str]
) -> Iterator[PropertyChange]:
    for name, value in wanted.items():
        path = f"{start}{name}"
        if path in leave_out:
            continue
        seen = live.get(name, ABSENT)
        if isinstance(value, Mapping) and (isinstance(seen, Mapping) or (seen is ABSENT and value)):
            yield from _compare(value, seen if isinstance(seen, Mapping) else {}, f"{path}.", leave_out)
        elif not _same(value, seen):
            yield PropertyChange(path, None if seen is ABSENT else seen, value)


def _same(wanted: object, seen: object) -> bool:
    if seen is ABSENT:
        return wanted is None or wanted in ({}, [], ())
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return wanted is seen
    if isinstance(wanted, (list, tuple)) and isinstance(seen, (list, tuple)):
        return list(wanted) == list(seen)
    return wanted == seen


def lies_in(path: str, places: Collection[str]) -> str | None:
    """Give the place that a path is or lies below; None where there is none."""
    while path:
        if path in places:
            return path
        path = path.rpartition(".")[0]
    return None


def without(properties: Mapping[str, object], places: Collection[str], start: str = "") -> dict[str, object]:
    """Give properties without these paths."""
    kept: dict[str, object] = {}
    for name, value in properties.items():
        path = f"{start}{name}"
        if path in places:
            continue
        kept[name] = without(value, places, f"{path}.") if isinstance(value, Mapping) else value
    return kept


def only(properties: Mapping[str, object], places: Collection[str], start: str = "") -> dict[str, object]:
    """Give properties with these paths alone."""
    kept: dict[str, object] = {}
    for name, value in properties.items():
        path = f"{start}{name}"
        if path in places:
            kept[name] = value
        elif isinstance(value, Mapping):
            inner = only(value, places, f"{path}.")
            if inner:
                kept[name] = inner
    return kept
