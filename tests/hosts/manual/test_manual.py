"""A zone that people keep: its own name servers tell what it holds, and what nobody tells is not absent."""

import asyncio

import pytest
from dns_shop import shop, shop_dns
from fake_dns import ELSEWHERE, NS1, NS2, FakeDns, NoSecrets, net_of
from host_desks import ZONE, cname, desk, mx, txt, zone
from real_dns import real_world

from sendspec.hosts.interface import load_host
from sendspec.hosts.manual.read import NAMES_AT_ONCE, read
from sendspec.model.dns_record import Mx
from sendspec.net.dns.answer import Status
from sendspec.net.open import NetSettings, open_net

MAIL, DMARC, KEY = f"mail.{ZONE}", f"_dmarc.{ZONE}", f"k._domainkey.{ZONE}"
HOST = load_host("manual")
WORLD = FakeDns(
    records={
        (ZONE, "TXT"): ("v=spf1 -all", "verify=1"),
        (ZONE, "MX"): (Mx(10, "mx.shop.example"),),
        (MAIL, "MX"): (Mx(0, ""),),
        (MAIL, "A"): ("192.0.2.1",),
        (KEY, "CNAME"): ("k.dkim.example",),
    },
    zones={ZONE: (NS1, NS2)},
)


def look(dns, *wanted, names=()):
    """Give what a read of the names of some sets finds."""

    async def run():
        net = net_of(dns)
        of = zone("manual", *wanted)
        return await read(desk(of, dns=net.dns, zones=net.zones), {rrset.name for rrset in wanted} | set(names))

    return asyncio.run(run())


def test_what_the_servers_hold_is_read_as_logical_values():
    live = look(WORLD, txt(ZONE, "v=spf1 -all"), mx(MAIL, Mx(0, "")), cname(KEY, "k.dkim.example"))
    assert dict(live.unread) == {}
    assert live.rrsets[ZONE, "TXT"].values == ("v=spf1 -all", "verify=1")
    assert live.rrsets[MAIL, "MX"].values == (Mx(0, ""),)
    assert live.rrsets[KEY, "CNAME"].values == ("k.dkim.example",)
    assert live.rrsets[KEY, "CNAME"].ttl_seconds == WORLD.ttl_seconds


def test_a_text_outside_ascii_is_read_as_people_write_it():
    octets = "grün".encode().decode("latin-1")
    live = look(WORLD.with_records({(MAIL, "TXT"): (octets, "\xfc")}), txt(MAIL, "grün"))
    assert set(live.rrsets[MAIL, "TXT"].values) == {"grün", "ü"}


def test_names_and_types_that_do_not_exist_are_absent_and_not_unread():
    live = look(WORLD, txt(DMARC, "v=DMARC1; p=none"), txt(MAIL, "a"))
    assert (dict(live.rrsets), dict(live.unread)) == ({}, {})


def test_a_cname_where_a_text_is_wanted_is_seen():
    live = look(WORLD, txt(KEY, "v=DKIM1; p="))
    assert [rrset.type for rrset in live.rrsets.values()] == ["CNAME"]
    assert live.rrsets[KEY, "CNAME"].values == ("k.dkim.example",)


def test_what_stands_where_a_cname_is_wanted_is_seen():
    live = look(WORLD, cname(MAIL, "x.example"))
    assert {rrset.type for rrset in live.rrsets.values()} == {"A", "MX"}


def test_a_name_that_the_spec_wants_no_more_is_read_with_every_type_that_is_managed():
    live = look(WORLD, names=[ZONE])
    assert {rrset.type for rrset in live.rrsets.values()} == {"TXT", "MX"}


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.SERVFAIL, Status.REFUSED, Status.LAME])
def test_a_name_that_no_server_answers_for_is_unread(status):
    dns = WORLD.but(NS1, MAIL, "TXT", status).but(NS2, MAIL, "TXT", status)
    live = look(dns, txt(ZONE, "v=spf1 -all"), txt(MAIL, "a"))
    assert set(live.unread) == {MAIL}
    assert str(status) in live.unread[MAIL].reason
    assert (ZONE, "TXT") in live.rrsets


def test_a_server_that_fails_leaves_the_word_to_the_next():
    live = look(WORLD.fails(Status.TIMEOUT, NS1), txt(ZONE, "v=spf1 -all"))
    assert dict(live.unread) == {}
    assert (ZONE, "TXT") in live.rrsets


def test_a_name_in_a_zone_of_its_own_is_unread():
    dns = FakeDns(records=WORLD.records, zones={**WORLD.zones, MAIL: (ELSEWHERE,)})
    live = look(dns, txt(MAIL, "a"))
    assert f"a zone of its own: {MAIL}" in live.unread[MAIL].reason


def test_a_zone_that_nobody_answers_for_is_unread_as_a_whole():
    dns = FakeDns(records={}, zones={ZONE: ()}, problems={ZONE: Status.SERVFAIL})
    assert "SERVFAIL" in look(dns, txt(ZONE, "a")).unread[""].reason


def test_a_few_names_of_a_zone_are_asked_about_at_once():
    class Slow(FakeDns):
        now = most = 0

        async def ask(self, server, name, rtype, *, is_recursive=False):
            Slow.now += 1
            Slow.most = max(Slow.most, Slow.now)
            await asyncio.sleep(0.001)
            Slow.now -= 1
            return await super().ask(server, name, rtype, is_recursive=is_recursive)

    wanted = [txt(f"n{number}.{ZONE}", "a") for number in range(300)]
    look(Slow(records=WORLD.records, zones=WORLD.zones), *wanted)
    assert 1 < Slow.most <= NAMES_AT_ONCE


def test_nobody_but_a_person_changes_it():
    assert HOST.apply is None
    assert "enter the records" in HOST.by_hand


def test_a_real_name_server_tells_what_was_written_into_its_zone_file(find_tool, tmp_path):
    setup = shop()
    of = next(domain.zone for domain in setup.domains if domain.name == ZONE)
    names = {rrset.name for rrset in of.rrsets} | {f"nothing.{ZONE}"}

    async def run(world):
        settings = NetSettings(resolvers=(world.resolver,), dial=world.dial)
        async with open_net(settings, lambda _deadline: NoSecrets()) as net:
            return await read(desk(of, dns=net.dns, zones=net.zones), names)

    with real_world(find_tool, tmp_path, setup, shop_dns().records) as world:
        live = asyncio.run(run(world))
    assert dict(live.unread) == {}
    for rrset in of.rrsets:
        found = live.rrsets[rrset.name, str(rrset.type)]
        assert {value.value for value in rrset.values} <= set(found.values)
        assert found.ttl_seconds == rrset.ttl_seconds
    assert not any(name == f"nothing.{ZONE}" for name, _ in live.rrsets)


def test_a_name_that_does_not_exist_is_asked_about_once():
    dns = FakeDns(records=WORLD.records, zones=WORLD.zones)
    look(dns, cname(DMARC, "x.example"))
    assert sum(count for (_, name, _), count in dns.asked.items() if name == DMARC) == 1
