"""DNS in memory: records of the whole world, and name servers that can fail in every way. Satisfies `Dns` and `Zones`."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from sendspec.model.dns_record import Mx
from sendspec.net.address import Server, dial_straight
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Answer, Expected, Status
from sendspec.net.dns.interface import ZoneServers
from sendspec.net.net import Net

Key = tuple[str, str]
Values = tuple[str | Mx, ...]

NS1, NS2 = Server("192.0.2.53", "ns1.host.example"), Server("192.0.2.54", "ns2.host.example")
ELSEWHERE = Server("192.0.2.60", "ns.elsewhere.example")
"""Serves all that no zone of the world holds: the root, as far as a test is concerned."""
RESOLVER = Server("192.0.2.251", "resolver.example")
NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
MOST_CNAMES = 12


@dataclass(frozen=True)
class FakeDns:
    """What DNS says in a test. Change it with `with_records` and `but`, which give another world.

    Attributes:
        records: Everything that exists.
        zones: Zone name -> its servers. What lies in none of them is served by ELSEWHERE.
        otherwise: (server address, name, type) -> what this server alone says: values (none: NODATA) or a status.
        failing: Server address -> how it fails, whatever it is asked.
        declared, delegated: Zone name -> name servers, where they are not simply those of `zones`.
        unresolved: Zone name -> name servers without an address.
        problems: Zone name -> why nobody is found who answers for it.
        octets, over_tcp: Size of answers by name and type, and which of them need TCP.
        beside: Names and types that a broken server gives although a CNAME stands at the name.
    """

    records: Mapping[Key, Values]
    zones: Mapping[str, tuple[Server, ...]]
    resolvers: Sequence[Server] = (RESOLVER,)
    otherwise: Mapping[tuple[str, str, str], Values | Status] = field(default_factory=dict)
    failing: Mapping[str, Status] = field(default_factory=dict)
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delegated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unresolved: Mapping[str, tuple[tuple[str, Status], ...]] = field(default_factory=dict)
    problems: Mapping[str, Status] = field(default_factory=dict)
    octets: Mapping[Key, int] = field(default_factory=dict)
    over_tcp: frozenset[Key] = frozenset()
    beside: frozenset[Key] = frozenset()
    ttl_seconds: int = 300
    negative_ttl_seconds: int | None = 900
    asked: Counter[tuple[str, str, str]] = field(default_factory=Counter, init=False, compare=False)

    def with_records(self, changed: Mapping[Key, Values | None]) -> "FakeDns":
        """Give the world with some sets replaced; None takes one away."""
        records = {key: values for key, values in self.records.items() if key not in changed}
        return replace(self, records=records | {key: values for key, values in changed.items() if values is not None})

    def without(self, name: str) -> "FakeDns":
        """Give the world in which nothing stands at a name or below it."""
        kept = {key: value for key, value in self.records.items() if not f".{key[0]}".endswith(f".{name}")}
        return replace(self, records=kept)

    def but(self, server: Server, name: str, rtype: str, said: Values | Status) -> "FakeDns":
        """Give the world in which one server says something else about a name."""
        return replace(self, otherwise={**self.otherwise, (server.address, name, rtype): said})

    def fails(self, status: Status, *servers: Server) -> "FakeDns":
        """Give the world in which servers fail at everything."""
        return replace(self, failing={**self.failing, **{server.address: status for server in servers}})

    def can_reach(self, server: Server) -> bool:
        return True

    async def ask(self, server: Server, name: str, rtype: str, *, is_recursive: bool = False) -> Answer:
        """Answer as a name server does."""
        self.asked[server.address, name, rtype] += 1
        said = self.failing.get(server.address) or self.otherwise.get((server.address, name, rtype))
        if isinstance(said, Status):
            return Answer(said, name, rtype, server, rcode="NOTIMP" if said is Status.OTHER else "")
        if said is not None:
            return self._answer(server, (name, rtype), said, ())
        return self._resolve(server, name, rtype) if is_recursive else self._authoritative(server, name, rtype)

    async def lookup(self, name: str, rtype: str) -> Answer:
        """Ask the resolvers in turn."""
        answer = Answer(Status.TIMEOUT, name, rtype, RESOLVER)
        for server in self.resolvers:
            answer = await self.ask(server, name, rtype, is_recursive=True)
            if answer.status.is_known:
                break
        return answer

    async def ask_all(self, questions: Iterable[Expected]) -> AsyncIterator[tuple[Expected, Answer | None]]:
        """Answer everything, None where it is as expected."""
        for expected in questions:
            answer = await self.ask(expected.server, expected.name, expected.type, is_recursive=expected.is_recursive)
            is_expected = answer.status is Status.ANSWER and not answer.chain and answer.values == expected.values
            key = (expected.name, expected.type)
            yield expected, None if is_expected and key not in self.octets else answer
            await asyncio.sleep(0)

    async def of(self, name: str) -> ZoneServers:
        """Find who answers for a name."""
        zone = self.zone_of(name)
        if zone in self.problems:
            problem = Answer(self.problems[zone], name, "NS", ELSEWHERE)
            return ZoneServers(zone, (), problem=problem, parent_server=ELSEWHERE)
        servers = self.zones.get(zone, (ELSEWHERE,))
        names = tuple(sorted({server.name for server in servers}))
        unresolved = tuple((host, Answer(said, host, "A", RESOLVER)) for host, said in self.unresolved.get(zone, ()))
        return ZoneServers(
            zone,
            servers,
            delegated=self.delegated.get(zone, names),
            declared=self.declared.get(zone, names),
            parent_server=ELSEWHERE,
            unresolved=unresolved,
        )

    def zone_of(self, name: str) -> str:
        """Give the zone that holds a name, empty for what lies in none."""
        return next((above for above in above_and_at(name) if above in self.zones), "")

    @cached_property
    def existing(self) -> frozenset[str]:
        """Give every name that exists, empty ones between two labels included."""
        return frozenset(above for name, _ in self.records for above in above_and_at(name)) | frozenset(self.zones)

    @cached_property
    def _with_cname(self) -> frozenset[str]:
        return frozenset(name for name, rtype in self.records if rtype == "CNAME")

    def _values(self, name: str, rtype: str) -> Values:
        found = self.records.get((name, rtype))
        if found is None and name not in self.existing:
            closest = next(above for above in (*above_and_at(name), "") if above in self.existing or not above)
            found = self.records.get((f"*.{closest}", rtype))
        return found or ()

    def _exists(self, name: str) -> bool:
        if name in self.existing:
            return True
        closest = next(above for above in (*above_and_at(name), "") if above in self.existing or not above)
        return f"*.{closest}" in self.existing

    def _authoritative(self, server: Server, name: str, rtype: str) -> Answer:
        zone = self.zone_of(name)
        if server not in self.zones.get(zone, (ELSEWHERE,)):
            above = next((each for each in above_and_at(zone) if server in self.zones.get(each, ())), None)
            if above is None:
                return Answer(Status.REFUSED, name, rtype, server)
            names = tuple(each.name for each in self.zones[zone])
            return Answer(Status.REFERRAL, name, rtype, server, referral=(zone, names))
        if rtype == "SOA" and name == zone:
            return self._answer(server, (name, rtype), ("ns.host.example h.host.example 1 2 3 4 900",), (), True)
        return self._follow(
            server, name, rtype, lambda each: server in self.zones.get(self.zone_of(each), (ELSEWHERE,))
        )

    def _resolve(self, server: Server, name: str, rtype: str) -> Answer:
        answer = self._follow(server, name, rtype, lambda _: True)
        return replace(answer, is_authoritative=False)

    def _follow(self, server: Server, name: str, rtype: str, is_near) -> Answer:
        chain: list[str] = []
        at = name
        while rtype != "CNAME" and (at, rtype) not in self.beside and (target := self._values(at, "CNAME")):
            if len(chain) >= MOST_CNAMES:
                return Answer(Status.SERVFAIL, name, rtype, server)
            at = str(target[0])
            chain.append(at)
            if not is_near(at):
                return Answer(Status.NODATA, name, rtype, server, chain=tuple(chain), is_authoritative=True)
        values = self._values(at, rtype)
        if values:
            return self._answer(server, (name, rtype), values, tuple(chain), True)
        status = Status.NODATA if self._exists(at) else Status.NXDOMAIN
        negative = self.negative_ttl_seconds
        return Answer(
            status, name, rtype, server, chain=tuple(chain), negative_ttl_seconds=negative, is_authoritative=True
        )

    def _answer(
        self, server: Server, key: Key, values: Values, chain: tuple[str, ...], is_authoritative: bool = False
    ) -> Answer:
        if not values:
            negative = self.negative_ttl_seconds
            return Answer(Status.NODATA, *key, server, negative_ttl_seconds=negative, is_authoritative=is_authoritative)
        return Answer(
            Status.ANSWER,
            *key,
            server,
            values=tuple(sorted(set(values), key=lambda value: (str(type(value)), value))),
            chain=chain,
            ttl_seconds=self.ttl_seconds,
            is_authoritative=is_authoritative,
            octets=self.octets.get(key, 120),
            over_tcp=key in self.over_tcp,
        )


def above_and_at(name: str) -> Iterator[str]:
    """Give a name and every name above it, without the root."""
    while name:
        yield name
        name = name.partition(".")[2]


class NoSecrets:
    """A run in which no credential is needed, and none is known."""

    async def get(self, credential):
        raise AssertionError("no DNS check needs a credential")

    def hide(self, text: str) -> str:
        return text


def net_of(dns: FakeDns, http=None, *, seconds: float = 60, now: datetime = NOW) -> Net:
    """Give the world of one run. To be called where an event loop runs."""
    return Net(
        dns=dns,
        zones=dns,
        http=http,
        secrets=NoSecrets(),
        make_tls=lambda: None,
        dial=dial_straight,
        deadline=Deadline(seconds),
        now=lambda: now,
    )
