"""Messages packed and compared by hand, with dnspython as the judge: nothing is accepted that it does not read the same."""

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.renderer
import dns.rrset
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sendspec.model.dns_record import Mx
from sendspec.net.dns.wire import HEADER_OCTETS, answers, is_as_expected, pack_name, pack_question

ID = b"\x12\x34"
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
NAME = st.lists(LABEL, min_size=1, max_size=5).map(".".join)
TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=600)
TTL = st.integers(0, 2**31 - 1)


@st.composite
def expectations(draw):
    """Give name, type and values of a question, as compile makes them."""
    rtype = draw(st.sampled_from(["TXT", "MX", "CNAME"]))
    name = draw(NAME)
    near = st.one_of(NAME, st.just(name), LABEL.map(lambda label: f"{label}.{name}"))  # so that names get compressed
    value = {"TXT": TEXT, "CNAME": near, "MX": st.builds(Mx, st.integers(0, 65535), st.one_of(near, st.just("")))}[
        rtype
    ]
    values = draw(st.lists(value, min_size=1, max_size=1 if rtype == "CNAME" else 4, unique=True))
    return name, rtype, tuple(values)


def to_rdata(value, rtype):
    if rtype == "MX":
        return f"{value.preference} {value.exchange}."
    if rtype == "CNAME":
        return f"{value}."
    octets = value.encode("latin-1")
    chunks = [octets[at : at + 255] for at in range(0, len(octets), 255)] or [b""]
    return " ".join('"' + "".join(f"\\{octet:03d}" for octet in chunk) + '"' for chunk in chunks)


def answer(name, rtype, values, *, ttl=300, is_recursive=False, extra=(), other_case=False):
    """Give an answer as a server would write it, with dnspython's compression."""
    packed = pack_question(name, rtype, values, is_recursive=is_recursive)
    message = dns.message.make_response(dns.message.from_wire(ID + packed.message), recursion_available=is_recursive)
    if not is_recursive:
        message.flags |= dns.flags.AA
    texts = [to_rdata(value, rtype) for value in values]
    if other_case and rtype != "TXT":
        texts = [text.upper() for text in texts]
    message.answer.append(dns.rrset.from_text(f"{name}.", ttl, "IN", rtype, *texts))
    for owner, kind, text in extra:
        section = message.authority if kind == "NS" else message.additional
        section.append(dns.rrset.from_text(f"{owner}.", ttl, "IN", kind, text))
    return message.to_wire(max_size=65535)


def what_dnspython_reads(octets):
    """Give question, type and values of an answer without any error; None for everything else.

    The sections after the answer may hold values that cannot be read: they are not believed.
    """
    try:
        message = dns.message.from_wire(octets, continue_on_error=True)
    except Exception:  # noqa: BLE001 - whatever it says of octets that are no message
        return None
    flags = dns.flags
    is_fine = (
        message.flags & flags.QR
        and not message.flags & flags.TC
        and message.opcode() == dns.opcode.QUERY
        and message.rcode() == dns.rcode.NOERROR
        and len(message.question) == 1
        and len(message.answer) == 1
        and not any(error.offset < len(octets) and "Trailing" in repr(error) for error in message.errors)
    )
    if not is_fine:
        return None
    question, found = message.question[0], message.answer[0]
    if (found.name, found.rdtype, found.rdclass) != (question.name, question.rdtype, question.rdclass):
        return None
    return question, message.flags, found


def is_the_expected(octets, name, rtype, values, *, is_recursive):
    read = what_dnspython_reads(octets)
    if read is None:
        return False
    question, flags, found = read
    expected = dns.rrset.from_text(f"{name}.", 0, "IN", rtype, *(to_rdata(value, rtype) for value in values))
    return (
        question.name == expected.name
        and question.rdtype == expected.rdtype
        and bool(is_recursive or flags & dns.flags.AA)
        and found == expected
    )


