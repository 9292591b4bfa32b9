"""Whatever the world puts into DNS, the checks end, ask a bounded number of questions and show short lines."""

import time

import pytest
from dns_shop import run_in, seen_in, shop
from dns_worlds import APEX, BOUNCE, DMARC, PM_KEY, POLICY_URL, SES_TARGETS, dns, replies, served, text
from fake_dns import NS1, NS2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sound_world import sound_http

from sendspec.model.dns_record import Mx
from sendspec.net.dns.answer import Status
from sendspec.net.http import Reply

LONG = "x" * 60_000
MANY_HOSTS = " ".join(f"a:h{number}.example" for number in range(4_000))
MANY_INCLUDES = " ".join(f"include:i{number}.example" for number in range(4_000))


@pytest.mark.parametrize(
    "world",
    [
        lambda: dns(text("_spf.google.com", f"v=spf1 {MANY_HOSTS} -all")),
        lambda: dns(text("_spf.google.com", f"v=spf1 {MANY_INCLUDES} -all")),
        lambda: dns(text("_spf.google.com", f"v=spf1 include:{LONG}.example -all")),
        lambda: dns(text("_spf.google.com", f"v=spf1 {LONG} -all")),
        lambda: dns(text(SES_TARGETS[0], f"k={LONG}; p=AAAA")),
        lambda: dns(text(SES_TARGETS[0], f"p={LONG}", "p=")),
        lambda: dns(text(PM_KEY, LONG)),
        lambda: dns(text(DMARC, *(f"v=DMARC1; p=none; x{number}=1" for number in range(300)))),
        lambda: dns(text("_dmarc.acme.example", f"v=DMARC1; p={LONG}")),
        lambda: dns({(APEX, "TXT"): tuple(f"code={number}{LONG[:200]}" for number in range(200))}),
        lambda: dns({(BOUNCE, "MX"): tuple(Mx(number, f"m{number}.example") for number in range(500))}),
        lambda: dns({("*.shop.example", "TXT"): (LONG,)}),
    ],
)
def test_huge_values_are_shown_short_and_cost_a_bounded_number_of_questions(world):
    made = world()
    seen, _ = run_in(made)
    assert seen
    for each in seen:
        assert len(each.message) < 900, each.kind.id
        assert max(len(line) for line in each.seen.split("\n")) < 700, each.kind.id
    assert sum(made.asked.values()) < 1_500


def test_a_thousand_answers_that_all_differ_are_one_short_finding():
    world = dns().but(NS1, PM_KEY, "TXT", (LONG,)).but(NS2, PM_KEY, "TXT", (LONG + "y",))
    (found,) = seen_in(world, only={"dns-published"})
    assert len(found.seen) < 500


def test_hostile_pages_are_shown_short():
    for reply in (Reply(302, headers={"location": LONG}), Reply(200, headers={"content-type": LONG}, body=b"\x00" * 9)):
        for each in seen_in(dns(), replies(POLICY_URL, reply), only={"dns-mta-sts"}):
            assert len(each.seen) < 300
            assert len(each.message) < 500
    assert seen_in(dns(), served(LONG), only={"dns-mta-sts"})


VALUES = st.text(st.characters(max_codepoint=0xFF), max_size=60) | st.sampled_from(
    [
        "v=spf1",
        "v=DMARC1",
        "v=DKIM1; p=",
        "v=spf1 redirect=%{d}",
        'v=spf1 a:%{p}.x.example "',
        "p=;p=",
        ";;",
        "v=STSv1; id=",
    ]
)
NAMES = st.sampled_from(sorted({name for name, rtype in dns().records if rtype == "TXT"}))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3, unique=True), min_size=1, max_size=4))
def test_no_text_makes_a_check_raise(texts):
    changed = {(name, "TXT"): tuple(sorted(values)) for name, values in texts.items()}
    for each in seen_in(dns(changed)):
        assert each.message


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(dns().records)), st.sampled_from([*Status]), min_size=1, max_size=6))
def test_no_status_makes_a_check_raise(statuses):
    world = dns()
    for (name, rtype), status in statuses.items():
        for server in (NS1, NS2):
            world = world.but(server, name, rtype, status)
    assert isinstance(seen_in(world), list)


def test_a_web_that_hangs_up_is_no_reason_to_wait():
    started = time.monotonic()
    http = sound_http(shop())
    http.replies = {}
    seen_in(dns(), http)
    assert time.monotonic() - started < 30
