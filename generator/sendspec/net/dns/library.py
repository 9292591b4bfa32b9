"""What is out of the ordinary: messages built and read by dnspython."""

import struct
from collections.abc import Iterator

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.NS
import dns.rdtypes.ANY.PTR
import dns.rdtypes.ANY.TXT
import dns.rrset

from sendspec.model.dns_record import Mx
from sendspec.net.dns.answer import MOST_HOPS, Answer, Asked, Status
from sendspec.net.dns.wire import HEADER_OCTETS, UDP_OCTETS

NOT_READABLE = (dns.exception.DNSException, ValueError, LookupError, OverflowError, struct.error)
"""What dnspython raises for hostile octets and names: its own errors, and those of the values it makes."""

_STATUSES = {
    dns.rcode.NXDOMAIN: Status.NXDOMAIN,
    dns.rcode.SERVFAIL: Status.SERVFAIL,
    dns.rcode.REFUSED: Status.REFUSED,
}
_NAMING = (dns.rdtypes.ANY.CNAME.CNAME, dns.rdtypes.ANY.NS.NS, dns.rdtypes.ANY.PTR.PTR)


def to_dns_name(name: str) -> dns.name.Name:
    """Give a name as dnspython has it; empty is the root.

    Raises:
        ValueError: It is none.
    """
    try:
        return dns.name.from_text(f"{name}.", origin=None)
    except NOT_READABLE as error:
        raise ValueError(f"{name!r} is no name that DNS can carry") from error


def to_text(name: dns.name.Name) -> str:
    """Give a name as checks see it: lowercase, without the final dot; the root is empty."""
    return "" if name == dns.name.root else name.canonicalize().to_text(omit_final_dot=True)


def build_with_dnspython(name: str, rtype: str, *, is_recursive: bool, with_edns: bool = True) -> tuple[bytes, bytes]:
    """Give a message without its id, and its question section, both as octets.

    Raises:
        ValueError: The name or the type is none.
    """
    try:
        message = dns.message.make_query(
            to_dns_name(name), rtype, use_edns=0 if with_edns else False, payload=UDP_OCTETS
        )
    except NOT_READABLE as error:
        raise ValueError(f"{name} {rtype} is no question that DNS can carry") from error
    message.flags = dns.flags.RD if is_recursive else dns.flags.Flag(0)
    octets = message.to_wire()
    section_end = HEADER_OCTETS + len(message.question[0].name.to_wire() or b"") + 4
    return octets[2:], octets[HEADER_OCTETS:section_end]


def read_with_dnspython(message: bytes, asked: Asked, *, over_tcp: bool = False) -> Answer | None:
    """Give what any message says; `read_plain` says the same of plain ones in a tenth of the time."""
    try:
        parsed = dns.message.from_wire(message, raise_on_truncation=not over_tcp)
        reading = _Reading(parsed, asked, to_dns_name(asked.name), dns.rdatatype.from_text(asked.type))
        return reading.answer(len(message), over_tcp=over_tcp)
    except dns.message.Truncated:
        return None
    except NOT_READABLE as error:
        return asked.answer(Status.MALFORMED, f"{type(error).__name__}: {error}"[:200])


