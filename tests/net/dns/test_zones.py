"""Zone cuts and the servers of zones in a made-up Internet, sound and broken."""

import asyncio

import pytest
from hostile_dns import asked_name, hostile_dns, respond, silence
from made_up_internet import EXAMPLE_SERVER, ROOT_SERVER
from name_servers import dial_to

from sendspec.net.address import Server
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Status
from sendspec.net.dns.client import Client
from sendspec.net.dns.zones import ZoneFinder

NAMES = {
    "_dmarc.a.b.shop.example": "shop.example",  # nothing at all below
    "ns1.shop.example": "shop.example",
    "www.shop.example": "shop.example",  # an alias that leads to another zone
    "dangling.shop.example": "shop.example",  # and to nothing
    "NS1.Other.Example": "other.example",
    "missing.example": "example",  # nobody has registered it
    "example": "example",
    "nowhere.anywhere": "",
    "": "",
}
BROKEN = ("_dmarc.lame.example", "dead.example", "nowhere.example", "six.example")


@pytest.fixture(scope="module")
def zones(internet):
    """Give what is found for every name, all in one run."""

    async def main():
        timeouts = (0.35, 0.35, 0.35)
        async with Client(
            [internet.resolver], dial=internet.dial, deadline=Deadline(30), timeouts_seconds=timeouts
        ) as client:
            finder = ZoneFinder(client)
            names = ("shop.example", *NAMES, *BROKEN)
            return dict(zip(names, await asyncio.gather(*(finder.of(name) for name in names)), strict=True))

    return asyncio.run(main())


def test_a_zone_is_found_with_its_servers_as_the_parent_names_them(zones):
    found = zones["shop.example"]
    assert found.zone == "shop.example"
    assert found.servers == (Server("192.0.2.3", "ns1.shop.example"), Server("192.0.2.4", "ns2.shop.example"))
    assert found.delegated == ("ns1.shop.example", "ns2.shop.example")
    assert found.parent_server.address == EXAMPLE_SERVER.address
    assert (found.problem, found.unresolved) == (None, ())


def test_what_the_zone_itself_declares_stands_beside_it(zones):
    assert zones["shop.example"].declared == ("ns1.shop.example", "ns3.shop.example")


@pytest.mark.parametrize("name", NAMES)
def test_the_zone_of_a_name_begins_at_the_cut_above_it(zones, name):
    assert zones[name].zone == NAMES[name]


def test_a_zone_that_its_server_does_not_hold_is_found_all_the_same(zones):
    found = zones["_dmarc.lame.example"]
    assert (found.zone, found.delegated) == ("lame.example", ("ns1.lame.example",))
    assert found.servers == (Server("192.0.2.3", "ns1.lame.example"),)  # by the address that came with the referral
    assert (found.declared, found.problem) == ((), None)


def test_a_zone_whose_server_is_dead_is_found_all_the_same(zones):
    found = zones["dead.example"]
    assert (found.zone, found.delegated, found.declared) == ("dead.example", ("ns1.dead.example",), ())
    assert found.servers == (Server("192.0.2.4", "ns1.dead.example"),)


def test_name_servers_without_an_address_are_told_with_what_was_said(zones):
    found = zones["nowhere.example"]
    assert found.servers == ()
    assert [(name, answer.status) for name, answer in found.unresolved] == [
        ("ns1.missing.example", Status.NXDOMAIN),
        ("ns2.missing.example", Status.NXDOMAIN),
    ]
    assert found.problem.status is Status.NXDOMAIN
    assert found.delegated == ("ns1.missing.example", "ns2.missing.example")


def test_servers_that_this_host_has_no_way_to_are_left_out_and_nobody_is_called_broken(zones):
    found = zones["six.example"]
    assert (found.zone, found.servers, found.unresolved) == ("six.example", (), ())
    assert found.problem.said == "unreachable: this host has no way to any of its addresses"


def test_a_name_is_found_without_a_working_resolver_as_not_to_be_told(internet):
    async def main(server):
        async with Client([server], deadline=Deadline(20), timeouts_seconds=(0.05,)) as client:
            return await ZoneFinder(client).of("shop.example")

    with hostile_dns(silence) as hostile:
        found = asyncio.run(main(hostile.server))
    assert (found.servers, found.delegated, found.problem.status) == ((), (), Status.TIMEOUT)


