"""Very many questions with their answers expected: none lost, none wrong, whatever else happens."""

import asyncio
import gc
import itertools
import random
import time
import tracemalloc

import dns.message
import dns.query
import pytest
from hostile_dns import asked_name, hostile_dns, respond, silence
from made_up_internet import LONG, NOBODY, OTHER_SERVER, SHOP_SERVER
from name_servers import nsd

from sendspec.model.dns_record import Mx
from sendspec.net.address import Server
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Expected, Status
from sendspec.net.dns.client import Client

KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
DOMAINS = 100


def records(number):
    domain = f"d{number}.many.example"
    yield domain, "TXT", ("v=spf1 include:_spf.other.example ~all", f"verification={number}")
    yield f"_dmarc.{domain}", "TXT", ("v=DMARC1; p=reject",)
    yield f"k1._domainkey.{domain}", "TXT", (f"{KEY}{number}",)
    yield f"s1._domainkey.{domain}", "CNAME", (f"s1.domainkey.u{number}.other.example",)
    yield f"bounce.{domain}", "MX", (Mx(10, f"feedback.{domain}"), Mx(20, "feedback.other.example"))
    yield f"big.{domain}", "TXT", ("x" * 900, "y" * 900)


def questions(server, count=DOMAINS):
    for number in range(count):
        for name, rtype, values in records(number):
            yield Expected(server, name, rtype, values, False, number)


@pytest.fixture(scope="session")
def many(find_tool, tmp_path_factory):
    """Give an nsd with many domains."""
    lines = ["@ NS ns1", "ns1 A 192.0.2.1"]
    for number in range(DOMAINS):
        for name, rtype, values in records(number):
            for value in values:
                text = f"{value.preference} {value.exchange}." if isinstance(value, Mx) else f"{value}."
                if rtype == "TXT":
                    text = " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))
                lines.append(f"{name}. {rtype} {text}")
    with nsd(find_tool, tmp_path_factory.mktemp("many"), {"many.example": "\n".join(lines) + "\n"}) as server:
        yield server


def collect(asked, *, deadline=60.0, **settings):
    async def main():
        async with Client([], deadline=Deadline(deadline), **settings) as client:
            return [result async for result in client.ask_all(asked)]

    return asyncio.run(main())


def test_everything_that_is_as_declared_is_as_expected_and_told_once(many):
    found = collect(questions(many))
    assert [answer for _, answer in found if answer is not None] == []
    assert {(expected.name, expected.type) for expected, _ in found} == {
        (name, rtype) for number in range(DOMAINS) for name, rtype, _ in records(number)
    }
    assert len(found) == DOMAINS * 6


def test_with_packets_lost_nothing_is_lost_and_nothing_is_wrong(many):
    chance = random.Random(3)

    def behave(question):
        if chance.random() < 0.05:
            return []
        answer = dns.query.udp(dns.message.from_wire(question), many.address, port=many.port, timeout=5)
        return [] if chance.random() < 0.05 else [answer.to_wire()]

    asked = [expected for expected in questions(many, 60) if not expected.name.startswith("big.")]
    with hostile_dns(behave) as relay:
        moved = (Expected(relay.server, e.name, e.type, e.values, False, e.tag) for e in asked)
        found = collect(moved, timeouts_seconds=(0.3,) * 12)
    assert len(found) == len(asked)
    assert [answer for _, answer in found if answer is not None] == []


@pytest.mark.parametrize(
    ("rtype", "values"),
    [
        ("TXT", ("v=spf1 include:_spf.other.example ~all",)),  # one of two
        ("TXT", ("v=spf1 include:_spf.other.example ~all", "verification=0", "more")),
        ("TXT", ("v=spf1 include:_spf.other.example ~all", "Verification=0")),
        ("MX", (Mx(10, "mx.other.example"),)),
        ("CNAME", ("other.example",)),
    ],
)
def test_what_is_not_as_expected_comes_with_all_that_was_seen(many, rtype, values):
    [(expected, answer)] = collect([Expected(many, "d0.many.example", rtype, values, False, "tag")])
    assert expected.tag == "tag"
    assert answer.status is (Status.ANSWER if rtype == "TXT" else Status.NODATA)
    assert answer.server == many
    if rtype == "TXT":
        assert answer.values == ("v=spf1 include:_spf.other.example ~all", "verification=0")


