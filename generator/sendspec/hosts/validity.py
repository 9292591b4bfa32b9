"""What no DNS host should be asked for, whoever it is: clauses that a plan shows in place of the host's refusal."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from sendspec.hosts.interface import SetChange
from sendspec.model.dns_record import Mx, RecordType, Zone
from sendspec.model.live import LiveRRset

MAX_NAME = 253
MAX_LABEL = 63
"""RFC 1035 section 2.3.4."""
MAX_PREFERENCE = 65_535
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\Z", re.IGNORECASE)

Sets = Mapping[tuple[str, str], LiveRRset]


def set_problems(zone: Zone, change: SetChange, ttl_bounds: tuple[int, int]) -> Iterator[str]:
    """Give what is wrong with one set, whatever stands beside it."""
    before, after = change.before, change.after
    if before is not None and before.is_alias:
        yield f"{before.name} {before.type} is answered by the host itself, and can neither be merged nor replaced"
    if after is None:
        return
    yield from _name_problems(zone, after.name)
    low, high = ttl_bounds
    if not low <= after.ttl_seconds <= high:
        yield f"a TTL of {after.ttl_seconds} s is not between {low} and {high} s"
    if not after.values:
        yield "a set without a value is none"
    if len(set(after.values)) != len(after.values):
        yield "a value stands there twice"
    if after.type == RecordType.CNAME:
        yield from _cname_problems(zone, after)
    elif after.type == RecordType.MX:
        yield from _mx_problems(after)


def _name_problems(zone: Zone, name: str) -> Iterator[str]:
    if not is_inside(name, zone.name):
        yield f"{name} is not in the zone {zone.name}"
    if len(name) > MAX_NAME or any(not 0 < len(label) <= MAX_LABEL for label in name.split(".")):
        yield f"{name[:MAX_LABEL]} is longer than names and labels may be, or has an empty label (RFC 1035 section 2.3.4)"


def _cname_problems(zone: Zone, after: LiveRRset) -> Iterator[str]:
    if len(after.values) > 1:
        yield "a name has one CNAME only (RFC 2181 section 10.1)"
    if after.name == zone.name:
        yield "the apex holds SOA and NS, and a CNAME suffers no company (RFC 1034 section 3.6.2)"
    beside = sorted({rrset.type for rrset in zone.rrsets if rrset.name == after.name} - {RecordType.CNAME})
    if beside:
        yield f"{', '.join(beside)} of the spec is to stand beside the CNAME (RFC 1034 section 3.6.2)"
    yield from (f"{value} is no name of a host" for value in after.values if not _is_host(str(value)))


def _mx_problems(after: LiveRRset) -> Iterator[str]:
    for value in after.values:
        if not isinstance(value, Mx) or not 0 <= value.preference <= MAX_PREFERENCE:
            yield f"{value} is no MX value"
        elif value.exchange and not _is_host(value.exchange):
            yield f"{value.exchange} is no name of a host"
        elif not value.exchange and (len(after.values) > 1 or value.preference):
            yield "a null MX stands alone and has the preference 0 (RFC 7505 section 3)"


def _is_host(name: str) -> bool:
    return len(name) <= MAX_NAME and bool(HOST_NAME.match(name)) and all(len(e) <= MAX_LABEL for e in name.split("."))


def is_inside(name: str, zone: str) -> bool:
    """Tell whether a name is that of a zone or below it."""
    return name == zone or name.endswith(f".{zone}")


def company_problem(sets: Sets, changes: Sequence[SetChange]) -> str:
    """Say what of one name would stand beside a CNAME once these changes are made; empty when nothing does."""
    name = next(each.name for change in changes for each in (change.before, change.after) if each is not None)
    types = {record_type for owner, record_type in sets if owner == name}
    types -= {change.before.type for change in changes if change.before is not None}
    types |= {change.after.type for change in changes if change.after is not None}
    if RecordType.CNAME in types and len(types) > 1:
        others = ", ".join(sorted(types - {RecordType.CNAME}))
        return f"{others} and a CNAME cannot both stand at {name} (RFC 1034 section 3.6.2)"
    return ""


def is_same(one: LiveRRset | None, other: LiveRRset | None) -> bool:
    """Tell whether two sets mean the same: TTL, values in any order, and whether the world sees them."""
    if one is None or other is None:
        return one is other
    return (
        one.ttl_seconds == other.ttl_seconds
        and set(one.values) == set(other.values)
        and bool(one.masked) == bool(other.masked)
        and one.is_alias == other.is_alias
    )


def by_name(changes: Sequence[SetChange]) -> tuple[tuple[int, ...], ...]:
    """Group changes, as their places in the sequence, by name: what goes and what comes in its stead is one step."""
    groups: dict[str, list[int]] = {}
    for index, change in enumerate(changes):
        subject = change.after or change.before
        if subject is not None:
            groups.setdefault(subject.name, []).append(index)
    return tuple(map(tuple, groups.values()))


def batches(
    groups: Sequence[Sequence[int]], size: Callable[[int], Sequence[int]], limits: Sequence[int]
) -> Iterator[list[Sequence[int]]]:
    """Give groups in lots that keep to the host's limits. `size` gives what a change counts for each limit."""
    lot: list[Sequence[int]] = []
    used = [0] * len(limits)
    for group in groups:
        wanted = [sum(column) for column in zip(*map(size, group), strict=True)]
        if lot and any(have + more > limit for have, more, limit in zip(used, wanted, limits, strict=True)):
            yield lot
            lot, used = [], [0] * len(limits)
        lot.append(group)
        used = [have + more for have, more in zip(used, wanted, strict=True)]
    if lot:
        yield lot