def test_after_the_deadline_nothing_is_told(internet):
    async def main():
        async with Client([internet.resolver], dial=internet.dial, deadline=Deadline(0.0)) as client:
            return await ZoneFinder(client).of("shop.example")

    found = asyncio.run(main())
    assert (found.servers, found.problem.status) == ((), Status.STOPPED)


def test_parents_and_addresses_are_looked_up_once_for_many_zones():
    """Count questions: so many zones below one parent, all on one server."""
    count = 40

    def behave(question):
        name, is_recursive = asked_name(question), question[2] & 1
        rtype = question[question.index(b"\0", 12) + 2]
        soa = " 60 IN SOA ns.example. h.example. 1 2 3 4 5"
        zone = name if name.count(".") <= 2 else "example."
        if rtype == 6:
            return [respond(question, f"{zone}{soa}")]
        if rtype == 2 and not is_recursive and name.startswith("d"):
            return [respond(question, flags="", authority=[f"{name} 60 IN NS ns.example."])]
        if rtype == 2:
            return [respond(question, f"{name} 60 IN NS ns.example.")]
        records = [f"{name} 60 IN A 192.0.2.1"] if rtype == 1 else []
        return [respond(question, *records, authority=[f"example.{soa}"])]

    async def main(server):
        dial = dial_to({"192.0.2.1": server})
        async with Client([server], dial=dial, deadline=Deadline(20)) as client:
            finder = ZoneFinder(client)
            found = await asyncio.gather(*(finder.of(f"d{number}.example") for number in range(count)))
            again = await asyncio.gather(*(finder.of(f"d{number}.example") for number in range(count)))
        assert found == again
        assert {zone.delegated for zone in found} == {("ns.example",)}

    with hostile_dns(behave) as hostile:
        asyncio.run(main(hostile.server))
        assert hostile.count("udp") <= 2 * count + 20  # for each its SOA and its delegation


def test_a_referral_that_leads_nowhere_new_is_not_followed():
    """A server above that refers to itself, or upwards, cannot keep anybody busy."""

    def behave(question):
        if question[2] & 1:
            return [respond(question, rcode="SERVFAIL", flags="RA")] if b"\4shop" in question else sound(question)
        return [respond(question, flags="", authority=["example. 60 IN NS ns.example."])]

    def sound(question):
        name = asked_name(question)
        rtype = question[question.index(b"\0", 12) + 2] if name != "." else question[14]
        record = {6: "SOA a. b. 1 2 3 4 5", 2: "NS ns.example.", 1: "A 192.0.2.1"}.get(rtype)
        return [respond(question, *([f"{name} 60 IN {record}"] if record else []), flags="RA")]

    async def main(server):
        dial = dial_to({"192.0.2.1": server})
        async with Client([server], dial=dial, deadline=Deadline(20)) as client:
            return await ZoneFinder(client).of("a.shop.example")

    with hostile_dns(behave) as hostile:
        found = asyncio.run(main(hostile.server))
    assert found.problem.status is Status.SERVFAIL
    assert found.servers == ()


def test_who_gives_up_waiting_takes_nothing_from_the_others(internet):
    async def main():
        settings = {"dial": internet.dial, "deadline": Deadline(20), "timeouts_seconds": (0.35, 0.35)}
        async with Client([internet.resolver], **settings) as client:
            finder = ZoneFinder(client)
            first = asyncio.create_task(finder.of("shop.example"))
            second = asyncio.create_task(finder.of("shop.example"))
            await asyncio.sleep(0)
            first.cancel()
            assert (await second).zone == "shop.example"

    asyncio.run(main())


def test_the_root_has_no_parent(zones):
    found = zones[""]
    assert (found.parent_server, found.delegated, found.declared) == (None, (), ("a.root.test",))
    assert [server.address for server in found.servers] == [ROOT_SERVER.address]


class Silent:
    """Names that nobody answers for, and what was asked about them."""

    def __init__(self):
        self.asked = []

    async def lookup(self, name, rtype):
        self.asked.append((name, rtype))
        await asyncio.Event().wait()


def test_zones_above_are_looked_for_while_the_name_itself_is():
    async def main():
        names = Silent()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ZoneFinder(names).of("mail.shop.example")
        return names.asked

    assert sorted(asyncio.run(main())) == [
        ("", "NS"),
        ("", "SOA"),
        ("example", "SOA"),
        ("mail.shop.example", "SOA"),
        ("shop.example", "SOA"),
    ]
