"""The order of work: by stage, and inside a stage what others need first."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from sendspec.esp.managing import ResourceKind
from sendspec.model.plan import DNS, Change, Stage


def in_order(changes: Sequence[Change], kinds: Mapping[str, Mapping[str, ResourceKind]]) -> tuple[Change, ...]:
    """Sort changes. Equal needs are in the order of their keys, so that a plan reads the same every time."""
    found: list[Change] = []
    for stage in Stage:
        part = sorted((change for change in changes if change.stage is stage), key=lambda change: change.key)
        found += _removals(part, kinds) if stage is Stage.REMOVE else _by_need(part)
    return tuple(found)


def _by_need(part: Sequence[Change]) -> Sequence[Change]:
    by_key = {change.key: change for change in part}
    sorter = TopologicalSorter({change.key: [need for need in change.needs if need in by_key] for change in part})
    try:
        sorter.prepare()
    except CycleError:  # an ESP's own mistake: a circle has no order, and each is as good as the other
        return part
    ordered: list[Change] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [by_key[key] for key in ready]
        sorter.done(*ready)
    return ordered


def _removals(part: Sequence[Change], kinds: Mapping[str, Mapping[str, ResourceKind]]) -> Sequence[Change]:
    """What was made last goes first; DNS goes after the resources that used it."""

    def place(change: Change) -> tuple[bool, int, str]:
        of_account = list(kinds.get(change.place, ()))
        kind = change.subject.partition("/")[0]
        return (change.layer == DNS, -of_account.index(kind) if kind in of_account else 0, change.key)

    return sorted(part, key=place)
