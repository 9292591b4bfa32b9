"""Single questions to real name servers: each thing that an answer can be is told apart."""

import asyncio
import random

import pytest
from hostile_dns import asked_name, hostile_dns, respond, silence
from made_up_internet import EXAMPLE_SERVER, LONG, NOBODY, SHOP_SERVER

from sendspec.model.dns_record import Mx
from sendspec.net.address import Server
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.dns.client import Client

HOPELESS = (0.06, 0.08)


def run(internet, *questions, **settings):
    """Ask (server, name, type) without recursion, (name, type) of the resolver; give the answers."""

    async def main():
        async with Client([internet.resolver], dial=internet.dial, deadline=Deadline(30), **settings) as client:
            asked = [
                client.ask(*question) if len(question) == 3 else client.lookup(*question) for question in questions
            ]
            return await asyncio.gather(*asked)

    answers = asyncio.run(main())
    return answers[0] if len(answers) == 1 else answers


def test_values_are_logical_sorted_and_come_with_their_ttl(internet):
    spf, mx, null, empty = run(
        internet,
        (SHOP_SERVER, "shop.example", "TXT"),
        (SHOP_SERVER, "shop.example", "MX"),
        (SHOP_SERVER, "null.shop.example", "MX"),
        (SHOP_SERVER, "empty.shop.example", "TXT"),
    )
    assert spf.values == ("a\nb\u00c8c", "v=spf1 -all")
    assert (spf.status, spf.ttl_seconds, spf.is_authoritative, spf.over_tcp) == (Status.ANSWER, 60, True, False)
    assert mx.values == (Mx(10, "mx1.other.example"), Mx(20, "mx2.shop.example"))
    assert null.values == (Mx(0, ""),)
    assert empty.values == ("",)


def test_what_does_not_fit_a_datagram_comes_over_tcp(internet):
    answer = run(internet, (SHOP_SERVER, "large.shop.example", "TXT"))
    assert (answer.status, answer.over_tcp) == (Status.ANSWER, True)
    assert answer.values == (LONG, "x" * 2000)
    assert answer.octets > 1232


def test_no_such_name_and_no_such_type_are_two_answers_and_say_how_long_they_hold(internet):
    missing, empty, wild = run(
        internet,
        (SHOP_SERVER, "missing.shop.example", "TXT"),
        (SHOP_SERVER, "ns1.shop.example", "TXT"),
        (SHOP_SERVER, "anything.wild.shop.example", "TXT"),
    )
    assert (missing.status, missing.negative_ttl_seconds, missing.zone) == (Status.NXDOMAIN, 300, "shop.example")
    assert (empty.status, empty.negative_ttl_seconds, empty.zone) == (Status.NODATA, 300, "shop.example")
    assert wild.values == ("wild",)


def test_a_server_refuses_a_zone_that_it_does_not_hold(internet):
    assert run(internet, (SHOP_SERVER, "lame.example", "TXT")).status is Status.REFUSED


def test_a_referral_names_the_zone_its_servers_and_their_addresses(internet):
    answer = run(internet, (EXAMPLE_SERVER, "_dmarc.shop.example", "TXT"))
    assert answer.status is Status.REFERRAL
    assert answer.referral == ("shop.example", ("ns1.shop.example", "ns2.shop.example"))
    assert answer.glue == (("ns1.shop.example", "192.0.2.3"), ("ns2.shop.example", "192.0.2.4"))


def test_a_server_where_nobody_listens_is_unreachable_and_says_why(internet):
    answer = run(internet, (NOBODY, "shop.example", "TXT"), timeouts_seconds=(0.4, 0.4, 0.4))
    assert (answer.status, answer.rcode) == (Status.UNREACHABLE, "Connection refused")


def test_an_address_that_this_host_has_no_way_to_is_unreachable_at_once(internet):
    answers = run(
        internet,
        (Server("2001:db8::53"), "shop.example", "TXT"),
        (Server("127.0.0.1%x"), "shop.example", "TXT"),
        timeouts_seconds=(60.0,),
    )
    assert {answer.status for answer in answers} == {Status.UNREACHABLE}


def test_a_resolver_follows_aliases_across_zones(internet):
    answer = run(internet, ("www.shop.example", "TXT"))
    assert (answer.status, answer.values) == (Status.ANSWER, ("at the end",))
    assert answer.chain == ("edge.shop.example", "www.other.example")
    assert answer.ttl_seconds <= 120


def test_an_alias_that_leads_out_of_the_zone_is_no_data_with_the_chain(internet):
    # nsd holds the other zone too, but answers from the zone asked for.
    inside, outside = run(
        internet,
        (SHOP_SERVER, "inside.shop.example", "TXT"),
        (SHOP_SERVER, "dangling.shop.example", "TXT"),
    )
    assert (inside.values, inside.chain) == (("found",), ("target.shop.example",))
    assert outside.chain == ("gone.other.example",)
    assert outside.status in {Status.NODATA, Status.NXDOMAIN}


