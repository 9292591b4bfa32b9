"""Where all is as declared nothing is found, and where nothing can be told nothing is called good or bad."""

import tracemalloc
from dataclasses import replace

import pytest
from dns_shop import run_in, seen_in, shop, shop_dns
from fake_dns import ELSEWHERE, NS1, NS2, RESOLVER
from sound_world import FakeHttp, filled, sound_dns, sound_http

from sendspec.check.run import checks_of
from sendspec.model.observation import Subject
from sendspec.net.dns.answer import Status
from sendspec.net.http import Reply, Trouble
from sendspec.pipeline import compile_folder

EXAMPLES = ("specs", "examples/saas/specs", "examples/small-shop/specs", "examples/two-regions/specs")


@pytest.mark.parametrize("folder", EXAMPLES)
def test_a_sound_setup_has_nothing_but_what_passed(repository, folder):
    setup = filled(repository / folder)
    seen, passed = run_in(sound_dns(setup), sound_http(setup), setup=setup)
    assert [each.message for each in seen] == []
    assert passed >= sum(len(domain.zone.rrsets) for domain in setup.domains) * 2


def test_values_of_others_in_our_sets_are_left_alone():
    texts = shop_dns().records["shop.example", "TXT"]
    more = {("shop.example", "TXT"): tuple(sorted((*texts, "ms=123", "a" * 255, "umlaut=\xc3\xa4")))}
    assert seen_in(shop_dns().with_records(more)) == []


def test_other_ways_to_write_the_same_are_as_declared():
    records = shop_dns().records
    dmarc = records["_dmarc.shop.example", "TXT"][0]
    (spf,) = [text for text in records["shop.example", "TXT"] if text.startswith("v=spf1")]
    key_name = next(
        name for name, rtype in records if rtype == "TXT" and name.endswith("._domainkey.mail.shop.example")
    )
    key = records[key_name, "TXT"][0]
    rewritten = {
        ("_dmarc.shop.example", "TXT"): (
            dmarc.replace("; ", " ;").replace("p=quarantine", "p = Quarantine") + "; adkim=r;",
        ),
        ("shop.example", "TXT"): (spf.replace(" a:gate1", "  A:Gate1") + " ", "site-verification=abc123"),
        (key_name, "TXT"): ("v=DKIM1; " + key.replace("; ", ";") + ";",),
        ("_smtp._tls.shop.example", "TXT"): ("v=TLSRPTv1;rua=mailto:tls@shop.example;",),
    }
    assert seen_in(shop_dns().with_records(rewritten)) == []


def test_a_run_that_is_over_calls_nothing_good_or_bad():
    world = shop_dns().fails(Status.STOPPED, NS1, NS2, RESOLVER, ELSEWHERE)
    world = replace(world, problems=dict.fromkeys(world.zones, Status.STOPPED))
    http = FakeHttp(dict.fromkeys(sound_http(shop()).replies, Reply(None, Trouble.STOPPED)))
    seen, passed = run_in(world, http)
    assert passed == 0
    assert [each.message for each in seen if not each.is_unknown] == []
    kinds = {each.kind for each in seen}
    silent = {check.id for check in checks_of({Subject.DNS}) if not kinds & set(check.kinds)}
    assert silent == {"dns-pending", "dns-wildcards"}  # nothing is pending; of zones without servers the others speak


def test_pending_values_are_unknown_once_for_each_account_and_cure(repository):
    setup = compile_folder(repository / "specs").setup
    seen = seen_in(sound_dns(setup), sound_http(setup), setup=setup, only={"dns-pending"})
    assert sum(each.count for each in seen) == len(list(setup.pending()))
    assert len(seen) == len({(record.account, record.cure) for record in setup.pending()})
    assert all(each.is_unknown and each.fix for each in seen)


def test_what_waits_for_values_is_unknown_and_nothing_else_is_wrong(repository):
    setup = compile_folder(repository / "specs").setup
    seen = seen_in(sound_dns(setup), sound_http(setup), setup=setup)
    assert {each.kind.id for each in seen} == {"live-dns-value-not-issued"}


@pytest.fixture(scope="module")
def growing(repository, tmp_path_factory):
    """Give two worlds, one ten times the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(repository / "benchmarks"))
        from setups import write_setup
    worlds = []
    for count in (30, 300):
        folder = tmp_path_factory.mktemp("many") / "specs"
        write_setup(folder, count, ("bind",))
        setup = filled(folder)
        worlds.append((setup, sound_dns(setup)))
    return worlds


def test_ten_times_the_domains_are_ten_times_the_questions_and_hardly_more_memory(growing):
    asked, peaks = [], []
    for setup, dns in growing:
        assert dns.existing
        tracemalloc.start()
        seen, passed = run_in(dns, sound_http(setup), setup=setup, only={"dns-published", "dns-spf", "dns-propagation"})
        peaks.append(tracemalloc.get_traced_memory()[1] - len(dns.asked) * 400)
        tracemalloc.stop()
        assert seen == []
        assert passed > 0
        asked.append(sum(dns.asked.values()))
    assert 9 < asked[1] / asked[0] < 10.5
    assert peaks[1] < 3_000_000


def test_a_dead_server_of_many_zones_is_one_finding_a_zone(growing):
    setup, dns = growing[0]
    seen = seen_in(dns.fails(Status.REFUSED, NS2), setup=setup, only={"dns-published"})
    assert len(seen) == len(setup.domains)
    assert {each.kind.id for each in seen} == {"live-dns-refused"}


def test_one_cause_in_the_spf_of_many_is_one_finding(growing):
    setup, dns = growing[0]
    seen = seen_in(dns.without("_spf.google.com"), setup=setup, only={"dns-spf"})
    assert [(each.kind.id, each.count) for each in seen] == [
        ("live-dns-spf-include-without-record", len(setup.domains))
    ]
    assert f"and {len(setup.domains) - 1} more" in seen[0].message
