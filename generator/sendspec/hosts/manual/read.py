"""Authoritative name servers -> what a zone holds at the names asked for."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sendspec.hosts.interface import HostDesk
from sendspec.model.dns_record import Mx, RecordType, Value
from sendspec.model.live import LiveRRset, LiveZone, Unread
from sendspec.net.address import Server
from sendspec.net.dns.answer import Answer, Status

NAMES_AT_ONCE = 32
"""Of one zone; the client behind it is polite to each server for all zones together."""
BESIDE_A_CNAME = ("A", "AAAA")
"""What else stands where a CNAME is wanted, as far as it is common."""
FIX = "see `sendspec check --only dns`, which asks every server and says what each of them answers"


async def read(desk: HostDesk, names: Collection[str]) -> LiveZone:
    """Ask the zone's own servers about names. What nobody answers is unread, and not absent."""
    zone = desk.zone.name
    found = await desk.zones.of(zone)
    if not found.servers:
        reason = found.problem.said if found.problem else "nobody answers for it"
        return LiveZone(zone, unread={"": Unread(f"zone {zone} in DNS", reason, FIX)})
    types: dict[str, set[str]] = {}
    for rrset in desk.zone.rrsets:
        types.setdefault(rrset.name, set()).add(rrset.type)
    looks = [_Look(desk, found.servers, name, types.get(name, set())) for name in sorted(set(names))]
    slots = asyncio.Semaphore(NAMES_AT_ONCE)

    async def one(look: _Look) -> Sequence[LiveRRset] | Unread:
        async with slots:
            return await look.run()

    seen = await asyncio.gather(*map(one, looks))
    rrsets: dict[tuple[str, str], LiveRRset] = {}
    unread: dict[str, Unread] = {}
    for look, result in zip(looks, seen, strict=True):
        if isinstance(result, Unread):
            unread[look.name] = result
        else:
            rrsets |= {(rrset.name, rrset.type): rrset for rrset in result}
    return LiveZone(zone, rrsets=rrsets, unread=unread)


@dataclass(frozen=True, slots=True)
class _Look:
    """One name, and the types that it is to have."""

    desk: HostDesk
    servers: Sequence[Server]
    name: str
    wanted: Collection[str]

    async def run(self) -> Sequence[LiveRRset] | Unread:
        """Give its sets, of the types that it is to have and those that cannot stand beside them."""
        rrsets: list[LiveRRset] = []
        for rtype in map(str, self._types()):
            answer = await self._ask(rtype)
            if answer.status is Status.REFERRAL:
                zone = answer.referral[0] if answer.referral else "another zone"
                return self._unread(
                    f"it lies in a zone of its own: {zone}", "declare that zone in the spec, under `domains`"
                )
            if not answer.status.is_known:
                return self._unread(f"{answer.server.to_text()} gives {answer.said}", FIX)
            if answer.chain:
                return [LiveRRset(self.name, RecordType.CNAME, answer.ttl_seconds or 0, (answer.chain[0],))]
            if answer.status is Status.ANSWER:
                rrsets.append(LiveRRset(self.name, rtype, answer.ttl_seconds or 0, tuple(_values(rtype, answer))))
                if rtype == RecordType.CNAME:
                    return rrsets
            if answer.status is Status.NXDOMAIN:
                return []
        return rrsets

    def _types(self) -> Iterator[str]:
        """Give what to ask for; all that is managed where the spec wants nothing at the name any more."""
        if self.wanted and RecordType.CNAME not in self.wanted:
            yield from sorted(self.wanted)
            return
        yield from (RecordType.CNAME, RecordType.TXT, RecordType.MX)
        if self.wanted:
            yield from BESIDE_A_CNAME

    async def _ask(self, rtype: str) -> Answer:
        """Ask the servers in turn until one knows; the last answer if none does."""
        answer = await self.desk.dns.ask(self.servers[0], self.name, rtype)
        for server in self.servers[1:]:
            if answer.status.is_known or answer.status is Status.REFERRAL:
                break
            answer = await self.desk.dns.ask(server, self.name, rtype)
        return answer

    def _unread(self, reason: str, fix: str) -> Unread:
        return Unread(f"{self.name} in DNS", reason, fix)


def _values(rtype: str, answer: Answer) -> Iterator[Value]:
    for value in answer.values:
        yield value if isinstance(value, Mx) or rtype != RecordType.TXT else _as_utf8(value)


def _as_utf8(text: str) -> str:
    """Read the octets of an answer, each of them a character, as the UTF-8 that people write."""
    try:
        return text if text.isascii() else text.encode("latin-1").decode()
    except UnicodeError:
        return text