def test_the_type_asked_for_may_be_the_alias(internet):
    answer = run(internet, (SHOP_SERVER, "www.shop.example", "CNAME"))
    assert (answer.values, answer.chain) == (("edge.shop.example",), ())


def test_an_alias_that_leads_to_nothing_is_no_such_name_with_the_chain(internet):
    answer = run(internet, ("dangling.shop.example", "TXT"))
    assert (answer.status, answer.chain) == (Status.NXDOMAIN, ("gone.other.example",))
    assert 0 < answer.negative_ttl_seconds <= 300


def test_aliases_in_a_circle_are_neither_an_answer_nor_nothing(internet):
    answer = run(internet, (SHOP_SERVER, "loop1.shop.example", "TXT"))
    assert not answer.status.is_known


def test_a_resolver_says_servfail_of_a_lame_zone(internet):
    assert run(internet, ("www.lame.example", "TXT")).status is Status.SERVFAIL


@pytest.mark.parametrize(
    ("flags", "rcode", "authority", "status"),
    [
        ("", "NOERROR", (), Status.LAME),
        ("RA", "NXDOMAIN", (), Status.LAME),
        ("", "NOERROR", (". 60 IN NS a.root-servers.net.",), Status.LAME),  # the old way to say that it knows nothing
        ("", "NOERROR", ("shop.example. 60 IN SOA a. b. 1 2 3 4 5", "shop.example. 60 IN NS a."), Status.LAME),
        ("", "NOERROR", ("shop.example. 60 IN NS a.",), Status.REFERRAL),
        ("", "NOERROR", ("other.example. 60 IN NS a.",), Status.LAME),
        ("AA", "NOERROR", ("shop.example. 60 IN NS a.",), Status.NODATA),
        ("AA", "SERVFAIL", (), Status.SERVFAIL),
        ("AA", "REFUSED", (), Status.REFUSED),
        ("AA", "NOTAUTH", (), Status.OTHER),
        ("AA", "NXDOMAIN", (), Status.NXDOMAIN),
    ],
)
def test_an_answer_without_authority_is_lame_unless_it_refers_to_below(flags, rcode, authority, status):
    def behave(question):
        return [respond(question, flags=flags, rcode=rcode, authority=authority)]

    async def main(server):
        async with Client([], deadline=Deadline(10)) as client:
            return await client.ask(server, "_dmarc.shop.example", "TXT")

    with hostile_dns(behave) as hostile:
        answer = asyncio.run(main(hostile.server))
        assert answer.status is status
        assert answer.rcode == ("NOTAUTH" if status is Status.OTHER else "")


def test_records_without_authority_are_lame_and_not_shown():
    async def main(server):
        async with Client([], deadline=Deadline(10)) as client:
            return await client.ask(server, "shop.example", "TXT")

    with hostile_dns(lambda question: [respond(question, 'shop.example. 60 IN TXT "x"', flags="")]) as hostile:
        answer = asyncio.run(main(hostile.server))
        assert (answer.status, answer.values) == (Status.LAME, ())


def test_the_same_question_is_asked_once_in_a_run():
    async def main(server):
        async with Client([], deadline=Deadline(10)) as client:
            first = await asyncio.gather(*(client.ask(server, "shop.example", "TXT") for _ in range(50)))
            named = await client.ask(Server(server.address, "ns1.shop.example", server.port), "shop.example", "TXT")
            assert {answer.values for answer in first} == {("x",)}
            assert (named.values, named.server.name) == (("x",), "ns1.shop.example")
            await client.ask(server, "shop.example", "TXT", is_recursive=True)

    with hostile_dns(lambda question: [respond(question, 'shop.example. 60 IN TXT "x"')]) as hostile:
        asyncio.run(main(hostile.server))
        assert hostile.count("udp") == 2


def test_who_gives_up_waiting_takes_nothing_from_the_others():
    async def main(server):
        async with Client([], deadline=Deadline(10), timeouts_seconds=(0.1, 5.0)) as client:
            first = asyncio.create_task(client.ask(server, "shop.example", "TXT"))
            await asyncio.sleep(0.02)
            second = asyncio.create_task(client.ask(server, "shop.example", "TXT"))
            await asyncio.sleep(0)
            first.cancel()
            assert (await second).values == ("x",)

    seen = []

    def behave(question):
        seen.append(question)
        return [respond(question, 'shop.example. 60 IN TXT "x"')] if len(seen) > 1 else []

    with hostile_dns(behave) as hostile:
        asyncio.run(main(hostile.server))


