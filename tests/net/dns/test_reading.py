"""What dnspython reads for us: hostile octets give an answer that says so, never an exception."""

from contextlib import suppress

import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.net.address import Server
from sendspec.net.dns.answer import Answer, Asked, Status
from sendspec.net.dns.reading import build_question, read_answer

SERVER = Server("192.0.2.1")


def sound(name="_dmarc.shop.example.", rtype="TXT"):
    message = dns.message.make_response(dns.message.make_query(name, rtype, use_edns=0))
    message.flags |= dns.flags.AA
    message.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "a.shop.example."))
    message.answer.append(dns.rrset.from_text("a.shop.example.", 60, "IN", "TXT", '"x" "y"'))
    message.answer.append(dns.rrset.from_text("a.shop.example.", 60, "IN", "MX", "10 b.example."))
    message.authority.append(dns.rrset.from_text("shop.example.", 60, "IN", "SOA", "a. b. 1 2 3 4 5"))
    message.authority.append(dns.rrset.from_text("shop.example.", 60, "IN", "NS", "ns1.example."))
    message.additional.append(dns.rrset.from_text("ns1.example.", 60, "IN", "A", "192.0.2.1"))
    message.additional.append(dns.rrset.from_text("x.example.", 60, "IN", "CAA", '0 issue "ca.example"'))
    return message.to_wire()


@given(
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255), st.integers(0, 20)), max_size=4),
    st.sampled_from(["TXT", "MX", "CNAME", "SOA", "NS", "ANY", "TYPE65280"]),
    st.booleans(),
    st.booleans(),
)
def test_damaged_messages_are_read_or_malformed(damage, rtype, is_recursive, over_tcp):
    octets = bytearray(sound())
    for where, octet, repeated in damage:
        at = int(where * len(octets))
        octets[at : at + 1] = bytes((octet,)) * repeated
    asked = Asked(SERVER, "_dmarc.shop.example", rtype, is_recursive)
    answer = read_answer(bytes(octets), asked, over_tcp=over_tcp)
    assert answer is None or isinstance(answer, Answer)
    if answer is not None:
        assert bool(answer.values) == (answer.status is Status.ANSWER)


@given(st.binary(max_size=400), st.text(max_size=80), st.text(max_size=10))
def test_no_octets_and_no_name_raise(octets, name, rtype):
    answer = read_answer(octets, Asked(SERVER, name, rtype, False))
    assert answer is None or answer.status is not Status.ANSWER
    with suppress(ValueError):
        build_question(name, rtype, is_recursive=True)


LABELS = st.text("abcXYZ019_-*", min_size=1, max_size=64)


@given(st.lists(LABELS, max_size=8), st.sampled_from(("A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA")), st.booleans())
def test_a_common_question_is_what_dnspython_would_send(labels, rtype, is_recursive):
    name = ".".join(labels)
    try:
        message = dns.message.make_query(f"{name}.", rtype, use_edns=0, payload=1232, id=0)
    except dns.exception.DNSException:
        with pytest.raises(ValueError, match="no name that DNS can carry"):
            build_question(name, rtype, is_recursive=is_recursive)
        return
    message.flags = dns.flags.RD if is_recursive else dns.flags.Flag(0)
    octets, section = build_question(name, rtype, is_recursive=is_recursive)
    assert b"\0\0" + octets == message.to_wire()
    assert octets[10:].startswith(section)
    assert len(section) == len(message.question[0].name.to_wire()) + 4


def test_a_whole_answer_is_read_along_its_aliases():
    answer = read_answer(sound(), Asked(SERVER, "_dmarc.shop.example", "TXT", False))
    assert (answer.status, answer.values, answer.chain) == (Status.ANSWER, ("xy",), ("a.shop.example",))
    assert (answer.negative_ttl_seconds, answer.zone, answer.referral, answer.glue) == (None, None, None, ())


@pytest.mark.parametrize(("ttl", "minimum", "expected"), [(3600, 300, 300), (60, 300, 60)])
def test_nothing_holds_for_the_lower_of_two_times(ttl, minimum, expected):
    message = dns.message.make_response(dns.message.make_query("x.shop.example.", "TXT"))
    message.flags |= dns.flags.AA
    message.authority.append(dns.rrset.from_text("shop.example.", ttl, "IN", "SOA", f"a. b. 1 2 3 4 {minimum}"))
    answer = read_answer(message.to_wire(), Asked(SERVER, "x.shop.example", "TXT", False))
    assert (answer.status, answer.negative_ttl_seconds) == (Status.NODATA, expected)


def test_a_truncated_answer_is_none_even_where_it_is_cut_inside_a_record():
    octets = bytearray(sound())
    octets[2] |= 0x02
    asked = Asked(SERVER, "_dmarc.shop.example", "TXT", False)
    assert read_answer(bytes(octets), asked) is None
    assert read_answer(bytes(octets[:-10]), asked) is None
    assert read_answer(bytes(octets), asked, over_tcp=True).said == "an error: truncated"
