"""What a DNS host is to the rest of sendspec, and how to find one."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, cast

import sendspec.hosts
from sendspec.model.access import AccessSheet
from sendspec.model.dns_record import Zone
from sendspec.plugins import load_plugin, plugin_ids

if TYPE_CHECKING:  # what only live commands load
    from sendspec.model.keeper import Aws, Keeper
    from sendspec.model.live import LiveRRset, LiveZone, Outcome
    from sendspec.net.dns.interface import Dns, Zones
    from sendspec.net.http import Http


@dataclass(frozen=True, slots=True)
class HostDesk:
    """Everything a DNS host's code needs to read and change one zone."""

    zone: Zone
    keeper: "Keeper"
    http: "Http"
    dns: "Dns"
    zones: "Zones"
    aws: "Aws"


@dataclass(frozen=True, slots=True)
class SetChange:
    """One RRset as it was read and as it should be; None: absent. `after` is complete: it replaces the set."""

    before: "LiveRRset | None"
    after: "LiveRRset | None"


@dataclass(frozen=True, slots=True)
class Host:
    """A DNS host.

    Attributes:
        id: `host:` in the spec; its folder has `_` for `-`.
        read: Reads a zone: all of it, or at least these names with every type. Never raises for what the world does.
        apply: Changes RRsets of a zone, each only if it still is as `before` says where the host can make sure of that;
            as few calls as the host's limits allow, nothing half-written within one call. Gives one outcome for each
            change, in their order. None: the host is changed by hand.
        by_hand: For a host without `apply`: what a person does, one sentence.
        problems: Pure: what this host would refuse of a set, as clauses; so that a plan says it, and not the host.
    """

    id: str
    title: str
    read: Callable[[HostDesk, Collection[str]], Awaitable["LiveZone"]]
    apply: Callable[[HostDesk, "LiveZone", Sequence[SetChange]], Awaitable[Sequence["Outcome"]]] | None = None
    by_hand: str = ""
    problems: Callable[[Zone, SetChange], Sequence[str]] = field(default=lambda _zone, _change: ())
    ttl_bounds: tuple[int, int] = (0, 2**31 - 1)
    facts: Mapping[str, str] = field(default_factory=dict)
    """Limits with their sources, for the docs."""
    manage: Mapping[str, str] = field(default_factory=dict)
    """Names below `dns.manage` -> what each is, the rights that it needs, and what serves where it is not said."""
    access: Callable[[Sequence[Zone]], AccessSheet] = field(default=lambda _zones: AccessSheet())
    """Pure: what sendspec needs to read and change these zones."""


@cache
def host_ids() -> tuple[str, ...]:
    """Give the ids of all DNS hosts, sorted, without importing them."""
    return plugin_ids(sendspec.hosts)


@cache
def load_host(host_id: str) -> Host:
    """Import one DNS host. Raises KeyError for an id that no folder has."""
    if host_id not in host_ids():
        raise KeyError(host_id)
    return cast("Host", load_plugin(sendspec.hosts, host_id, "HOST"))
