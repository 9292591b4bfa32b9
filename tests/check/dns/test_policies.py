"""Policies, logos, wildcards and CAA: what others fetch or ask for beside our records."""

from dataclasses import replace

import pytest
from dns_shop import SPEC, compile_filled, seen_in
from dns_worlds import APEX, LOGO_URL, POLICY_URL, dns, policy, replies, served, text
from fake_dns import NS1, NS2
from sound_world import LOGO, page, sound_dns, sound_http

from sendspec.check.dns.wildcards import made_up_name
from sendspec.model.dns_record import Mx
from sendspec.model.finding import Severity
from sendspec.net.dns.answer import Status
from sendspec.net.http import Reply, Trouble

STS, BIMI, WILD, CAA = {"dns-mta-sts"}, {"dns-bimi"}, {"dns-wildcards"}, {"dns-caa"}


def test_a_policy_served_with_other_line_ends_and_order_is_as_declared():
    body = "\r\n".join([*reversed(policy().splitlines()), "extension: yes", ""])
    assert seen_in(dns(), served(body, "Text/Plain; charset=us-ascii"), only=STS) == []


@pytest.mark.parametrize("trouble", [Trouble.TIMEOUT, Trouble.UNREACHABLE, Trouble.UNRESOLVED, Trouble.STOPPED])
def test_a_policy_that_could_not_be_fetched_from_here_is_unknown(trouble):
    (found,) = seen_in(dns(), replies(POLICY_URL, Reply(None, trouble)), only=STS)
    assert found.is_unknown


def test_in_testing_mode_nothing_is_worse_than_a_warning():
    setup = compile_filled(SPEC.replace("mode: enforce", "mode: testing"))
    http = sound_http(setup)
    http.replies = {}
    (found,) = seen_in(sound_dns(setup), http, setup=setup, only=STS)
    assert found.severity is Severity.WARNING
    assert "point `mta-sts.shop.example` to a web server" in found.fix


def test_a_redirect_says_where_to():
    http = replies(POLICY_URL, Reply(302, headers={"location": "https://www.shop.example/"}))
    (found,) = seen_in(dns(), http, only=STS)
    assert found.seen == "302 to https://www.shop.example/"


def test_a_wildcard_in_a_policy_stands_for_one_label():
    assert seen_in(dns({(APEX, "MX"): (Mx(10, "ALT1.mx.google.example"),)}), only=STS) == []
    (found,) = seen_in(dns({(APEX, "MX"): (Mx(10, "a.b.mx.google.example"),)}), only=STS)
    assert found.at.to_text() == "domains.shop.example.mta_sts.mx"


def test_a_hostile_policy_is_shown_short():
    (found,) = seen_in(dns(), served(b"\xff" * 60_000), only=STS)
    assert found.kind.id == "live-dns-mta-sts-policy-unreadable"
    assert len(found.seen) <= 200


def test_a_logo_of_another_profile_is_told():
    (found,) = seen_in(dns(), replies(LOGO_URL, page(b"<svg/>", "image/svg+xml")), only=BIMI)
    assert found.seen == "an SVG of another profile"
    assert seen_in(dns(), replies(LOGO_URL, page(LOGO, "image/svg+xml")), only=BIMI) == []


def test_a_logo_that_could_not_be_fetched_in_time_is_unknown():
    (found,) = seen_in(dns(), replies(LOGO_URL, Reply(None, Trouble.TIMEOUT)), only=BIMI)
    assert found.is_unknown


def test_a_logo_without_end_is_too_large():
    (found,) = seen_in(dns(), replies(LOGO_URL, Reply(None, Trouble.TOO_LARGE)), only=BIMI)
    assert found.kind.id == "live-dns-bimi-logo-too-large"


def test_a_name_that_nobody_has_is_asked_for_once_a_zone():
    world = dns()
    assert seen_in(world, only=WILD) == []
    assert world.asked["192.0.2.53", made_up_name(APEX), "TXT"] == 1


def test_a_server_that_answers_nodata_for_every_name_shows_no_wildcard():
    world = dns()
    for rtype in ("TXT", "A", "AAAA", "MX"):
        world = world.but(NS1, made_up_name(APEX), rtype, ())
    assert seen_in(world, only=WILD) == []


def test_a_wildcard_address_harms_nothing_where_no_policy_rests_on_absence():
    assert seen_in(dns({("*.parked.example", "A"): ("192.0.2.9",)}), only=WILD) == []


def test_a_wildcard_below_a_cname_is_told_with_its_target():
    (found,) = seen_in(dns({("*.shop.example", "CNAME"): ("web.host.example",)}), only=WILD)
    assert found.seen == "a CNAME to web.host.example"
    assert "remove `*.shop.example`" in found.fix


def test_a_zone_whose_servers_are_silent_may_have_a_wildcard():
    seen = seen_in(dns().fails(Status.TIMEOUT, NS1, NS2), only=WILD)
    assert seen
    assert all(each.is_unknown for each in seen)


@pytest.mark.parametrize(
    ("records", "is_found"),
    [
        (('0 issue ";"',), True),
        (('0 issue ";"', '0 issuewild "ca.example"'), True),
        (('0 issue ";"', '0 issue "ca.example"'), False),
        (('0 issue "ca.example; account=1"',), False),
        (('0 iodef "mailto:x@shop.example"',), False),
    ],
)
def test_caa_is_found_only_where_it_forbids_everybody(records, is_found):
    assert bool(seen_in(dns({("news.shop.example", "CAA"): records}), only=CAA)) is is_found


def test_the_closest_caa_counts():
    world = dns({(APEX, "CAA"): ('0 issue ";"',), ("news.shop.example", "CAA"): ('0 issue "ca.example"',)})
    assert seen_in(world, only=CAA) == []


def test_caa_that_could_not_be_looked_up_is_unknown():
    world = dns().but(NS1, APEX, "CAA", Status.TIMEOUT).but(NS2, APEX, "CAA", Status.TIMEOUT)
    seen = seen_in(world, only=CAA)
    assert seen
    assert all(each.is_unknown for each in seen)


def test_a_name_server_that_could_not_be_looked_up_is_unknown():
    world = replace(dns(), unresolved={APEX: (("ns3.slow.example", Status.TIMEOUT),)})
    (found,) = seen_in(world, only={"dns-delegation"})
    assert found.is_unknown


def test_a_delegation_that_differs_says_on_which_side():
    world = replace(dns(), declared={APEX: ("ns1.host.example", "ns2.host.example", "ns3.new.example")})
    (found,) = seen_in(world, only={"dns-delegation"})
    assert found.seen == "only in the zone: ns3.new.example"


def test_a_text_beside_nothing_is_no_wildcard():
    assert seen_in(dns(text("www.shop.example", "hello")), only=WILD) == []
