"""The few DNS messages that are packed and compared by hand, because a library takes ten times as long for them.

A question with EDNS is packed; an answer is compared with the one expected, octet by octet. What is not exactly that is
nobody's concern here: dnspython reads it. No octets make it raise. Source: RFC 1035 section 4, RFC 6891.
"""

from typing import NamedTuple

from sendspec.model.dns_record import Mx

UDP_OCTETS = 1232
"""What we let servers send in one datagram: fits every path without fragments (DNS flag day 2020)."""

HEADER_OCTETS = 12
_LENGTHS = tuple(bytes((length,)) for length in range(64))
_ONE = b"\0\1"
"""Class IN, and the count of questions."""
_DIRECT, _RECURSIVE = (flags + b"\0\1\0\0\0\0\0\1" for flags in (b"\0\0", b"\1\0"))
_OPT = b"\0\0\x29" + UDP_OCTETS.to_bytes(2, "big") + bytes(6)
_TO_QUESTION = b"\xc0\x0c"
"""A pointer to the name in the question, which is where every server we know points to."""

_LONG = 0x40
_POINTER = 0xC0
"""The first octet of a label that is too long to be one, and of a pointer."""
_LONGEST_NAME = 255
_QR = 0x80
_ERRORS_ALONE = (1, 2, 4, 5)
"""FORMERR, SERVFAIL, NOTIMP, REFUSED."""
_OPT_TYPE = 41
_SPECIAL_TYPES = (_OPT_TYPE, 249, 250)
"""OPT, TKEY and TSIG say things about the whole message."""


class Form(NamedTuple):
    """What all questions of a type have in common."""

    type: bytes
    fixed: int  # octets of a value before the name in it; -1 where it holds none
    mask: int  # bits of an answer's third octet that matter: QR, opcode, AA, TC
    flags: int  # and how they must stand
    owner: bytes  # how the answer's records begin


_FORMS = {
    (rtype, is_recursive): Form(code, fixed, mask, flags, _TO_QUESTION + code + _ONE)
    for rtype, code, fixed in (("CNAME", b"\0\x05", 0), ("MX", b"\0\x0f", 2), ("TXT", b"\0\x10", -1))
    for is_recursive, mask, flags in ((False, 0xFE, 0x84), (True, 0xFA, 0x80))
}


class Question(NamedTuple):
    """A question as octets, and how its answer must look."""

    form: Form
    message: bytes  # all but the id in front
    section: bytes  # the question section
    counts: bytes  # of questions and answers, as in the answer's header
    values: list[bytes]  # RDATA without compression, sorted; never empty


def pack_name(name: str) -> bytes:
    """Give a name (without final dot; empty is the root) as octets. ValueError or IndexError if none, or with escapes."""
    if not name:
        return b"\0"
    labels = name.encode("ascii").split(b".")
    packed = b"".join([_LENGTHS[len(label)] + label for label in labels]) + b"\0"
    if len(packed) > _LONGEST_NAME or b"" in labels or "\\" in name:
        raise ValueError(name)
    return packed


def pack_plain(name: str, code: bytes, *, is_recursive: bool) -> tuple[bytes, bytes]:
    """Give a question of any type with EDNS, without its id, and its question section. Raises what `pack_name` does."""
    section = pack_name(name) + code + _ONE
    return (_RECURSIVE if is_recursive else _DIRECT) + section + _OPT, section


def _pack_value(value: str | Mx, form: Form) -> bytes:
    if isinstance(value, Mx) is not (form.fixed > 0):
        raise ValueError(value)
    if isinstance(value, Mx):
        return value.preference.to_bytes(2, "big") + pack_name(value.exchange)
    if form.fixed == 0:
        return pack_name(value)
    octets = value.encode("latin-1")
    if len(octets) < 256:  # noqa: PLR2004 - the octets of one string
        return bytes((len(octets),)) + octets
    chunks = (octets[at : at + 255] for at in range(0, len(octets), 255))
    return b"".join(bytes((len(chunk),)) + chunk for chunk in chunks)


