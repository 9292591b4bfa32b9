"""Zone cuts, and who answers for a zone: as its parent says, and as it says itself."""

import asyncio
import zlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from sendspec.net.address import Server
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.dns.interface import Dns, ZoneServers

T = TypeVar("T")
_MOST_ASKED = 4
"""So many of a zone's servers are asked for its NS records, until one answers."""
_MOST_SERVERS = 32
"""Name servers of one zone that are looked up; the largest zones have 13."""


class ZoneFinder:
    """Finds zones, as `interface.Zones` says. Zones, parents and addresses of name servers are looked up once in a run.

    What does not depend on one another is asked at the same time: each step is a round trip, and a zone three levels down
    has a dozen of them.
    """

    def __init__(self, dns: Dns) -> None:
        self._dns = dns
        self._names: dict[str, asyncio.Task[ZoneServers]] = {}
        self._zones: dict[str, asyncio.Task[ZoneServers]] = {}
        self._declared: dict[str, asyncio.Task[tuple[str, ...]]] = {}

    async def of(self, name: str) -> ZoneServers:
        """Find the zone that a name lies in and who answers for it."""
        found = await self._servers_of(name.lower())
        if not found.servers:
            return found

        async def ask(zone: str) -> tuple[str, ...]:
            told = await self._ask_in_turn(found.servers, zone, "NS")
            return told.texts if told is not None else ()

        return replace(found, declared=await _once(self._declared, found.zone, ask))

    async def _servers_of(self, name: str) -> ZoneServers:
        """Find all but what the zone says of itself, for which those that look for zones below it need not wait."""
        return await _once(self._names, name, self._find)

    async def _find(self, name: str) -> ZoneServers:
        if name:  # who answers above will be asked for the zone's servers
            _begin(self._names, _parent(name), self._find)
            answer = await self._dns.lookup(name, "SOA")
        else:
            answer, _ = await asyncio.gather(self._dns.lookup("", "SOA"), self._dns.lookup("", "NS"))
        zone = _zone_in(answer)
        if zone is not None:
            return await _once(self._zones, zone, self._find_servers)
        if not name or answer.status is Status.STOPPED:
            return ZoneServers(name, (), problem=answer)
        above = await self._servers_of(_parent(name))
        if answer.status.is_known:  # an alias, which no zone begins with, or a resolver that keeps the SOA to itself
            return above
        return await self._find_broken(name, answer, above)

    async def _find_broken(self, name: str, answer: Answer, above: ZoneServers) -> ZoneServers:
        """Find a zone that resolvers get no answer from: the servers above it know where it begins."""
        said = await self._ask_in_turn(above.servers, name, "NS")
        if said is None:
            # If resolvers get nothing from the zone above either, it is the broken one, and nothing below it is known.
            is_known = (await self._dns.lookup(above.zone, "SOA")).status.is_known
            return ZoneServers(name, (), problem=answer) if is_known else above
        if said.status.is_known:
            return above
        if said.referral is None or not _is_below(said.referral[0], above.zone):
            return ZoneServers(name, (), problem=answer)
        return await _once(self._zones, said.referral[0], self._find_servers)

    async def _find_servers(self, zone: str) -> ZoneServers:
        """Find who answers for a zone whose name is known."""
        said = None
        if zone:
            above = await self._servers_of(_parent(zone))
            said = await self._ask_in_turn(above.servers, zone, "NS")
        is_cut = said is not None and said.referral is not None and said.referral[0] == zone
        delegated = said.referral[1] if said is not None and said.referral is not None and is_cut else ()
        problem = None
        names: Sequence[str] = delegated
        if not names and said is not None and said.is_authoritative:  # it answers for parent and child
            names = said.texts
        if not names:
            problem = await self._dns.lookup(zone, "NS")
            names = problem.texts
        found = await self._find_addresses(names, said.glue if said is not None and is_cut else ())
        return replace(
            found,
            zone=zone,
            delegated=delegated,
            parent_server=said.server if said is not None else None,
            problem=None if found.servers else (found.problem or problem),
        )

    async def _find_addresses(self, names: Sequence[str], glue: Iterable[tuple[str, str]]) -> ZoneServers:
        """Look up name servers. What came with a referral counts where nothing else can be learned."""
        names = names[:_MOST_SERVERS]
        lookups = [self._dns.lookup(name, rtype) for name in names for rtype in ("A", "AAAA")]
        answers = iter(await asyncio.gather(*lookups))
        servers: set[tuple[str, str]] = set()
        unresolved: list[tuple[str, Answer]] = []
        for name in names:
            pair = (next(answers), next(answers))
            addresses = {address for answer in pair for address in answer.texts}
            unknown = next((answer for answer in pair if not answer.status.is_known), None)
            if not addresses and unknown is not None:
                addresses = {address for owner, address in glue if owner == name}
            if not addresses:
                unresolved.append((name, unknown or pair[0]))
            servers.update((name, address) for address in addresses)
        everyone = [Server(address, name) for name, address in sorted(servers)]
        reachable = tuple(server for server in everyone if self._dns.can_reach(server))
        problem = unresolved[0][1] if unresolved else None
        if everyone and not reachable:
            words = "this host has no way to any of its addresses"
            problem = Answer(Status.UNREACHABLE, everyone[0].name, "A", everyone[0], rcode=words)
        return ZoneServers("", reachable, unresolved=tuple(unresolved), problem=problem)

    async def _ask_in_turn(self, servers: Sequence[Server], name: str, rtype: str) -> Answer | None:
        """Ask servers for what they hold themselves until one can tell; None if none can.

        Each name begins with another server, so that those of a large parent share the work.
        """
        start = zlib.crc32(name.encode("utf-8", "replace")) % len(servers) if servers else 0
        for server in (*servers[start:], *servers[:start])[:_MOST_ASKED]:
            answer = await self._dns.ask(server, name, rtype)
            if answer.status.is_known or answer.status is Status.REFERRAL:
                return answer
        return None


def _zone_in(answer: Answer) -> str | None:
    """Give the zone that an answer to SOA names, if that is a zone above the name and not above the end of an alias."""
    if answer.chain or not answer.status.is_known:
        return None
    return answer.name.lower() if answer.status is Status.ANSWER else answer.zone


def _parent(name: str) -> str:
    return name.partition(".")[2]


def _is_below(name: str, zone: str) -> bool:
    return name != zone and (not zone or name.endswith(f".{zone}"))


async def _once(tasks: dict[str, asyncio.Task[T]], name: str, find: Callable[[str], Coroutine[None, None, T]]) -> T:
    """Do something once for each name, whoever asks first and whoever gives up waiting."""
    return await asyncio.shield(_begin(tasks, name, find))


def _begin(
    tasks: dict[str, asyncio.Task[T]], name: str, find: Callable[[str], Coroutine[None, None, T]]
) -> asyncio.Task[T]:
    """Begin with something, unless that was done before."""
    task = tasks.get(name)
    if task is None:
        task = tasks[name] = asyncio.create_task(find(name))
    return task