@given(expectations(), TTL, st.booleans(), st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_an_answer_as_servers_write_it_is_as_expected(
    expectation, ttl, is_recursive, random, has_more_sections, other_case
):
    name, rtype, values = expectation
    shuffled = random.sample(values, len(values))
    extra = [(name, "NS", f"ns1.{name}."), (f"ns1.{name}", "A", "192.0.2.1")] if has_more_sections else []
    octets = answer(name, rtype, shuffled, ttl=ttl, is_recursive=is_recursive, extra=extra, other_case=other_case)
    assert is_as_expected(octets, pack_question(name, rtype, values, is_recursive=is_recursive))


@given(expectations(), st.booleans())
def test_names_without_compression_are_as_expected_too(expectation, is_recursive):
    name, rtype, values = expectation
    packed = pack_question(name, rtype, values, is_recursive=is_recursive)
    records = b"".join(
        packed.section + bytes(4) + len(value).to_bytes(2, "big") + value for value in reversed(packed.values)
    )
    flags = b"\x81\x80" if is_recursive else b"\x84\x00"
    octets = ID + flags + packed.counts + bytes(4) + packed.section + records
    assert is_the_expected(octets, name, rtype, values, is_recursive=is_recursive)
    assert is_as_expected(octets, packed)


@st.composite
def damages(draw):
    """Give a function that damages octets."""
    kind = draw(st.sampled_from(["set", "flip", "cut", "insert", "repeat"]))
    where, octet, size = draw(st.floats(0, 0.999)), draw(st.integers(0, 255)), draw(st.integers(1, 12))
    # Half of the damage where it hurts: the header, and lengths and pointers.
    where = draw(st.one_of(st.just(where), st.floats(0, 0.2)))

    def damage(octets):
        at = int(where * len(octets))
        middle = {
            "set": bytes((octet,)),
            "flip": bytes((octets[at] ^ (1 << (octet & 7)),)) if octets else b"",
            "cut": b"",
            "insert": bytes((octet,)) + octets[at : at + 1],
            "repeat": octets[at : at + size] * 2,
        }[kind]
        return octets[:at] + middle + octets[at + (size if kind in {"cut", "repeat"} else 1) :]

    return damage


@given(expectations(), st.lists(damages(), min_size=1, max_size=3), st.booleans())
def test_nothing_damaged_is_accepted_that_dnspython_reads_otherwise(expectation, damage, is_recursive):
    name, rtype, values = expectation
    extra = [(name, "NS", f"ns1.{name}."), (f"ns1.{name}", "A", "192.0.2.1")]
    octets = answer(name, rtype, values, is_recursive=is_recursive, extra=extra)
    for change in damage:
        octets = change(octets)
    if is_as_expected(octets, pack_question(name, rtype, values, is_recursive=is_recursive)):
        assert is_the_expected(octets, name, rtype, values, is_recursive=is_recursive)


@given(expectations(), expectations(), st.booleans())
def test_the_answer_to_something_else_is_not_accepted(expectation, other, is_recursive):
    name, rtype, values = expectation
    assume((name, rtype, set(values)) != (other[0], other[1], set(other[2])))
    octets = answer(*other, is_recursive=is_recursive)
    packed = pack_question(name, rtype, values, is_recursive=is_recursive)
    assert not is_as_expected(octets, packed)
    if (name, rtype) != other[:2]:
        assert not answers(octets, packed.section)


@given(st.binary(max_size=300), expectations(), st.booleans())
@example(b"", ("a.example", "TXT", ("x",)), False)
def test_no_octets_raise(octets, expectation, has_a_sound_start):
    packed = pack_question(*expectation, is_recursive=False)
    if has_a_sound_start:
        octets = ID + b"\x84\0" + packed.counts + b"\0\1\0\1" + packed.section + octets
    assert is_as_expected(octets, packed) in {True, False}
    assert answers(octets, packed.section) in {True, False}


@given(st.text(max_size=300), st.sampled_from(["TXT", "MX", "CNAME", "A", "\0"]), st.lists(st.text(max_size=300)))
def test_no_name_and_no_value_raise(name, rtype, values):
    for given_values in (values, [Mx(70000, name)], [Mx(-1, "a")], [Mx(1, name)]):
        packed = pack_question(name, rtype, tuple(given_values), is_recursive=False)
        if packed is not None:
            read = dns.message.from_wire(ID + packed.message)
            assert read.question[0].name.to_wire() == pack_name(name)
            assert read.payload == 1232


def test_a_pointer_that_leads_in_a_circle_ends():
    packed = pack_question("a.example", "CNAME", ("b.example",), is_recursive=False)
    start = ID + b"\x84\0" + packed.counts + bytes(4) + packed.section + b"\xc0\x0c\0\5\0\1\0\0\0\0\0\2"
    at = len(start)
    for pointer in (at, at + 1, at - 2, 0x3FFF, 0):
        assert not is_as_expected(start + (0xC000 | pointer).to_bytes(2, "big"), packed)


@pytest.mark.parametrize(
    ("value", "is_sound"),
    [
        (b"\1B\7example\0", True),
        (b"\1B\xc0\x0e", True),
        (b"\1B\7example\0x", False),
        (b"\1B\xc0\x0ex", False),
        (b"\1B\xc0", False),
        (b"\1B\7example", False),
    ],
)
def test_a_name_fills_its_value_to_the_end(value, is_sound):
    packed = pack_question("a.example", "CNAME", ("b.example",), is_recursive=False)
    record = packed.form.owner + bytes(4) + len(value).to_bytes(2, "big") + value
    octets = ID + b"\x84\0" + packed.counts + bytes(4) + packed.section + record
    assert is_the_expected(octets, "a.example", "CNAME", ("b.example",), is_recursive=False) is is_sound
    assert is_as_expected(octets, packed) is is_sound


@pytest.mark.parametrize(
    ("at", "octet"),
    [
        (2, 0x04),  # no response
        (2, 0x80),  # without authority
        (2, 0x86),  # truncated
        (2, 0x8C),  # another opcode
        (3, 0x02),  # SERVFAIL
        (3, 0x05),  # REFUSED
        (5, 2),  # two questions
        (7, 2),  # an answer more than there is
        (9, 1),  # an authority record that is not there
    ],
)
def test_a_header_that_says_otherwise_is_not_as_expected(at, octet):
    octets = bytearray(answer("a.example", "TXT", ("x",)))
    packed = pack_question("a.example", "TXT", ("x",), is_recursive=False)
    assert is_as_expected(bytes(octets), packed)
    octets[at] = octet
    assert not is_as_expected(bytes(octets), packed)


def test_an_extended_error_is_not_as_expected():
    octets = bytearray(answer("a.example", "TXT", ("x",)))
    octets[-6] = 1  # BADVERS: the upper bits of the response code stand in the TTL of OPT, here the last record
    assert dns.message.from_wire(bytes(octets)).rcode() == dns.rcode.BADVERS
    assert not is_as_expected(bytes(octets), pack_question("a.example", "TXT", ("x",), is_recursive=False))


def test_octets_after_the_end_are_not_as_expected():
    packed = pack_question("a.example", "TXT", ("x",), is_recursive=False)
    assert not is_as_expected(answer("a.example", "TXT", ("x",)) + b"\0", packed)


def test_an_answer_may_echo_the_question_in_another_case():
    packed = pack_question("a.example", "TXT", ("x",), is_recursive=False)
    octets = answer("a.example", "TXT", ("x",)).replace(b"example", b"eXAMPLe")
    assert answers(octets, packed.section)
    assert not is_as_expected(octets, packed)  # dnspython reads it


def test_an_error_may_come_without_the_question_and_nothing_else_may():
    packed = pack_question("a.example", "TXT", ("x",), is_recursive=False)
    assert answers(ID + b"\x80\x01" + bytes(8), packed.section)
    assert not answers(ID + b"\x80\x00" + bytes(8), packed.section)
    assert not answers(ID + b"\x80\x03" + bytes(8), packed.section)


def test_the_wire_code_stays_small(repository):
    text = (repository / "generator/sendspec/net/dns/wire.py").read_text(encoding="utf-8")
    assert text.count("\n") < 200
    assert HEADER_OCTETS == 12