def pack_question(name: str, rtype: str, values: tuple[str | Mx, ...], *, is_recursive: bool) -> Question | None:
    """Give a question with EDNS, and the answer that is expected; None where that is for a library to do."""
    form = _FORMS.get((rtype, is_recursive))
    if form is None or not values:
        return None
    try:
        message, section = pack_plain(name, form.type, is_recursive=is_recursive)
        packed = [_pack_value(value, form) for value in values]
        counts = _ONE + len(packed).to_bytes(2, "big")
    except (ValueError, IndexError, OverflowError):  # not ASCII, not latin-1, of another type, too long
        return None
    packed.sort()
    return Question(form, message, section, counts, packed)


def is_response(message: bytes) -> bool:
    """Tell whether octets look like a DNS response at all."""
    return len(message) >= HEADER_OCTETS and message[2] >= _QR


def answers(message: bytes, section: bytes) -> bool:
    """Tell whether a message, whose id is right, answers a question: a response that echoes it, in any case."""
    if message[4:6] == _ONE:
        return is_response(message) and message[HEADER_OCTETS : HEADER_OCTETS + len(section)].lower() == section.lower()
    # Servers that do not get as far as reading a question send their error without it.
    return is_response(message) and len(message) == HEADER_OCTETS and message[3] & 0x0F in _ERRORS_ALONE


def is_as_expected(message: bytes, question: Question) -> bool:
    """Tell whether a message is the answer expected: no error, the question echoed, and exactly the values.

    The values may come in any order, with any TTL, and with names compressed. Other sections are only looked through:
    they must be whole and tell of no error.
    """
    form, _, section, counts, expected = question
    at = HEADER_OCTETS + len(section)
    if (
        len(message) < at
        or message[2] & form.mask != form.flags
        or message[3] & 0x0F
        or message[4:8] != counts
        or not message.startswith(section, HEADER_OCTETS)
    ):
        return False
    values = []
    for _ in expected:
        if message.startswith(form.owner, at):
            at += 6
        elif message.startswith(section, at):  # the same name, type and class
            at += len(section)
        else:
            return False
        start = at + 6
        at = start + int.from_bytes(message[at + 4 : start], "big")
        value = message[start:at]
        if value not in expected and form.fixed >= 0:
            value = value[: form.fixed] + _expand(message, start + form.fixed, at)
        values.append(value)
    values.sort()
    return values == expected and _is_sound(message, at)


def _expand(message: bytes, at: int, end: int) -> bytes:
    """Read a name that fills `at` to `end`: lowercase, without compression; empty if there is none."""
    name = b""
    lowest = at
    is_inside = True
    while len(name) < _LONGEST_NAME and at < len(message):
        length = message[at]
        if length == 0:
            return name + b"\0" if not is_inside or at + 1 == end else b""
        if length >= _POINTER:
            if is_inside and at + 2 != end:
                return b""
            is_inside = False
            at = int.from_bytes(message[at : at + 2], "big") & 0x3FFF
            if at >= lowest:  # a pointer leads back (RFC 1035 section 4.1.4), so that no loop can be made
                return b""
            lowest = at
        elif length < _LONG:
            name += message[at : at + 1 + length].lower()  # no length is a letter
            at += 1 + length
        else:
            return b""
    return b""


def _is_sound(message: bytes, at: int) -> bool:
    """Tell whether the records from `at` on are as many as the header says, whole, and tell of no error."""
    try:
        for _ in range(message[8] * 256 + message[9] + message[10] * 256 + message[11]):
            length = message[at]
            while 0 < length < _LONG:
                at += 1 + length
                length = message[at]
            if length >= _POINTER:
                at += 1
            elif length:
                return False
            # `at` is the last octet of the name: type, class, TTL and length of the value follow.
            code = message[at + 2]
            if code in _SPECIAL_TYPES and not message[at + 1] and (code != _OPT_TYPE or message[at + 5]):
                return False  # signed, or an extended error (RFC 6891 section 6.1.3)
            at += 11 + message[at + 9] * 256 + message[at + 10]
    except IndexError:
        return False
    return at == len(message)
