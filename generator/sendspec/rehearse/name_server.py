"""The name servers of a rehearsal: one resolver, one for parent zones, two for all other zones; UDP and TCP."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sendspec.model.dns_record import Mx
from sendspec.rehearse.world import NAME_SERVERS, PARENTS, RESOLVER, Behaviour, DnsWorld, Values

LOOPBACK = "127.0.0.1"
MAX_HOPS = 16
MINIMUM_SECONDS = 60
PLAIN_UDP = 512
"""Octets a client takes that does not say otherwise (RFC 1035 section 4.2.1)."""
CHUNK = 255
PORTS_TRIED = 20


@dataclass(slots=True)
class NameServers:
    """The servers of one world. `world` may be replaced at any time. `ports`: address in the world -> port on loopback."""

    world: DnsWorld
    ports: dict[str, int] = field(default_factory=dict)
    questions: int = 0


@asynccontextmanager
async def name_servers(world: DnsWorld) -> AsyncIterator[NameServers]:
    """Serve a world on loopback."""
    servers = NameServers(world)
    transports: list[asyncio.DatagramTransport] = []
    listening: list[asyncio.Server] = []
    try:
        for address in (RESOLVER, PARENTS, *NAME_SERVERS.values()):
            stream, transport = await _listen(servers, address)
            listening.append(stream)
            transports.append(transport)
            servers.ports[address] = stream.sockets[0].getsockname()[1]
        yield servers
    finally:
        for transport in transports:
            transport.close()
        for stream in listening:
            stream.close()
            await stream.wait_closed()


async def _listen(servers: NameServers, address: str) -> tuple[asyncio.Server, asyncio.DatagramTransport]:
    """Listen for one server, on one port for TCP and UDP.

    Raises:
        OSError: again and again, somebody else had the UDP port of the number that was free for TCP.
    """
    loop = asyncio.get_running_loop()
    for tries_left in reversed(range(PORTS_TRIED)):
        stream = await asyncio.start_server(_tcp(servers, address), LOOPBACK, 0)
        port = stream.sockets[0].getsockname()[1]
        try:
            transport, _ = await loop.create_datagram_endpoint(
                partial(_Udp, servers, address), local_addr=(LOOPBACK, port)
            )
        except OSError:
            stream.close()
            await stream.wait_closed()
            if not tries_left:
                raise
        else:
            return stream, transport
    raise AssertionError("the last try returns or raises")


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, servers: NameServers, address: str) -> None:
        self._servers, self._address = servers, address
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # a datagram endpoint gets a DatagramTransport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = reply(self._servers, self._address, data, over_tcp=False)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


def _tcp(servers: NameServers, address: str):  # type: ignore[no-untyped-def] # noqa: ANN202 - asyncio's callback
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                answer = reply(servers, address, await reader.readexactly(length), over_tcp=True)
                if answer is None:
                    break
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    return serve


def reply(servers: NameServers, address: str, octets: bytes, *, over_tcp: bool) -> bytes | None:
    """Give what the server at an address answers; None: nothing."""
    servers.questions += 1
    try:
        query = dns.message.from_wire(octets)
        question = query.question[0]
    except (dns.exception.DNSException, IndexError):
        return None
    behaviour = servers.world.behaviours.get(address, Behaviour.SERVES)
    if behaviour is Behaviour.SILENT or (behaviour is Behaviour.TRUNCATES and over_tcp):
        return None
    response = dns.message.make_response(query, recursion_available=address == RESOLVER)
    rcodes = {Behaviour.SERVFAIL: dns.rcode.SERVFAIL, Behaviour.REFUSED: dns.rcode.REFUSED}
    if behaviour in rcodes:
        response.set_rcode(rcodes[behaviour])
    elif behaviour is Behaviour.TRUNCATES:
        response.flags |= dns.flags.TC
    else:
        _Answering(servers.world, address, response).answer(_text(question.name), question.rdtype)
    if behaviour is Behaviour.LAME:
        response.flags &= ~dns.flags.AA
        response.answer, response.authority, response.additional = [], [], []
    if behaviour is Behaviour.OTHER_ID:
        response.id ^= 0xFFFF
    limit = 65535 if over_tcp else max(query.payload if query.edns >= 0 else PLAIN_UDP, PLAIN_UDP)
    try:
        return response.to_wire(max_size=limit)
    except dns.exception.TooBig:
        response.answer, response.authority, response.additional = [], [], []
        response.flags |= dns.flags.TC
        return response.to_wire(max_size=limit)


@dataclass(frozen=True, slots=True)
class _Answering:
    """One answer in the making."""

    world: DnsWorld
    server: str
    response: dns.message.Message

    def answer(self, name: str, rdtype: dns.rdatatype.RdataType) -> None:
        if self.server == RESOLVER:
            self._resolve(name, dns.rdatatype.to_text(rdtype))
            return
        zone = self.world.zone_of(name)
        own = self._own_zone(name)
        if own is None:
            self.response.set_rcode(dns.rcode.REFUSED)
        elif own != zone:
            self._refer(own, name)
        else:
            self.response.flags |= dns.flags.AA
            self._from_zone(zone, name, dns.rdatatype.to_text(rdtype))

    def _own_zone(self, name: str) -> str | None:
        """Give the deepest zone above the name that this server answers for."""
        labels = name.split(".") if name else []
        for start in range(len(labels) + 1):
            above = ".".join(labels[start:])
            if above in self.world.zones and self._serves(above):
                return above
        return None

    def _serves(self, zone: str) -> bool:
        if self.server == PARENTS:
            return zone.count(".") == 0
        return zone.count(".") > 0 and any(NAME_SERVERS.get(name) == self.server for name in self.world.zones[zone])

    def _refer(self, own: str, name: str) -> None:
        """Name the servers of the zone below that the name lies in (RFC 1034 section 4.3.2)."""
        labels = name.split(".")
        depth = len(own.split(".")) if own else 0
        for start in range(len(labels) - depth - 1, -1, -1):
            child = ".".join(labels[start:])
            if child in self.world.zones:
                self.response.authority.append(self._rrset(child, "NS", self.world.zones[child]))
                return

    def _from_zone(self, zone: str, name: str, rtype: str) -> None:
        for _ in range(MAX_HOPS):
            values = self._values(zone, name, rtype)
            if values:
                self.response.answer.append(self._rrset(name, rtype, values))
                return
            target = self._values(zone, name, "CNAME")
            if not target:
                self._nothing(zone, name)
                return
            self.response.answer.append(self._rrset(name, "CNAME", target))
            name = str(target[0])
            if self.world.zone_of(name) != zone:
                return

    def _resolve(self, name: str, rtype: str) -> None:
        for _ in range(MAX_HOPS):
            zone = self.world.zone_of(name)
            behaviours = {self.world.behaviours.get(address) for address in self._addresses(zone)}
            if behaviours and behaviours <= {Behaviour.SERVFAIL, Behaviour.REFUSED, Behaviour.LAME, Behaviour.SILENT}:
                self.response.answer = []
                self.response.set_rcode(dns.rcode.SERVFAIL)
                return
            values = self._values(zone, name, rtype)
            if values:
                self.response.answer.append(self._rrset(name, rtype, values))
                return
            target = self._values(zone, name, "CNAME")
            if not target:
                self._nothing(zone, name)
                return
            self.response.answer.append(self._rrset(name, "CNAME", target))
            name = str(target[0])

    def _addresses(self, zone: str) -> Iterator[str]:
        if zone.count(".") == 0:
            yield PARENTS
            return
        for name in self.world.zones[zone]:
            if name in NAME_SERVERS:
                yield NAME_SERVERS[name]

    def _values(self, zone: str, name: str, rtype: str) -> Values:
        if name == zone and rtype == "SOA":
            return (
                f"ns1.rehearsal.invalid. hostmaster.{zone or 'rehearsal.invalid'}. 1 3600 600 86400 {MINIMUM_SECONDS}",
            )
        if name == zone and rtype == "NS":
            return self.world.zones[zone]
        return self.world.values((name, rtype), self.server)

    def _nothing(self, zone: str, name: str) -> None:
        soa = self._values(zone, zone, "SOA")
        self.response.authority.append(self._rrset(zone, "SOA", soa))
        if not self.world.exists(name) and not self.world.has_wildcard(name):
            # RFC 2308 section 2.1: at the end of a chain the code is about the last name.
            self.response.set_rcode(dns.rcode.NXDOMAIN)

    def _rrset(self, name: str, rtype: str, values: Values) -> dns.rrset.RRset:
        texts = [_presentation(rtype, value) for value in values]
        return dns.rrset.from_text(dns.name.from_text(name), self.world.ttl_seconds, "IN", rtype, *texts)


def _presentation(rtype: str, value: str | Mx) -> str:
    """Give a value as master files write it (RFC 1035 section 5.1)."""
    if isinstance(value, Mx):
        return f"{value.preference} {value.exchange}."
    if rtype in {"CNAME", "NS", "PTR"}:
        return f"{value}."
    if rtype == "TXT":
        octets = value.encode("latin-1", "replace")
        chunks = [octets[start : start + CHUNK] for start in range(0, len(octets), CHUNK)] or [b""]
        return " ".join(f'"{"".join(_escaped(octet) for octet in chunk)}"' for chunk in chunks)
    return value


def _escaped(octet: int) -> str:
    sign = chr(octet)
    return sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else f"\\{octet:03d}"


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower().removesuffix(".") if name != dns.name.root else ""