def test_questions_come_from_several_ports_and_with_ids_that_nobody_guesses():
    ports, ids = set(), []

    async def main(server):
        async with Client([], deadline=Deadline(60)) as client:
            await asyncio.gather(*(client.ask(server, f"n{number}.example", "TXT") for number in range(600)))
            peer = client._udp.peer(server)
            ports.update(port.socket.getsockname()[1] for port in peer.ports)

    def behave(question):
        ids.append(question[:2])
        return [respond(question, f'{asked_name(question)} 60 IN TXT "x"')]

    with hostile_dns(behave) as hostile:
        asyncio.run(main(hostile.server))
    assert len(ports) > 1
    assert len(set(ids)) > 550
    assert len({octets[0] for octets in ids}) > 150


@pytest.mark.parametrize(
    "broken",
    [
        lambda question: [respond(question, rcode="SERVFAIL")],
        lambda question: [respond(question, rcode="REFUSED")],
        lambda question: [question[:2] + b"\x81\x80" + question[4:] + b"x"],
        lambda question: [respond(question, flags="")],  # does not look names up for others
        silence,
    ],
)
def test_the_next_resolver_is_asked_when_one_cannot_tell(broken):
    async def main(*resolvers):
        async with Client(resolvers, deadline=Deadline(10), timeouts_seconds=HOPELESS) as client:
            return await client.lookup("shop.example", "TXT")

    def sound(question):
        return [respond(question, 'shop.example. 60 IN TXT "x"', flags="RA")]

    with hostile_dns(broken) as first, hostile_dns(sound) as second, hostile_dns(sound) as third:
        answer = asyncio.run(main(first.server, second.server, third.server))
        assert (answer.values, answer.server) == (("x",), second.server)
        assert third.asked == []


def test_a_resolver_that_knows_is_believed_even_if_that_is_nothing(internet):
    async def main(nobody):
        resolvers = [nobody, internet.resolver, Server("127.255.255.255")]
        async with Client(resolvers, deadline=Deadline(10), timeouts_seconds=(0.4, 0.4)) as client:
            return await client.lookup("missing.shop.example", "TXT")

    answer = asyncio.run(main(Server("127.0.0.1", port=9)))
    assert (answer.status, answer.server) == (Status.NXDOMAIN, internet.resolver)


def test_without_a_resolver_nothing_can_be_told():
    async def main():
        async with Client([], deadline=Deadline(10)) as client:
            assert tuple(client.resolvers) == ()
            return await client.lookup("shop.example", "TXT")

    assert asyncio.run(main()).status is Status.UNREACHABLE


def test_a_resolver_that_keeps_silent_is_asked_last(internet):
    async def main(silent):
        settings = {"timeouts_seconds": HOPELESS, "deadline": Deadline(20)}
        async with Client([silent, internet.resolver], **settings) as client:
            await asyncio.gather(*(client.ask(silent, f"n{number}.example", "TXT") for number in range(20)))
            return await client.lookup("shop.example", "TXT")

    with hostile_dns(silence) as hostile:
        answer = asyncio.run(main(hostile.server))
        assert answer.server == internet.resolver
        assert not any(b"\4shop\7example" in question for _, question in hostile.asked)


def test_nothing_is_asked_after_the_deadline_or_after_closing(internet):
    async def main():
        deadline = Deadline(30)
        client = Client([internet.resolver], dial=internet.dial, deadline=deadline)
        deadline.stop("interrupted")
        late = await client.lookup("shop.example", "TXT")
        await client.close()
        other = Client([internet.resolver], dial=internet.dial, deadline=Deadline(30))
        await other.close()
        return late, await other.ask(SHOP_SERVER, "shop.example", "TXT")

    late, closed = asyncio.run(main())
    assert (late.status, late.said) == (Status.STOPPED, "not asked: interrupted")
    assert closed.status is Status.STOPPED


def test_closing_answers_everything_that_is_open():
    async def main(server):
        client = Client([], deadline=Deadline(30))
        asked = [asyncio.create_task(client.ask(server, f"n{number}.example", "TXT")) for number in range(100)]
        await asyncio.sleep(0.05)
        await client.close()
        return await asyncio.gather(*asked)

    with hostile_dns(silence) as hostile:
        assert {answer.status for answer in asyncio.run(main(hostile.server))} == {Status.STOPPED}


def test_an_ipv6_server_with_a_scope_is_asked():
    port = random.randint(20000, 60000)

    async def main():
        async with Client([], deadline=Deadline(10)) as client:
            return [
                await client.ask(Server(address, port=port), "shop.example", "TXT") for address in ("::1", "::1%lo")
            ]

    behave = {"udp": lambda question: [respond(question, 'shop.example. 60 IN TXT "x"')]}
    try:
        with hostile_dns(**behave, at=Server("::1", port=port)):
            plain, scoped = asyncio.run(main())
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert plain.values == ("x",)
    assert isinstance(scoped, Answer)
