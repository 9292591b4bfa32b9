"""What is read by hand is what dnspython reads, or is left to it."""

from itertools import product

import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendspec.net.address import Server
from sendspec.net.dns.answer import Asked, Status
from sendspec.net.dns.library import read_with_dnspython
from sendspec.net.dns.plain import CODES, read_plain
from sendspec.net.dns.reading import build_question, read_answer
from sendspec.net.dns.wire import answers

SERVER = Server("192.0.2.1")
NAMES = ("a.shop.example", "shop.example", "b.shop.example", "x.y.other.test", "_dmarc.shop.example", "example", "")
VALUES = {
    "A": ("192.0.2.1", "192.0.2.2"),
    "NS": ("ns1.other.test.", "ns2.shop.example."),
    "CNAME": ("b.shop.example.", "x.y.other.test.", "a.shop.example.", "*.shop.example."),
    "SOA": ("ns1.a. host.a. 1 2 3 4 60",),
    "MX": ("10 mx.a.", "0 .", "20 b.shop.example."),
    "TXT": ('"v=spf1 -all"', '"a" "b"', '""', '"\\200x"'),
    "AAAA": ("2001:db8::1", "::ffff:192.0.2.1"),
    "CAA": ('0 issue "ca.test"',),
}


@st.composite
def sets(draw):
    rtype = draw(st.sampled_from(sorted(VALUES)))
    values = draw(st.lists(st.sampled_from(VALUES[rtype]), min_size=1, max_size=2, unique=True))
    ttl = draw(st.sampled_from((0, 60, 3600)))
    return dns.rrset.from_text(f"{draw(st.sampled_from(NAMES))}.", ttl, "IN", rtype, *values)


@st.composite
def messages(draw):
    """Give (name, type, message, changes): what octets become, each at a part of the length, in half of them."""
    name, rtype = draw(st.sampled_from(NAMES)), draw(st.sampled_from(sorted(CODES)))
    query = dns.message.make_query(f"{name}.", rtype, use_edns=draw(st.sampled_from((0, False))), id=1)
    response = dns.message.make_response(query)
    for flag in (dns.flags.AA, dns.flags.RA, dns.flags.TC):
        response.flags |= flag if draw(st.integers(0, 3)) == 0 or flag is dns.flags.AA else 0
    response.set_rcode(draw(st.sampled_from((0, 0, 0, 0, 3, 2, 5, 16))))
    for section in (response.answer, response.authority, response.additional):
        section.extend(draw(st.lists(sets(), max_size=3)))
    changes = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=2)
    return name, rtype, response, draw(st.one_of(st.just([]), changes))


@settings(max_examples=600)
@given(messages(), st.booleans())
def test_it_is_what_dnspython_reads_or_left_to_it(message, is_recursive):
    name, rtype, response, changes = message
    octets = bytearray(response.to_wire())
    for where, octet in changes:
        octets[int(where * len(octets))] = octet
    if answers(octets, build_question(name, rtype, is_recursive=is_recursive)[1]):
        asked = Asked(SERVER, name, rtype, is_recursive)
        plain = read_plain(bytes(octets), asked)
        assert plain is None or plain == read_with_dnspython(bytes(octets), asked)


@given(st.binary(max_size=300), st.sampled_from(sorted(CODES)))
def test_no_octets_raise(octets, rtype):
    read_plain(octets, Asked(SERVER, "a.shop.example", rtype, False))


def response(name="a.shop.example", rtype="TXT", *, answer=(), authority=(), additional=(), flags=dns.flags.AA):
    message = dns.message.make_response(dns.message.make_query(f"{name}.", rtype, use_edns=0))
    message.flags |= flags
    for section, lines in zip(message.sections[1:4], (answer, authority, additional), strict=True):
        section.extend(dns.rrset.from_text(*line) for line in lines)
    return message.to_wire()


