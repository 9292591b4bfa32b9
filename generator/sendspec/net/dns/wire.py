"""The few DNS messages that are packed and compared by hand, because a library takes ten times as long for them.

A question with EDNS is packed; an answer is compared with the one expected, octet by octet. What is not exactly that is
nobody's concern here: dnspython reads it. Nothing raises, whatever the octets are.

Source: RFC 1035 section 4 (format), RFC 6891 section 6 (EDNS).
"""

from typing import NamedTuple

from sendspec.model.dns_record import Mx

UDP_OCTETS = 1232
"""What we let servers send in one datagram: fits every path without fragments (DNS flag day 2020)."""

HEADER_OCTETS = 12
_LENGTHS = tuple(bytes((length,)) for length in range(64))
_ONE = b"\0\1"
"""Class IN, and the count of questions."""
_OPT = b"\0\0\x29" + UDP_OCTETS.to_bytes(2, "big") + bytes(6)
_TO_QUESTION = b"\xc0\x0c"
"""A pointer to the name in the question, which is where every server we know points to."""

_POINTER = 0xC0
_LONGEST_NAME = 255
_FEWEST_RECORD_OCTETS = 11
_OPT_TYPE = b"\0\x29"
_SIGNATURE_TYPES = (b"\0\xf9", b"\0\xfa")
"""TKEY and TSIG say things about the whole message."""


class Form(NamedTuple):
    """What all questions of a type have in common.

    Attributes:
        type: Its octets.
        fixed: Octets of a value before the name in it; -1 where a value holds none.
        header: Flags and counts of the question.
        mask, flags: Bits of the third octet of an answer that matter (QR, opcode, AA, TC), and how they must stand.
        owner: How the answer's records begin.
    """

    type: bytes
    fixed: int
    header: bytes
    mask: int
    flags: int
    owner: bytes


def _form(code: bytes, fixed: int, is_recursive: bool) -> Form:
    flags, mask, answered = (b"\1\0", 0xFA, 0x80) if is_recursive else (b"\0\0", 0xFE, 0x84)
    return Form(code, fixed, flags + b"\0\1\0\0\0\0\0\1", mask, answered, _TO_QUESTION + code + _ONE)


_FORMS = {
    (rtype, is_recursive): _form(code, fixed, is_recursive)
    for rtype, code, fixed in (("CNAME", b"\0\x05", 0), ("MX", b"\0\x0f", 2), ("TXT", b"\0\x10", -1))
    for is_recursive in (False, True)
}


class Question(NamedTuple):
    """A question as octets, and how its answer must look.

    Attributes:
        message: The whole message but the id in front.
        section: The question section.
        counts: Numbers of questions and answers, as they stand in the answer's header.
        values: The values (RDATA without compression), sorted; never empty.
    """

    form: Form
    message: bytes
    section: bytes
    counts: bytes
    values: list[bytes]


def pack_name(name: str) -> bytes:
    """Give a name as octets: `a.example` without escapes or final dot; empty is the root.

    Raises:
        ValueError: It is none that could be packed.
    """
    packed = b""
    if name:
        for label in name.encode("ascii").split(b"."):
            if not 0 < len(label) < len(_LENGTHS):
                raise ValueError(name)
            packed += _LENGTHS[len(label)] + label
    if len(packed) >= _LONGEST_NAME or b"\\" in packed:
        raise ValueError(name)
    return packed + b"\0"


def _pack_value(value: str | Mx, rtype: str) -> bytes:
    if isinstance(value, Mx):
        return value.preference.to_bytes(2, "big") + pack_name(value.exchange)
    if rtype == "CNAME":
        return pack_name(value)
    octets = value.encode("latin-1")
    if len(octets) < 256:  # noqa: PLR2004 - the octets of one string
        return bytes((len(octets),)) + octets
    chunks = (octets[at : at + 255] for at in range(0, len(octets), 255))
    return b"".join(bytes((len(chunk),)) + chunk for chunk in chunks)


def pack_question(name: str, rtype: str, values: tuple[str | Mx, ...], *, is_recursive: bool) -> Question | None:
    """Give a question with EDNS, and the answer that is expected; None where that is for a library to do."""
    form = _FORMS.get((rtype, is_recursive))
    if form is None or not values or any(isinstance(value, Mx) is not (rtype == "MX") for value in values):
        return None
    try:
        section = pack_name(name) + form.type + _ONE
        packed = [_pack_value(value, rtype) for value in values]
        counts = _ONE + len(packed).to_bytes(2, "big")
    except (ValueError, OverflowError):  # not ASCII, not latin-1, a preference out of bounds
        return None
    packed.sort()
    return Question(form, form.header + section + _OPT, section, counts, packed)


def is_as_expected(message: bytes, question: Question) -> bool:
    """Tell whether a message is the answer expected: no error, the question echoed, and exactly the values.

    The values may come in any order, with any TTL, and with names compressed. Other sections are not believed, only
    looked through: they must be whole and tell of no error.
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
        elif length < len(_LENGTHS):
            name += message[at : at + 1 + length].lower()  # no length is a letter
            at += 1 + length
        else:
            return b""
    return b""


def _is_sound(message: bytes, at: int) -> bool:
    """Tell whether the records from `at` on are as many as the header says, whole, and tell of no error."""
    end = len(message)
    for _ in range(int.from_bytes(message[8:10], "big") + int.from_bytes(message[10:12], "big")):
        while at < end and 0 < message[at] < len(_LENGTHS):
            at += 1 + message[at]
        if at + _FEWEST_RECORD_OCTETS > end or 0 < message[at] < _POINTER:
            return False
        at += 2 if message[at] else 1
        code = message[at : at + 2]
        if (code == _OPT_TYPE and message[at + 4]) or code in _SIGNATURE_TYPES:  # an extended error, RFC 6891 6.1.3
            return False
        at += 10 + int.from_bytes(message[at + 8 : at + 10], "big")
    return at == end
