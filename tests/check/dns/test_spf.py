"""SPF as it is evaluated live: budgets, dead ends, and that the mail of each route passes."""

from dataclasses import replace

import pytest
from dns_shop import LOCK, SPEC, compile_filled, seen_in, shop, shop_dns
from dns_worlds import APEX, BOUNCE, PM_BOUNCES, SITE, SPF_APEX, dns, including, text
from fake_dns import ELSEWHERE, NS1, NS2, RESOLVER
from sound_world import sound_dns

from sendspec.net.dns.answer import Status

ONLY = {"dns-spf"}


def spf(world, setup=None):
    return seen_in(world, setup=setup, only=ONLY)


def kinds(seen):
    return sorted(each.kind.id.removeprefix("live-dns-spf-") for each in seen)


def test_a_record_over_its_budget_shows_who_spends_it():
    (found,) = spf(dns(including(7)))
    assert "costs 12 DNS look-ups, 10 are allowed" in found.message
    assert found.seen.splitlines()[0] == f"{APEX}: 12 of 10 lookups"
    assert "  include:_spf.google.com: 8" in found.seen.splitlines()
    assert "drop `include:_spf.google.com` (8), which leaves 4 of 10" in found.fix


def test_seven_lookups_are_fine_and_eight_are_a_warning():
    assert spf(dns(including(2))) == []
    assert kinds(spf(dns(including(3)))) == ["few-lookups-left"]


def test_two_void_lookups_are_allowed_and_three_are_not():
    two = dns().without("gate1.office.example").without("gate2.office.example")
    assert spf(two) == []
    (found,) = spf(two.without("gate3.office.example"))
    assert "a:gate2.office.example (at shop.example)" in found.seen


def test_a_host_with_an_ipv6_address_alone_is_not_void():
    hosts = {(f"gate{number}.office.example", "A"): None for number in (1, 2, 3)}
    assert spf(dns(hosts)) == []


def test_a_host_that_could_not_be_looked_up_is_not_void():
    world = dns()
    for number in (1, 2, 3):
        for server in (RESOLVER, ELSEWHERE):
            for rtype in ("A", "AAAA"):
                world = world.but(server, f"gate{number}.office.example", rtype, Status.TIMEOUT)
    assert spf(world) == []


def test_an_include_deep_in_the_tree_counts_as_much():
    world = dns(text("_spf.google.com", "v=spf1 include:deep.example ~all")).with_records(
        text("deep.example", "v=spf1 redirect=gone.example")
    )
    (found,) = spf(world)
    assert found.kind.id == "live-dns-spf-include-without-record"
    assert "gone.example" in found.message


def test_mail_that_the_record_at_the_return_path_does_not_let_through_is_told_by_route():
    (found,) = spf(dns(text(BOUNCE, "v=spf1 ip4:203.0.113.1 -all")))
    assert found.kind.id == "live-dns-spf-leg-fails"
    assert f"{BOUNCE}: mail from ses-eu (198.51.100.1) gets fail where `receipts.fallback` uses it" in found.message
    assert "include:amazonses.com" in found.fix


def test_a_softfail_is_no_pass():
    (found,) = spf(dns(text(BOUNCE, "v=spf1 ip4:203.0.113.1 ~all")))
    assert "gets softfail" in found.message


def test_a_return_path_that_leads_to_no_spf_is_told():
    world = dns({("pm.mtasv.net", "TXT"): None})
    (found,) = spf(world)
    assert (found.kind.id, found.count) == ("live-dns-spf-leg-fails", 3)
    assert "at pm.mtasv.net, where its CNAME leads" in found.message
    assert PM_BOUNCES.partition(".")[0] in found.message


def test_a_record_with_a_problem_of_its_own_is_not_told_twice():
    assert kinds(spf(dns(text(BOUNCE, "v=spf1 include:gone.example ~all")))) == ["include-without-record"]


def test_two_records_are_left_to_the_check_of_what_is_published():
    assert spf(dns(text(APEX, SITE, SPF_APEX, "v=spf1 -all"))) == []


def test_an_include_that_grew_says_what_it_costs_now():
    world = dns(text("spf.crm.example", "v=spf1 include:one.example -all") | text("one.example", "v=spf1 -all"))
    (found,) = spf(world)
    assert found.kind.id == "live-dns-spf-include-changed"
    assert "costs 2 look-ups, 1 before" in found.message
    assert found.at.to_text() == "lock:spf.spf.crm.example"


def test_an_include_written_otherwise_has_not_changed():
    assert spf(dns(text("spf.crm.example", "v=spf1  IP4:192.0.2.0/24 -all"))) == []


def test_a_macro_that_depends_on_the_message_is_evaluated_for_it():
    record = "v=spf1 exists:%{i}._spf.%{d} -all"
    passing = {(f"198.51.100.1._spf.{BOUNCE}", "A"): ("127.0.0.2",)}
    assert spf(dns(text(BOUNCE, record) | passing)) == []
    assert kinds(spf(dns(text(BOUNCE, record)))) == ["leg-fails"]


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.REFUSED, Status.UNREACHABLE])
def test_an_include_that_could_not_be_looked_up_is_unknown(status):
    world = dns().but(RESOLVER, "amazonses.com", "TXT", status)
    seen = spf(world)
    assert seen
    assert all(each.is_unknown for each in seen)


def test_a_record_that_nobody_could_read_is_unknown_once_for_all():
    seen = spf(dns().fails(Status.TIMEOUT, NS1, NS2))
    assert {each.kind.id for each in seen} == {"live-dns-spf-not-evaluated"}
    assert all(each.is_unknown for each in seen)


def test_records_that_include_each_other_without_end_end():
    names = [f"x{number}.example" for number in range(60)]
    record = " ".join(["v=spf1", *(f"include:{name}" for name in names), "-all"])
    world = dns(text("_spf.google.com", record))
    for name in names:
        world = world.with_records(text(name, record))
    assert kinds(spf(world)) == ["loop"]


def test_includes_that_are_asked_for_once_serve_every_domain():
    setup = compile_filled(SPEC, LOCK)
    world = sound_dns(setup)
    spf(world, setup)
    assert all(count == 1 for (_, name, _), count in world.asked.items() if "amazonses" in name or "google" in name)
    assert shop_dns().records


def test_a_route_whose_zone_is_in_another_share_is_looked_at_all_the_same():
    world = dns(text(BOUNCE, "v=spf1 -all") | text("pm.mtasv.net", "v=spf1 -all"))
    alone = replace(shop(), domains=())
    found = {(each.kind.id, each.message.partition(":")[0]) for each in spf(world, alone)}
    assert ("live-dns-spf-leg-fails", BOUNCE) in found
    assert len(found) == 2
