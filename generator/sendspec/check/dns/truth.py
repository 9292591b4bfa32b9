"""What a name holds: by its zone's own servers where the zone is the spec's, by the resolvers where it is not.

For our own zones a resolver may still hold what was there yesterday; that is a matter of `dns-propagation` alone.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice

from sendspec.check.dns.meaning import on_the_wire
from sendspec.check.side_by_side import all_of
from sendspec.model.dns_record import Mx, Purpose, RecordType, RRset, Value, Zone
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Expected, Status
from sendspec.net.dns.interface import ZoneServers
from sendspec.net.net import Net
from sendspec.records.public_suffix import registrable_domain

SETS_AT_ONCE = 500
REGISTRABLE_LABELS = 2


async def look(net: Net, setup: Setup, name: str, rtype: str) -> Answer:
    """Ask for a name, followed to the end of its CNAMEs. The chain of the answer starts with the name's own target."""
    domain = setup.index.domain_of(name)
    if domain is None:
        return await _look_outside(net, name, rtype)
    answer = await ask_zone(net, domain.zone.name, name, rtype)
    if answer is None or answer.status is Status.REFERRAL:
        return await net.dns.lookup(name, rtype)
    if answer.chain and answer.status in {Status.NODATA, Status.NXDOMAIN} and rtype != "CNAME":
        return await net.dns.lookup(name, rtype)  # the end lies in another zone
    return answer


async def _look_outside(net: Net, name: str, rtype: str) -> Answer:
    """Ask the resolvers, and where they fail the zone's own servers: a resolver under load says SERVFAIL too."""
    answer = await net.dns.lookup(name, rtype)
    if answer.status is Status.SERVFAIL:
        own = await ask_zone(net, name, name, rtype)
        if own is not None and own.status.is_known and not own.chain:
            return own
    return answer


async def ask_zone(net: Net, zone: str, name: str, rtype: str) -> Answer | None:
    """Ask the servers of the zone that a name lies in, in turn until one knows; the last answer if none does, None if nobody can be asked."""
    found = await net.zones.of(zone)
    answer = found.problem
    for server in found.servers:
        answer = await net.dns.ask(server, name, rtype)
        if answer.status.is_known or answer.status is Status.REFERRAL:
            return answer
    return answer


async def absent_domain(net: Net, setup: Setup, zone: str, found: ZoneServers) -> Answer | None:
    """Give the answer that a registrable domain does not exist at all; None where it does, or nobody could tell.

    A name further down that does not exist yet is no such thing: its records are missing, one by one.
    """
    if found.zone == zone or not found.servers or registrable_of(setup, zone) != zone:
        return None
    answer = await ask_zone(net, zone, zone, "SOA")
    return answer if answer is not None and answer.status is Status.NXDOMAIN else None


def registrable_of(setup: Setup, name: str) -> str:
    """Give the registrable domain of a name. A declared domain of two labels is one as it stands."""
    labels = name.rsplit(".", REGISTRABLE_LABELS)
    if len(labels) <= REGISTRABLE_LABELS:
        return name
    top = f"{labels[-2]}.{labels[-1]}"
    return top if top in setup.index.domains else registrable_domain(name)


async def own_sets(net: Net, setup: Setup, purpose: Purpose) -> AsyncIterator[tuple[Zone, RRset, Answer]]:
    """Give every TXT set of ours that holds a value of a purpose, with what is live, in any order.

    What is as declared costs next to nothing, so ten thousand sets are seconds.
    """
    wanted = iter(
        (zone, rrset)
        for zone, rrset in setup.rrsets()
        if rrset.type is RecordType.TXT and any(value.purpose is purpose for value in rrset.values)
    )
    while batch := tuple(islice(wanted, SETS_AT_ONCE)):
        founds = await all_of((zone.name for zone, _ in batch), net.zones.of, SETS_AT_ONCE)
        async for expected, answer in net.dns.ask_all(_questions(batch, founds)):
            if isinstance(expected.tag, _Tag):
                zone, rrset = expected.tag.zone, expected.tag.rrset
                live = answer or _as_expected(expected)
                if not live.status.is_known or live.chain:
                    live = await look(net, setup, rrset.name, rrset.type)
                yield zone, rrset, live
        for (zone, rrset), found in zip(batch, founds, strict=True):
            if not found.servers:
                yield zone, rrset, found.problem or await look(net, setup, rrset.name, rrset.type)


class _Tag:
    __slots__ = ("rrset", "zone")

    def __init__(self, zone: Zone, rrset: RRset) -> None:
        self.zone, self.rrset = zone, rrset


def _questions(batch: Sequence[tuple[Zone, RRset]], founds: Sequence[ZoneServers]) -> Iterator[Expected]:
    for (zone, rrset), found in zip(batch, founds, strict=True):
        for server in found.servers[:1]:
            values = expected_values(rrset)
            yield Expected(server, rrset.name, rrset.type, values, is_recursive=False, tag=_Tag(zone, rrset))


def _as_expected(expected: Expected) -> Answer:
    return Answer(
        Status.ANSWER, expected.name, expected.type, expected.server, values=expected.values, is_authoritative=True
    )


def expected_values(rrset: RRset) -> tuple[Value, ...]:
    """Give the values of a set as an answer holds them: sorted, each once, octets outside ASCII as latin-1."""
    values = [_as_answered(value.value) for value in rrset.values]
    return tuple(values) if len(values) == 1 else tuple(_sorted(values))


def _sorted(values: list[Value]) -> Iterator[Value]:
    yield from sorted(
        set(values), key=lambda value: (0, value) if isinstance(value, str) else (value.preference, value.exchange)
    )


def _as_answered(value: Value) -> Value:
    return value if isinstance(value, Mx) else on_the_wire(value)
