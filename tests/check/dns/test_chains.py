"""Where CNAMEs and MX lead, and what is said of keys that somebody else keeps."""

import pytest
from dns_shop import seen_in, shop
from dns_worlds import BOUNCE, KEY_1024, PM_BOUNCES, SES_CNAMES, SES_TARGETS, dns, failing, text
from fake_dns import ELSEWHERE, RESOLVER
from sound_world import KEY

from sendspec.check.dns.keys import flaws
from sendspec.model.dns_record import Mx
from sendspec.model.finding import Severity
from sendspec.net.dns.answer import Status

CHAINS, HOSTS = {"dns-chains"}, {"dns-mail-exchangers"}
ED25519 = "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def chains(world):
    return seen_in(world, only=CHAINS)


def test_a_revoked_key_beside_a_good_one_is_what_rotation_leaves():
    (found,) = chains(dns(text(SES_TARGETS[0], "p=")))
    assert (found.kind.id, found.severity) == ("live-dns-key-revoked", Severity.WARNING)


def test_a_signer_whose_keys_are_all_revoked_is_an_error():
    changed = {}
    for target in SES_TARGETS:
        changed |= text(target, "p=")
    found = chains(dns(changed))
    assert [(each.kind.id, each.severity) for each in found] == [("live-dns-key-revoked", None)] * 3


def test_a_chain_of_several_cnames_is_followed_to_its_end():
    world = dns({(SES_TARGETS[0], "TXT"): None, (SES_TARGETS[0], "CNAME"): ("k1.esp.example",)})
    assert (
        chains(
            world.with_records({("k1.esp.example", "CNAME"): ("k2.esp.example",)} | text("k2.esp.example", f"p={KEY}"))
        )
        == []
    )
    (found,) = chains(world.with_records({("k1.esp.example", "CNAME"): ("gone.esp.example",)}))
    assert found.kind.id == "live-dns-dangling-cname"
    assert "k1.esp.example → gone.esp.example" in found.seen


def test_a_circle_is_shown_name_by_name():
    world = dns({(SES_TARGETS[0], "TXT"): None, (SES_TARGETS[0], "CNAME"): ("a.esp.example",)})
    world = world.with_records({("a.esp.example", "CNAME"): (SES_TARGETS[0],)})
    (found,) = chains(world)
    assert found.kind.id == "live-dns-cname-loop"
    assert f"{SES_TARGETS[0]} → a.esp.example → {SES_TARGETS[0]}" in found.message


def test_a_cname_that_is_not_published_is_left_to_the_check_of_what_is():
    assert chains(dns().without(SES_CNAMES[0])) == []


def test_a_resolver_that_fails_alone_is_not_believed():
    assert chains(dns().but(RESOLVER, SES_TARGETS[0], "TXT", Status.SERVFAIL)) == []
    (found,) = chains(failing(SES_TARGETS[0], "TXT"))
    assert not found.is_unknown


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.REFUSED, Status.UNREACHABLE, Status.STOPPED])
def test_a_target_that_nobody_could_tell_of_is_unknown(status):
    (found,) = chains(dns().but(RESOLVER, SES_TARGETS[0], "TXT", status))
    assert found.is_unknown


def test_targets_that_many_share_are_asked_for_once():
    world = dns()
    assert chains(world) == []
    assert world.asked["192.0.2.251", "pm.mtasv.net", "MX"] <= sum(
        rrset.name.startswith("pm-bounces") for _, rrset in shop().rrsets()
    )


def test_a_return_path_may_end_in_an_address_alone():
    world = dns({("pm.mtasv.net", "MX"): None, ("pm.mtasv.net", "TXT"): None, ("pm.mtasv.net", "A"): ("192.0.2.5",)})
    assert chains(world) == []
    found = chains(
        dns({("pm.mtasv.net", "MX"): None, ("pm.mtasv.net", "TXT"): None, ("x.pm.mtasv.net", "A"): ("192.0.2.5",)})
    )
    assert {each.kind.id for each in found} == {"live-dns-cname-leads-nowhere"}
    assert PM_BOUNCES in " ".join(each.message for each in found)


@pytest.mark.parametrize(
    ("record", "kinds"),
    [
        (f"v=DKIM1; k=rsa; p={KEY}", []),
        (ED25519, []),
        (f"k=rsa; h=sha1; p={KEY}", ["live-dns-key-unusable"]),
        (f"k=rsa; s=other; p={KEY}", ["live-dns-key-unusable"]),
        (f"k=ed25519; p={KEY}", ["live-dns-key-unusable"]),
        ("v=DKIM1; k=rsa", ["live-dns-key-unusable"]),
        ("v=spf1 -all", ["live-dns-key-unusable"]),
        (f"k=rsa; t=y; p={KEY_1024}", ["live-dns-key-below-2048", "live-dns-key-testing"]),
    ],
)
def test_a_key_is_read_as_a_verifier_reads_it(record, kinds):
    assert [flaw.kind.id for flaw in flaws((record,), None)] == kinds


def test_an_esp_that_makes_no_longer_keys_is_not_asked_for_them():
    assert list(flaws((f"k=rsa; p={KEY_1024}",), 1024)) == []


def test_a_host_with_an_ipv6_address_alone_can_take_mail():
    world = dns({("feedback-smtp.eu-west-1.amazonses.com", "A"): None})
    assert seen_in(world, only=HOSTS) == []


def test_the_host_of_an_mx_that_could_not_be_looked_up_is_unknown():
    host = "feedback-smtp.eu-west-1.amazonses.com"
    (found,) = seen_in(
        dns().but(RESOLVER, host, "A", Status.TIMEOUT).but(ELSEWHERE, host, "A", Status.TIMEOUT), only=HOSTS
    )
    assert found.is_unknown
    assert BOUNCE in found.message


def test_a_null_mx_on_a_name_that_never_sends_is_as_declared():
    assert seen_in(dns(), only=HOSTS) == []
    (found,) = seen_in(dns({("news.shop.example", "MX"): (Mx(0, ""),)}), only=HOSTS)
    assert found.at.to_text() == "streams.newsletter.from"
