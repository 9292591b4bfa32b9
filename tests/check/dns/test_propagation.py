"""What resolvers still remember, and when to ask them again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dns_shop import run_in, seen_in, shop
from dns_worlds import PM_KEY, dns, text
from fake_dns import NOW, NS1, RESOLVER, FakeDns, net_of
from sound_world import KEY

from sendspec.check.dns.propagation import CHECK
from sendspec.net.address import Server
from sendspec.net.dns.answer import Status

ONLY = {"dns-propagation"}
SECOND = Server("192.0.2.252", "second.example")


def propagation(world):
    return seen_in(world, only=ONLY)


def test_an_old_value_is_forgotten_when_its_ttl_is_over():
    (found,) = propagation(dns(ttl_seconds=1920).but(RESOLVER, PM_KEY, "TXT", (f"p={KEY}",)))
    assert found.kind.id == "live-dns-old-value-cached"
    assert "ask again after 14:32 UTC" in found.message
    assert "ask again after 14:32 UTC" in found.fix


def test_an_absence_is_forgotten_when_the_negative_ttl_is_over():
    (found,) = propagation(dns(negative_ttl_seconds=600).but(RESOLVER, PM_KEY, "TXT", ()))
    assert found.kind.id == "live-dns-absence-cached"
    assert "14:10 UTC" in found.message


def test_a_resolver_that_does_not_say_how_long_is_not_given_a_time():
    (found,) = propagation(dns(negative_ttl_seconds=None).but(RESOLVER, PM_KEY, "TXT", ()))
    assert "did not say how long" in found.message
    assert "UTC" not in found.message


def test_a_time_on_another_day_says_the_day():
    late = datetime(2026, 11, 26, 23, 50, tzinfo=UTC)
    world = dns(ttl_seconds=3600).but(RESOLVER, PM_KEY, "TXT", (f"p={KEY}",))

    async def look():
        return [each async for each in CHECK.run(shop(), net_of(world, now=late))]

    import asyncio

    messages = [each.message for each in asyncio.run(look()) if hasattr(each, "message")]
    assert "ask again after 00:50 UTC on 2026-11-27" in messages[0]
    assert late + timedelta(hours=1) > NOW


def test_resolvers_that_are_behind_alike_are_one_finding_with_the_later_time():
    world = dns(resolvers=(RESOLVER, SECOND), ttl_seconds=600)
    world = world.but(RESOLVER, PM_KEY, "TXT", (f"p={KEY}",)).but(SECOND, PM_KEY, "TXT", (f"p={KEY}",))
    (found,) = propagation(world)
    assert found.answered_by == "resolver.example (192.0.2.251), second.example (192.0.2.252)"
    assert found.count == 2


def test_where_the_zone_itself_is_wrong_nothing_is_said_of_resolvers():
    assert propagation(dns(text(PM_KEY, f"p={KEY}"))) == []


def test_where_one_server_of_the_zone_is_wrong_nothing_is_said_of_resolvers():
    world = dns().but(NS1, PM_KEY, "TXT", ()).but(RESOLVER, PM_KEY, "TXT", ())
    assert propagation(world) == []


def test_a_resolver_that_cannot_be_asked_is_one_unknown_for_all_it_was_asked():
    world = dns(resolvers=(RESOLVER, SECOND)).fails(Status.TIMEOUT, SECOND)
    seen, passed = run_in(world, only=ONLY)
    (found,) = seen
    sets = sum(len(domain.zone.rrsets) for domain in shop().domains)
    assert (found.is_unknown, found.count, passed) == (True, sets, sets)
    assert found.answered_by == "second.example (192.0.2.252)"


def test_a_resolver_that_fails_at_a_whole_zone_is_one_finding():
    zone = next(domain.zone for domain in shop().domains if domain.name == "shop.example")
    world: FakeDns = dns()
    for rrset in zone.rrsets:
        world = world.but(RESOLVER, rrset.name, str(rrset.type), Status.SERVFAIL)
    (found,) = propagation(world)
    assert found.kind.id == "live-dns-resolver-servfail"
    assert found.count == len(zone.rrsets)
    assert "DNSSEC" in found.kind.why


@pytest.mark.parametrize("status", [Status.REFUSED, Status.MALFORMED, Status.UNREACHABLE, Status.STOPPED])
def test_what_a_resolver_does_not_tell_is_never_taken_for_absence(status):
    seen = propagation(dns().fails(status, RESOLVER))
    assert [(each.kind.id, each.is_unknown) for each in seen] == [("live-dns-resolver-not-asked", True)]


def test_without_resolvers_nothing_is_asked():
    assert run_in(replace(dns(), resolvers=()), only=ONLY) == ([], 0)
