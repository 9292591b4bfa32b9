"""Plain answers, read by hand, because a library takes ten times as long for them and a check reads thousands.

An answer is read here only if nothing in it is out of the ordinary: names of letters, digits, hyphens and underscores, the
usual types, class IN, no error but NXDOMAIN. Of everything else `read_plain` says nothing, and dnspython reads it; tests
hold the two against each other. No octets make it raise. Source: RFC 1035 section 4, RFC 2308, RFC 6891.
"""

import re
import struct
from functools import partial
from socket import AF_INET, AF_INET6, inet_ntop

from sendspec.model.dns_record import Mx
from sendspec.net.dns.answer import MOST_HOPS, Answer, Asked, Status
from sendspec.net.dns.wire import HEADER_OCTETS

CODES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28}
A, NS, CNAME, SOA, MX, TXT = (CODES[name] for name in ("A", "NS", "CNAME", "SOA", "MX", "TXT"))
AAAA, OPT_TYPE = CODES["AAAA"], 41
LABEL = re.compile(rb"[A-Za-z0-9_-]+\Z")
RESPONSE, AA, SPECIAL_FLAGS = 0x80, 0x04, 0xFA
"""In the third octet: QR alone, AA, and all bits but AA and RD."""
RA = 0x80
"""In the fourth."""
NXDOMAIN = 3
LONGEST_NAME = 254
"""Octets of a name but for its last (RFC 1035 section 2.3.4)."""
IN = 1
MOST_TTL = 2**31 - 1
FIXED = struct.Struct("!HHIH")
"""Type, class, TTL and length of the value, behind the owner's name."""

Sets = dict[tuple[str, int], tuple[int, list[str | Mx]]]
"""(owner, type) -> (lowest TTL, values)."""


class _OddError(Exception):
    """Something that this module leaves to others."""


def read_plain(message: bytes, asked: Asked) -> Answer | None:
    """Give what an ordinary message says, whose id and question are right; None for any other."""
    try:
        return _read(message, asked)
    except (_OddError, LookupError, struct.error, ValueError):
        return None


def _read(message: bytes, asked: Asked) -> Answer:
    name_error = message[3] & 0x0F == NXDOMAIN
    questions, *counts = struct.unpack_from("!4H", message, 4)
    if message[2] & SPECIAL_FLAGS != RESPONSE or (message[3] & 0x0F and not name_error) or questions != 1:
        raise _OddError
    code = CODES[asked.type]
    answer, authority, additional = _sections(message, counts)
    name, is_authoritative = asked.name.lower(), bool(message[2] & AA)
    chain, end = _follow(answer, name, code)
    ttl, values = answer.get((end, code), (0, []))
    zone = next((owner for owner, each in authority if each == SOA and _lies_in(end, owner)), None)
    said = partial(
        Answer,
        name=asked.name,
        type=asked.type,
        server=asked.server,
        chain=tuple(chain),
        is_authoritative=is_authoritative,
        octets=len(message),
    )
    if not asked.is_recursive and not is_authoritative:
        if chain or values or name_error or zone is not None:
            raise _OddError
        referral, glue = _referral(authority, additional, name)
        return said(status=Status.REFERRAL, referral=referral, glue=glue)
    if values and not name_error:
        ttls = (ttl, *(answer[owner, CNAME][0] for owner in (name, *chain)[: len(chain)]))
        return said(status=Status.ANSWER, values=tuple(sorted(set(values))), ttl_seconds=min(ttls))
    if not (name_error or is_authoritative or message[3] & RA):
        raise _OddError
    negative_ttl = None
    if zone is not None:  # RFC 2308 section 5: the lower of the SOA's TTL and its MINIMUM
        soa_ttl, soa = authority[zone, SOA]
        negative_ttl = min(soa_ttl, int(str(soa[0]).rpartition(" ")[2]))
    status = Status.NXDOMAIN if name_error else Status.NODATA
    return said(status=status, negative_ttl_seconds=negative_ttl, zone=zone)


def _sections(message: bytes, counts: list[int]) -> list[Sets]:
    """Give the answer, authority and additional sections; all of the message is in them."""
    _, at = _name(message, HEADER_OCTETS)
    at += 4
    sections = []
    for count in counts:
        found, at = _section(message, at, count)
        sections.append(found)
    if at != len(message):
        raise _OddError
    return sections


