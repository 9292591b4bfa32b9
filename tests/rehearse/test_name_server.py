"""The name servers of a rehearsal answer as real ones do; dnspython, which asks them here, is nobody's stand-in."""

import asyncio

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from sendspec.model.dns_record import Mx
from sendspec.rehearse.name_server import name_servers
from sendspec.rehearse.world import PARENTS, RESOLVER, Behaviour, DnsWorld

NS1, NS2 = "192.0.2.53", "192.0.2.54"
NAMES = ("ns1.rehearsal.invalid", "ns2.rehearsal.invalid")
LONG = "k=rsa; p=" + "A" * 392
AWKWARD = 'a "quoted" \\ back; slash\t é'
WORLD = DnsWorld(
    records={
        ("shop.example", "TXT"): ("v=spf1 -all", AWKWARD),
        ("shop.example", "MX"): (Mx(10, "mx.out.test"),),
        ("never.shop.example", "MX"): (Mx(0, ""),),
        ("s1._domainkey.shop.example", "TXT"): (LONG,),
        ("big.shop.example", "TXT"): tuple(f"{number}{'x' * 250}" for number in range(10)),
        ("inside.shop.example", "CNAME"): ("shop.example",),
        ("outside.shop.example", "CNAME"): ("end.out.test",),
        ("dangling.shop.example", "CNAME"): ("gone.out.test",),
        ("loop.shop.example", "CNAME"): ("pool.shop.example",),
        ("pool.shop.example", "CNAME"): ("loop.shop.example",),
        ("*.wild.shop.example", "TXT"): ("anything",),
        ("end.out.test", "TXT"): ("the end",),
        ("deep.sub.shop.example", "TXT"): ("in a zone of its own",),
    },
    zones={
        "": NAMES,
        "example": NAMES,
        "test": NAMES,
        "shop.example": NAMES,
        "sub.shop.example": NAMES,
        "out.test": NAMES,
    },
)


def ask(server: str, name: str, rtype: str, world: DnsWorld = WORLD) -> tuple[dns.message.Message, bool]:
    async def run() -> tuple[dns.message.Message, bool]:
        async with name_servers(world) as servers:
            query = dns.message.make_query(name, rtype, use_edns=0, payload=1232)
            return await dns.asyncquery.udp_with_fallback(query, "127.0.0.1", port=servers.ports[server], timeout=2)

    return asyncio.run(run())


def texts(message: dns.message.Message) -> list[str]:
    found = [
        b"".join(rdata.strings).decode("latin-1") for rrset in message.answer for rdata in rrset if rdata.rdtype == 16
    ]
    return sorted(found)


def test_a_name_s_own_server_answers_with_authority():
    answer, _ = ask(NS1, "shop.example", "TXT")
    assert texts(answer) == sorted(["v=spf1 -all", AWKWARD])
    assert answer.flags & dns.flags.AA
    assert not answer.flags & dns.flags.RA


def test_a_long_text_comes_back_as_one():
    assert texts(ask(NS2, "s1._domainkey.shop.example", "TXT")[0]) == [LONG]


def test_an_answer_too_long_for_udp_comes_over_tcp():
    answer, over_tcp = ask(NS1, "big.shop.example", "TXT")
    assert over_tcp
    assert len(texts(answer)) == 10


@pytest.mark.parametrize(
    ("name", "rtype", "rcode", "soa"),
    [
        ("missing.shop.example", "TXT", dns.rcode.NXDOMAIN, "shop.example."),
        ("shop.example", "AAAA", dns.rcode.NOERROR, "shop.example."),
        ("_domainkey.shop.example", "TXT", dns.rcode.NOERROR, "shop.example."),  # an empty non-terminal exists
    ],
)
def test_nothing_comes_with_the_soa_that_says_how_long(name, rtype, rcode, soa):
    answer, _ = ask(NS1, name, rtype)
    assert answer.rcode() == rcode
    assert answer.answer == []
    assert [(str(rrset.name), rrset.rdtype) for rrset in answer.authority] == [(soa, dns.rdatatype.SOA)]


def test_null_mx_is_a_dot():
    answer, _ = ask(NS1, "never.shop.example", "MX")
    assert [rdata.to_text() for rrset in answer.answer for rdata in rrset] == ["0 ."]


def test_the_parent_refers_to_the_servers_of_the_zone():
    answer, _ = ask(PARENTS, "s1._domainkey.shop.example", "TXT")
    assert not answer.flags & dns.flags.AA
    (referral,) = answer.authority
    assert str(referral.name) == "shop.example."
    assert sorted(rdata.to_text() for rdata in referral) == [f"{name}." for name in NAMES]


def test_a_server_refuses_what_is_not_its_own():
    assert ask(PARENTS, "end.out.test", "TXT")[0].authority
    assert ask(NS1, "example", "SOA")[0].rcode() == dns.rcode.REFUSED