class _Reading:
    """One message, looked at from its question."""

    def __init__(
        self, message: dns.message.Message, asked: Asked, name: dns.name.Name, rtype: dns.rdatatype.RdataType
    ) -> None:
        self._message, self._asked, self._name, self._type = message, asked, name, rtype
        self._is_authoritative = bool(message.flags & dns.flags.AA)
        self._sets = {(found.name, found.rdtype): found for found in self._in(message.answer)}

    @staticmethod
    def _in(section: list[dns.rrset.RRset]) -> Iterator[dns.rrset.RRset]:
        return (found for found in section if found.rdclass == dns.rdataclass.IN and len(found) > 0)

    def answer(self, octets: int, *, over_tcp: bool) -> Answer:
        """Give all of it."""
        chain, found, problem = self._follow()
        status, words = self._status(chain, found)
        if problem and status.is_known:
            status, words = Status.OTHER, problem
        is_answer = status is Status.ANSWER and found is not None
        ttls = [link.ttl for link in chain] + ([found.ttl] if found is not None else [])
        soa = self._soa(self._target(chain[-1]) if chain else self._name)
        is_nothing = status in {Status.NODATA, Status.NXDOMAIN}
        return Answer(
            status=status,
            name=self._asked.name,
            type=self._asked.type,
            server=self._asked.server,
            values=tuple(sorted({to_value(rdata) for rdata in found})) if is_answer and found is not None else (),
            chain=tuple(to_text(self._target(link)) for link in chain),
            ttl_seconds=min(ttls) if is_answer else None,
            # RFC 2308 section 5: the lower of the SOA's TTL and its MINIMUM
            negative_ttl_seconds=min(soa.ttl, soa[0].minimum) if is_nothing and soa is not None else None,
            zone=to_text(soa.name) if is_nothing and soa is not None else None,
            is_authoritative=self._is_authoritative,
            referral=self._referral() if status is Status.REFERRAL else None,
            glue=self._glue() if status is Status.REFERRAL else (),
            rcode=words,
            over_tcp=over_tcp,
            octets=octets,
        )

    @staticmethod
    def _target(link: dns.rrset.RRset) -> dns.name.Name:
        target: dns.name.Name = link[0].target
        return target

    def _follow(self) -> tuple[list[dns.rrset.RRset], dns.rrset.RRset | None, str]:
        """Give the CNAMEs from the question's name on, the set at their end, and what is wrong with the chain."""
        name, seen = self._name, {self._name}
        chain: list[dns.rrset.RRset] = []
        while True:
            found = self._sets.get((name, self._type))
            if found is not None:
                return chain, found, ""
            link = self._sets.get((name, dns.rdatatype.CNAME))
            if link is None:
                return chain, None, ""
            if len(link) > 1:
                return chain, None, f"{len(link)} CNAME records at {to_text(name)}"
            if len(chain) == MOST_HOPS:
                return chain, None, f"more than {MOST_HOPS} CNAME records in a row"
            chain.append(link)
            name = self._target(link)
            if name in seen:
                return chain, None, f"a CNAME loop at {to_text(name)}"
            seen.add(name)

    def _status(self, chain: list[dns.rrset.RRset], found: dns.rrset.RRset | None) -> tuple[Status, str]:
        message, rcode = self._message, self._message.rcode()
        if rcode not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            status = _STATUSES.get(rcode, Status.OTHER)
            said = (status, dns.rcode.to_text(rcode) if status is Status.OTHER else "")
        elif message.opcode() != dns.opcode.QUERY:
            said = (Status.OTHER, f"an answer to {dns.opcode.to_text(message.opcode())}")
        elif message.flags & dns.flags.TC:
            said = (Status.OTHER, "truncated")
        elif not self._asked.is_recursive and not self._is_authoritative:
            is_empty = found is None and not chain and rcode == dns.rcode.NOERROR
            said = (Status.REFERRAL if is_empty and self._referral() is not None else Status.LAME, "")
        elif rcode == dns.rcode.NXDOMAIN:
            said = (Status.NXDOMAIN, "")
        elif found is not None:
            said = (Status.ANSWER, "")
        elif self._is_authoritative or message.flags & dns.flags.RA:
            said = (Status.NODATA, "")
        else:
            said = (Status.OTHER, "it does not look names up for others")
        return said

    def _referral(self) -> tuple[str, tuple[str, ...]] | None:
        """Give the zone and its servers. One to the root, the old way to say that a server knows nothing, is none."""
        if self._soa(self._name) is not None:
            return None
        for found in self._in(self._message.authority):
            is_above = self._name.is_subdomain(found.name) and found.name != dns.name.root
            if found.rdtype == dns.rdatatype.NS and is_above:
                return to_text(found.name), tuple(sorted({str(to_value(rdata)) for rdata in found}))
        return None

    def _glue(self) -> tuple[tuple[str, str], ...]:
        """Give the addresses that came along."""
        addresses = {dns.rdatatype.A, dns.rdatatype.AAAA}
        sets = (found for found in self._in(self._message.additional) if found.rdtype in addresses)
        return tuple(sorted({(to_text(found.name), rdata.to_text()) for found in sets for rdata in found}))

    def _soa(self, name: dns.name.Name) -> dns.rrset.RRset | None:
        """Give the SOA that came along to say that a name has nothing."""
        for found in self._in(self._message.authority):
            if found.rdtype == dns.rdatatype.SOA and name.is_subdomain(found.name):
                return found
        return None


def to_value(rdata: dns.rdata.Rdata) -> str | Mx:
    """Give a value as checks see it."""
    if isinstance(rdata, dns.rdtypes.ANY.MX.MX):
        return Mx(rdata.preference, to_text(rdata.exchange))
    if isinstance(rdata, dns.rdtypes.ANY.TXT.TXT):
        return b"".join(rdata.strings).decode("latin-1")
    if isinstance(rdata, _NAMING):
        return to_text(rdata.target)
    return rdata.to_text()