def test_values_that_no_hand_can_pack_are_asked_for_all_the_same(many):
    asked = [
        Expected(many, "ns1.many.example", "A", ("192.0.2.1",), False, 0),
        Expected(many, "d0.many.example", "TXT", (), False, 1),
        Expected(many, "d0.many.example", "TXT", ("\u20ac",), False, 2),
        Expected(many, "a..example", "TXT", ("x",), False, 3),
    ]
    found = {expected.tag: answer for expected, answer in collect(asked)}
    assert found[0] is None
    assert [found[tag].status for tag in (1, 2, 3)] == [Status.ANSWER, Status.ANSWER, Status.OTHER]


def test_another_order_chunks_and_case_are_the_same_values():
    def behave(question):
        name = asked_name(question)
        if b"\0\x05\0\1" in question:
            return [respond(question, f"{name} 5 IN CNAME OTHER.Example.")]
        return [respond(question, f'{name} 5 IN TXT "b" "c"', f'{name} 5 IN TXT "a" "" "a"')]

    with hostile_dns(behave) as hostile:
        asked = [
            Expected(hostile.server, "n.example", "TXT", ("bc", "aa"), False, 0),
            Expected(hostile.server, "n.example", "CNAME", ("other.example",), False, 1),
        ]
        assert [answer for _, answer in collect(asked)] == [None, None]


def test_the_values_behind_an_alias_are_not_what_was_declared(internet):
    async def main():
        async with Client([internet.resolver], dial=internet.dial, deadline=Deadline(30)) as client:
            asked = [
                Expected(SHOP_SERVER, "inside.shop.example", "TXT", ("found",), False, 0),
                Expected(internet.resolver, "www.shop.example", "TXT", ("at the end",), True, 1),
                Expected(internet.resolver, "large.shop.example", "TXT", ("x" * 2000, LONG), True, 2),
                Expected(internet.resolver, "missing.shop.example", "TXT", ("x",), True, 3),
                Expected(OTHER_SERVER, "www.other.example", "TXT", ("at the end",), False, 4),
                Expected(NOBODY, "shop.example", "TXT", ("x",), False, 5),
            ]
            return {expected.tag: answer async for expected, answer in client.ask_all(asked)}

    found = asyncio.run(main())
    assert (found[0].values, found[0].chain) == (("found",), ("target.shop.example",))
    assert (found[1].values, found[1].chain[-1]) == (("at the end",), "www.other.example")
    assert (found[2], found[4]) == (None, None)
    assert (found[3].status, found[5].status) == (Status.NXDOMAIN, Status.UNREACHABLE)


def test_a_silent_server_does_not_hold_up_the_others(many):
    order = []

    async def main(silent):
        both = itertools.chain.from_iterable(
            (Expected(silent, name, rtype, values, False, "silent"), Expected(many, name, rtype, values, False, "many"))
            for number in range(DOMAINS)
            for name, rtype, values in records(number)
        )
        async with Client([], deadline=Deadline(60), timeouts_seconds=(0.5, 0.5)) as client:
            async for expected, answer in client.ask_all(both):
                order.append(expected.tag)
                assert (answer is None) is (expected.tag == "many")

    with hostile_dns(silence) as hostile:
        asyncio.run(main(hostile.server))
    assert order.count("silent") == order.count("many") == DOMAINS * 6
    assert order[: DOMAINS * 5].count("many") > DOMAINS * 4


def test_more_servers_than_sockets_are_asked_in_turn(many):
    async def main():
        def dial(_address, _port):
            return many.address, many.port

        asked = (
            Expected(Server(f"192.0.2.{number % 100}"), name, rtype, values, False, number)
            for number in range(DOMAINS)
            for name, rtype, values in records(number)
        )
        settings = {"dial": dial, "deadline": Deadline(60), "most_sockets": 5}
        async with Client([], **settings) as client:
            found = [answer async for _, answer in client.ask_all(asked)]
            assert sum(len(peer.ports) for peer in client._udp._peers.values()) <= 5
        assert found == [None] * DOMAINS * 6

    asyncio.run(main())