def test_a_server_follows_a_cname_within_its_zone_and_no_further():
    inside, _ = ask(NS1, "inside.shop.example", "TXT")
    assert "v=spf1 -all" in texts(inside)
    outside, _ = ask(NS1, "outside.shop.example", "TXT")
    assert texts(outside) == []
    assert [rrset.rdtype for rrset in outside.answer] == [dns.rdatatype.CNAME]


def test_the_resolver_follows_to_the_end():
    answer, _ = ask(RESOLVER, "outside.shop.example", "TXT")
    assert texts(answer) == ["the end"]
    assert answer.flags & dns.flags.RA
    assert not answer.flags & dns.flags.AA


def test_the_resolver_says_that_a_target_does_not_exist():
    answer, _ = ask(RESOLVER, "dangling.shop.example", "TXT")
    assert answer.rcode() == dns.rcode.NXDOMAIN


def test_a_loop_of_cnames_ends():
    assert len(ask(RESOLVER, "loop.shop.example", "TXT")[0].answer) <= 16


def test_a_wildcard_answers_for_what_does_not_exist():
    assert texts(ask(NS1, "some.wild.shop.example", "TXT")[0]) == ["anything"]
    assert ask(NS1, "some.wild.shop.example", "MX")[0].rcode() == dns.rcode.NOERROR


@pytest.mark.parametrize(
    ("behaviour", "rcode"), [(Behaviour.SERVFAIL, dns.rcode.SERVFAIL), (Behaviour.REFUSED, dns.rcode.REFUSED)]
)
def test_a_server_can_refuse_and_the_other_still_serves(behaviour, rcode):
    world = WORLD.behaving(behaviour, [NS1])
    assert ask(NS1, "shop.example", "TXT", world)[0].rcode() == rcode
    assert texts(ask(NS2, "shop.example", "TXT", world)[0])
    assert texts(ask(RESOLVER, "shop.example", "TXT", world)[0])


def test_the_resolver_gives_up_where_no_server_serves():
    world = WORLD.behaving(Behaviour.SERVFAIL, [NS1, NS2])
    assert ask(RESOLVER, "shop.example", "TXT", world)[0].rcode() == dns.rcode.SERVFAIL


def test_a_lame_server_says_nothing_with_authority():
    answer, _ = ask(NS1, "shop.example", "TXT", WORLD.behaving(Behaviour.LAME, [NS1]))
    assert not answer.flags & dns.flags.AA
    assert (answer.rcode(), answer.answer, answer.authority) == (dns.rcode.NOERROR, [], [])


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.TRUNCATES, Behaviour.OTHER_ID])
def test_a_server_can_leave_a_client_without_an_answer(behaviour):
    async def run() -> None:
        async with name_servers(WORLD.behaving(behaviour, [NS1])) as servers:
            query = dns.message.make_query("shop.example", "TXT", use_edns=0, payload=1232)
            await dns.asyncquery.udp_with_fallback(query, "127.0.0.1", port=servers.ports[NS1], timeout=0.3)

    with pytest.raises((dns.exception.DNSException, EOFError, ConnectionError)):
        asyncio.run(run())


def test_servers_can_disagree():
    key = ("shop.example", "TXT")
    world = DnsWorld(WORLD.records, WORLD.zones, behind={NS2: {key: ("v=spf1 ~all",)}})
    assert texts(ask(NS2, *key, world)[0]) == ["v=spf1 ~all"]
    assert "v=spf1 -all" in texts(ask(NS1, *key, world)[0])


def test_garbage_gets_no_answer_and_does_no_harm():
    async def run() -> dns.message.Message:
        async with name_servers(WORLD) as servers:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                asyncio.DatagramProtocol, remote_addr=("127.0.0.1", servers.ports[NS1])
            )
            for octets in (
                b"",
                b"\x00",
                b"\xff" * 600,
                b"\x00\x01\x01\x00\x00\x01" + b"\x00" * 6 + b"\xc0\x0c\x00\x10\x00\x01",
            ):
                transport.sendto(octets)
            transport.close()
            query = dns.message.make_query("shop.example", "TXT")
            return await dns.asyncquery.udp(query, "127.0.0.1", port=servers.ports[NS1], timeout=2)

    assert texts(asyncio.run(run()))


def test_a_world_changes_by_being_replaced():
    without = WORLD.without_name("outside.shop.example")
    assert not without.exists("outside.shop.example")
    assert WORLD.exists("outside.shop.example")
    changed = WORLD.with_records({("shop.example", "TXT"): ("other",), ("shop.example", "MX"): None})
    assert changed.records["shop.example", "TXT"] == ("other",)
    assert ("shop.example", "MX") not in changed.records