SOA = ("shop.example.", 60, "IN", "SOA", "a. b. 1 2 3 4 30")
PLAIN = {
    "a value": (Status.ANSWER, {"answer": [("a.shop.example.", 60, "IN", "TXT", '"x" "y"')]}),
    "a value behind an alias": (
        Status.ANSWER,
        {
            "answer": [
                ("a.shop.example.", 9, "IN", "CNAME", "B.Shop.Example."),
                ("b.shop.example.", 60, "IN", "TXT", '"z"'),
            ]
        },
    ),
    "nothing": (Status.NODATA, {"authority": [SOA]}),
    "a referral": (
        Status.REFERRAL,
        {
            "authority": [("shop.example.", 60, "IN", "NS", "ns1.shop.example.")],
            "additional": [
                ("ns1.shop.example.", 60, "IN", "A", "192.0.2.7"),
                ("ns1.shop.example.", 60, "IN", "AAAA", "2001:db8::7"),
            ],
            "flags": 0,
        },
    ),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_what_servers_say_all_day_is_read_by_hand(kind):
    status, parts = PLAIN[kind]
    octets, asked = response(**parts), Asked(SERVER, "a.shop.example", "TXT", False)
    plain = read_plain(octets, asked)
    assert plain is not None
    assert plain.status is status
    assert plain == read_with_dnspython(octets, asked) == read_answer(octets, asked)


def test_over_tcp_the_answer_says_so():
    octets, asked = response(**PLAIN["a value"][1]), Asked(SERVER, "a.shop.example", "TXT", False)
    assert read_answer(octets, asked, over_tcp=True).over_tcp


def test_names_that_point_at_each_other_end():
    header = b"\0\1\x84\0\0\1\0\1\0\0\0\0"
    question = b"\1a\4shop\7example\0\0\x10\0\1"
    for first, second in product((12, 32, 33, 34, 36), repeat=2):
        record = bytes((0xC0, first, 0xC0, second)) + b"\0\x10\0\1\0\0\0\1\0\2\1x"
        assert read_plain(header + question + record, Asked(SERVER, "a.shop.example", "TXT", False)) is None


def test_values_come_sorted_and_each_once():
    octets = response(
        answer=[("a.shop.example.", 60, "IN", "TXT", '"b"', '"a"'), ("a.shop.example.", 9, "IN", "TXT", '"b"')]
    )
    answer = read_plain(octets, Asked(SERVER, "a.shop.example", "TXT", False))
    assert (answer.values, answer.ttl_seconds) == (("a", "b"), 9)


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (b"\0\0\0\x3c\0\2\1x", b"\x80\0\0\x3c\0\2\1x"),  # a TTL with its highest bit set
        (b"\0\x10\0\1\0\0\0\x3c", b"\0\x10\0\3\0\0\0\x3c"),  # another class
        (b"\0\x29\x05\xac\0\0", b"\0\x29\x05\xac\1\0"),  # an extended error (RFC 6891 section 6.1.3)
        (b"\0\2\1x", b"\0\2\2x"),  # a text that ends behind its value
    ],
)
def test_what_is_odd_is_left_to_dnspython(usual, odd):
    message = dns.message.from_wire(response(answer=[("a.shop.example.", 60, "IN", "TXT", '"x"')]))
    message.use_edns(0, payload=1452)
    octets, asked = message.to_wire(), Asked(SERVER, "a.shop.example", "TXT", False)
    assert octets.count(usual) == 1
    assert read_plain(octets, asked).values == ("x",)
    assert read_plain(octets.replace(usual, odd), asked) is None


@pytest.mark.parametrize(
    ("target", "is_read"),
    [
        (b"\3b-c\0", True),
        (b"\3b.c\0", False),
        (b"\1\0\0", False),
        (b"\x3f" + b"x" * 63 + (b"\x3f" + b"y" * 63) * 2 + b"\x3d" + b"z" * 61 + b"\0", True),
        (b"\x3f" + b"x" * 63 + (b"\x3f" + b"y" * 63) * 2 + b"\x3e" + b"z" * 62 + b"\0", False),
    ],
)
def test_a_name_is_read_if_its_labels_are_plain_and_all_of_it_is_no_longer_than_names_are(target, is_read):
    header = b"\0\1\x84\0\0\1\0\1\0\0\0\0"
    question = b"\1a\4shop\7example\0\0\x05\0\1"
    record = b"\xc0\x0c\0\x05\0\1\0\0\0\1" + len(target).to_bytes(2, "big") + target
    asked = Asked(SERVER, "a.shop.example", "CNAME", False)
    plain = read_plain(header + question + record, asked)
    assert (plain is not None) is is_read
    assert plain in {None, read_with_dnspython(header + question + record, asked)}