def test_several_askers_share_the_window(many):
    async def main():
        async def one(client):
            return [answer async for _, answer in client.ask_all(questions(many))]

        async with Client([], deadline=Deadline(60), window=20) as client:
            found = await asyncio.gather(one(client), one(client), client.ask(many, "d0.many.example", "TXT"))
            assert found[0] == found[1] == [None] * DOMAINS * 6
            assert found[2].status is Status.ANSWER

    asyncio.run(main())


def test_the_window_is_kept_and_questions_are_taken_as_there_is_room():
    taken = []

    def lazily(server):
        for number in range(300):
            taken.append(number)
            yield Expected(server, f"n{number}.example", "TXT", ("x",), False, number)

    async def main(server):
        async with Client([], deadline=Deadline(0.5), window=30, timeouts_seconds=(60.0,)) as client:
            results = client.ask_all(lazily(server))
            first = await anext(results)
            assert first[1].status is Status.STOPPED
            await results.aclose()

    with hostile_dns(silence) as hostile:
        asyncio.run(main(hostile.server))
        assert hostile.count("udp") <= 30
    assert len(taken) < 300


def test_a_server_with_a_pace_gets_no_more_than_that():
    started = time.monotonic()
    with hostile_dns(lambda question: [respond(question, f'{asked_name(question)} 60 IN TXT "x"')]) as hostile:
        asked = [Expected(hostile.server, f"n{number}.example", "TXT", ("x",), False, 0) for number in range(100)]
        found = collect(asked, paces={hostile.server.address: 200.0})
    assert [answer for _, answer in found] == [None] * 100
    assert time.monotonic() - started > 0.4  # a few go at once


def test_who_stops_listening_leaves_nothing_open(many):
    async def main():
        async with Client([], deadline=Deadline(60)) as client:
            results = client.ask_all(questions(many))
            assert [(await anext(results))[1] for _ in range(5)] == [None] * 5
            await results.aclose()
            assert (await client.ask(many, "d1.many.example", "TXT")).status is Status.ANSWER

    asyncio.run(main())


def test_a_mistake_in_the_questions_reaches_the_asker(many):
    def broken():
        yield from questions(many, 2)
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        collect(broken())


def test_no_questions_have_no_answers():
    assert collect([]) == []


def test_closing_ends_the_wait_for_answers():
    async def main(server):
        client = Client([], deadline=Deadline(60))

        async def listen():
            return [answer.status async for _, answer in client.ask_all(questions(server, 20))]

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0.1)
        await client.close()
        assert await listening == [Status.STOPPED] * 120

    with hostile_dns(silence) as hostile:
        asyncio.run(main(hostile.server))


def test_nothing_is_left_for_the_garbage_collector(many):
    """A run goes without it."""

    async def main():
        async with Client([], deadline=Deadline(60)) as client:
            [answer async for _, answer in client.ask_all(questions(many, 10))]
            gc.collect()
            [answer async for _, answer in client.ask_all(questions(many))]
            await asyncio.gather(*(client.ask(many, f"d{number}.many.example", "TXT") for number in range(100)))
            return gc.collect()

    gc.disable()
    try:
        left = asyncio.run(main())
    finally:
        gc.enable()
    assert left < DOMAINS  # one for each large text, or each question, would be more


def test_memory_does_not_grow_with_the_number_of_questions(many):
    def small(times):
        for _ in range(times):
            yield from (expected for expected in questions(many) if not expected.name.startswith("big."))

    async def main(times):
        async with Client([], deadline=Deadline(60)) as client:
            async for _, answer in client.ask_all(small(times)):
                assert answer is None

    peaks = []
    for times in (1, 4):
        tracemalloc.start()
        asyncio.run(main(times))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2 + 2_000_000


def test_a_question_that_others_wait_for_is_sent_before_those_of_a_crowd():
    async def main(server):
        async with Client([], deadline=Deadline(20), window_a_server=1) as client:

            async def crowd():
                asked = [Expected(server, f"n{number}.example", "TXT", ("x",), False, number) for number in range(20)]
                return [answer async for _, answer in client.ask_all(asked)]

            answers = asyncio.create_task(crowd())
            await asyncio.sleep(0)
            await client.ask(server, "awaited.example", "TXT")
            assert len(await answers) == 20

    with hostile_dns(lambda octets: [respond(octets)]) as hostile:
        asyncio.run(main(hostile.server))
    names = [asked_name(octets) for _, octets in hostile.asked]
    assert len(names) == 21
    assert names.index("awaited.example.") <= 2