def _section(message: bytes, at: int, count: int) -> tuple[Sets, int]:
    sets: Sets = {}
    for _ in range(count):
        owner, at = _name(message, at)
        code, cls, ttl, length = FIXED.unpack_from(message, at)
        at += FIXED.size
        if at + length > len(message):
            raise _OddError
        if code == OPT_TYPE:
            if owner or ttl >> 24 or length:  # an extended error (RFC 6891 section 6.1.3), options
                raise _OddError
        elif cls != IN or ttl > MOST_TTL:
            raise _OddError
        else:
            lowest, values = sets.get((owner, code), (ttl, []))
            if values and code in {CNAME, SOA}:
                raise _OddError
            values.append(_value(message, code, at, at + length))
            sets[owner, code] = min(lowest, ttl), values
        at += length
    return sets, at


def _value(message: bytes, code: int, at: int, end: int) -> str | Mx:
    value: str | Mx
    if code == TXT and end > at:
        parts = []
        while at < end:
            parts.append(message[at + 1 : at + 1 + message[at]])
            at += 1 + message[at]
        value = b"".join(parts).decode("latin-1")
    elif code == A and end - at == 4:  # noqa: PLR2004 - octets of an address
        value, at = inet_ntop(AF_INET, message[at:end]), end
    elif code == AAAA and end - at == 16:  # noqa: PLR2004 - the same
        value, at = inet_ntop(AF_INET6, message[at:end]), end
    elif code in {CNAME, NS}:
        value, at = _name(message, at)
    elif code == MX:
        exchange, after = _name(message, at + 2)
        value, at = Mx(int.from_bytes(message[at : at + 2], "big"), exchange), after
    elif code == SOA:
        first, after = _name(message, at)
        second, after = _name(message, after)
        value = f"{first}. {second}. {' '.join(map(str, struct.unpack_from('!5I', message, after)))}"
        at = after + 20
    else:
        raise _OddError
    if at != end:
        raise _OddError
    return value


def _name(message: bytes, at: int) -> tuple[str, int]:
    """Read a name: lowercase, and where what follows begins. A pointer leads back, so no loop can be made."""
    labels: list[bytes] = []
    after, lowest, octets = 0, at, 0
    while (length := message[at]) != 0:
        if length >= 0xC0:  # noqa: PLR2004 - a pointer (RFC 1035 section 4.1.4)
            after = after or at + 2
            at = (length & 0x3F) << 8 | message[at + 1]
            if at >= lowest:
                raise _OddError
            lowest = at
            continue
        label = message[at + 1 : at + 1 + length]
        if len(label) != length or length > 63 or not LABEL.match(label):  # noqa: PLR2004 - octets of a label
            raise _OddError
        labels.append(label)
        at += 1 + length
        octets += 1 + length
        if octets > LONGEST_NAME:
            raise _OddError
    return b".".join(labels).decode().lower(), after or at + 1


def _follow(answer: Sets, name: str, code: int) -> tuple[list[str], str]:
    """Give the CNAME targets from a name on, and the last of them or the name itself."""
    chain: list[str] = []
    while (name, code) not in answer and (name, CNAME) in answer:
        _, targets = answer[name, CNAME]
        name = str(targets[0])
        if len(chain) == MOST_HOPS or name in chain:
            raise _OddError
        chain.append(name)
    return chain, name


def _referral(
    authority: Sets, additional: Sets, name: str
) -> tuple[tuple[str, tuple[str, ...]], tuple[tuple[str, str], ...]]:
    for (owner, code), (_, values) in authority.items():
        if code == NS and owner and _lies_in(name, owner):
            servers = tuple(sorted({str(value) for value in values}))
            found = {
                (host, str(value))
                for (host, each), (_, values) in additional.items()
                if each in {A, AAAA}
                for value in values
            }
            return (owner, servers), tuple(sorted(found))
    raise _OddError


def _lies_in(name: str, zone: str) -> bool:
    return not zone or name == zone or name.endswith(f".{zone}")
