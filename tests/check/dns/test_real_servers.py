"""The checks against real name servers: nsd with sound and broken zones, unbound as the resolver, the real client."""

import asyncio

import pytest
from dns_shop import shop, shop_dns
from dns_worlds import (
    APEX,
    BOUNCE,
    DMARC,
    PM_KEY,
    PM_TEXT,
    SES_CNAMES,
    SES_TARGETS,
    SITE,
    SPF_APEX,
)
from fake_dns import NOW, NoSecrets
from real_dns import real_world
from sound_world import KEY, sound_http

from sendspec.check.run import checks_of
from sendspec.model.dns_record import Mx
from sendspec.model.observation import Observation, Passed, Subject
from sendspec.net.deadline import Deadline
from sendspec.net.dns.client import Client
from sendspec.net.dns.zones import ZoneFinder
from sendspec.net.net import Net


def look_at(world, *, seconds=60.0):
    """Run every DNS check with the real client and give (observations, how many things passed)."""

    async def look():
        deadline = Deadline(seconds)
        async with Client([world.resolver], dial=world.dial, deadline=deadline) as client:
            net = Net(
                dns=client,
                zones=ZoneFinder(client),
                http=sound_http(shop()),
                secrets=NoSecrets(),
                make_tls=lambda: None,
                dial=world.dial,
                deadline=deadline,
                now=lambda: NOW,
            )
            found = await asyncio.gather(*(_run(check, net) for check in checks_of({Subject.DNS})))
        seen = [each for part in found for each in part]
        observations = [each for each in seen if isinstance(each, Observation)]
        return observations, sum(each.count for each in seen if isinstance(each, Passed))

    return asyncio.run(look())


async def _run(check, net):
    return [each async for each in check.run(shop(), net)]


def test_a_sound_world_passes_on_real_servers(find_tool, tmp_path):
    with real_world(find_tool, tmp_path, shop(), shop_dns().records) as world:
        seen, passed = look_at(world)
    assert [(each.message, each.seen, each.answered_by) for each in seen] == []
    assert passed > 80


@pytest.fixture(scope="module")
def broken(find_tool, tmp_path_factory):
    """Give what is seen of a world in which much is wrong at once."""
    records = {
        **shop_dns().records,
        (APEX, "TXT"): (
            SPF_APEX,
            "v=spf1 include:amazonses.com ~all",
            SITE,
            *(f"code-{n}={'x' * 200}" for n in range(7)),
        ),
        (f"{PM_KEY}.{APEX}", "TXT"): (PM_TEXT,),
        ("_dmarc.parked.example", "TXT"): ('"v=DMARC1\\; p=reject"',),
        (SES_CNAMES[0], "CNAME"): (f"{SES_TARGETS[0]}.shop.example",),
        (SES_TARGETS[1], "TXT"): ("k=rsa; p=",),
        ("*.acme.example", "TXT"): ("v=spf1 -all",),
        (BOUNCE, "MX"): (Mx(10, "feedback-smtp.eu-west-1.amazonses.com"), Mx(20, "mx.google.example")),
        ("links.news.shop.example", "A"): ("192.0.2.99",),
        ("_mta-sts.shop.example", "TXT"): ("v=STSv1; id=old",),
    }
    for name, rtype in ((PM_KEY, "TXT"), ("links.news.shop.example", "CNAME"), (SES_TARGETS[2], "TXT")):
        del records[name, rtype]
    behind = {(DMARC, "TXT"): ("v=DMARC1; p=none",)}
    refuses, fails = {"acme.example": ""}, {"plain.example": "@ NS nowhere\nthis is no zone file\n"}
    folder = tmp_path_factory.mktemp("broken")
    with real_world(find_tool, folder, shop(), records, behind, refuses | fails) as world:
        return look_at(world)[0]


EXPECTED = {
    "live-dns-second-spf": APEX,
    "live-dns-answer-too-large": APEX,
    "live-dns-doubled-zone-name": PM_KEY,
    "live-dns-escaped-text": "_dmarc.parked.example",
    "live-dns-zone-appended-to-target": SES_CNAMES[0],
    "live-dns-key-revoked": SES_CNAMES[1],
    "live-dns-dangling-cname": SES_CNAMES[2],
    "live-dns-wildcard-text": "acme.example",
    "live-dns-second-mx": BOUNCE,
    "live-dns-address-instead-of-cname": "links.news.shop.example",
    "live-dns-wrong-mta-sts-id": "_mta-sts.shop.example",
    "live-dns-servers-disagree": DMARC,
    "live-dns-refused": "acme.example",
    "live-dns-servfail": "plain.example",
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_a_fault_on_real_servers_is_named_once(broken, kind):
    found = [each for each in broken if each.kind.id == kind]
    assert [each.message.partition(":")[0] for each in found] == [EXPECTED[kind]]
    assert not found[0].is_unknown


def test_nothing_else_is_seen_of_it(broken):
    others = {each.kind.id: each.message for each in broken if each.kind.id not in EXPECTED}
    assert others == {}


def test_a_server_that_is_behind_is_told_from_those_that_are_right(broken):
    (found,) = [each for each in broken if each.kind.id == "live-dns-servers-disagree"]
    assert "ns2.host.example (192.0.2.54): v=DMARC1; p=none" in found.seen
    assert "ns1.host.example (192.0.2.53): as declared" in found.seen


def test_a_run_ends_with_its_deadline_and_says_what_it_did_not_see(find_tool, tmp_path):
    with real_world(find_tool, tmp_path, shop(), shop_dns().records) as world:
        seen, passed = look_at(world, seconds=0.0)
    assert [each.message for each in seen if not each.is_unknown] == []
    assert "deadline" in " ".join(each.message for each in seen)
    assert passed == 0 or {each.kind.id for each in seen}
    assert KEY
