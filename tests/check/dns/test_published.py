"""What `dns-published` says of sets that are not as declared: once, to the point, with what to write where."""

from dataclasses import replace

import pytest
from dns_shop import SPEC, compile_filled, seen_in, shop, shop_dns
from dns_worlds import APEX, BOUNCE, DMARC, PM_KEY, PM_TEXT, SES_CNAMES, SES_TARGETS, dns, text
from fake_dns import ELSEWHERE, NS1, NS2
from sound_world import KEY, sound_dns

from sendspec.model.dns_record import Mx
from sendspec.model.finding import Severity
from sendspec.net.dns.answer import Status

ONLY = {"dns-published"}


def published(world, setup=None):
    return seen_in(world, setup=setup, only=ONLY)


def test_a_missing_record_is_one_finding_however_many_servers_say_so():
    (found,) = published(dns().without(PM_KEY))
    assert found.answered_by == "ns1.host.example (192.0.2.53), ns2.host.example (192.0.2.54), authoritative"
    assert found.seen == "no such name (NXDOMAIN)"
    assert found.count == 1


def test_the_cure_of_a_missing_record_is_the_whole_line_to_write():
    (found,) = published(dns().without(PM_KEY))
    assert f'`{PM_KEY}. 3600 IN TXT "{PM_TEXT}"`' in found.fix
    assert "shop.example" in found.fix
    assert " … " in found.expected
    assert len(found.expected) < 200


def test_the_place_of_a_finding_is_where_people_can_change_it():
    (found,) = published(dns({(DMARC, "TXT"): None}))
    assert found.at.to_text() == "domains.shop.example.dmarc"


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        (DMARC, Severity.ERROR),
        (PM_KEY, Severity.ERROR),
        ("_smtp._tls.shop.example", Severity.WARNING),
        ("default._bimi.shop.example", Severity.WARNING),
        ("_mta-sts.shop.example", Severity.WARNING),
    ],
)
def test_what_stops_no_mail_is_less_severe(name, severity):
    (found,) = published(dns({(name, "TXT"): None}))
    assert (found.severity or found.kind.severity) is severity


def test_servers_that_say_different_wrong_things_disagree():
    world = dns().but(NS1, PM_KEY, "TXT", ("p=",)).but(NS2, PM_KEY, "TXT", (f"p={KEY}",))
    assert [each.kind.id for each in published(world)] == ["live-dns-servers-disagree"]


def test_a_disagreement_names_who_says_what_and_the_serials():
    world = dns().but(NS2, PM_KEY, "TXT", ()).but(NS2, APEX, "SOA", ("ns. h. 7 1 1 1 1",))
    (found,) = published(world)
    assert "ns2.host.example (192.0.2.54): no record of this type" in found.seen
    assert "ns1.host.example (192.0.2.53): as declared" in found.seen
    assert "serials 1, 7" in found.message


def test_a_failing_server_beside_a_good_one_is_a_warning():
    (found,) = published(dns().but(NS2, PM_KEY, "TXT", Status.SERVFAIL))
    assert found.severity is Severity.WARNING
    assert found.answered_by == "ns2.host.example (192.0.2.54)"


def test_servers_that_all_fail_are_an_error():
    world = dns().but(NS1, PM_KEY, "TXT", Status.SERVFAIL).but(NS2, PM_KEY, "TXT", Status.SERVFAIL)
    (found,) = published(world)
    assert found.severity is None
    assert found.kind.severity is Severity.ERROR
    assert "nobody else could tell" in found.message


def test_a_server_that_fails_at_everything_is_one_finding_a_zone():
    found = published(dns().fails(Status.REFUSED, NS2))
    assert sorted(each.message.partition(":")[0] for each in found) == sorted(each.name for each in shop().domains)


def test_silence_is_unknown_and_says_how_much_nobody_could_tell():
    found = published(dns().fails(Status.TIMEOUT, NS1, NS2))
    assert all(each.is_unknown for each in found)
    assert sum(each.count for each in found) == sum(len(domain.zone.rrsets) for domain in shop().domains)


def test_wrong_answers_and_a_silent_server_are_two_things():
    world = dns(text(PM_KEY, "p=")).fails(Status.TIMEOUT, NS2)
    assert {(each.kind.id, each.is_unknown) for each in published(world)} == {
        ("live-dns-wrong-key", False),
        ("live-dns-timeout", True),
    }


def test_a_zone_in_which_nothing_is_published_yet_still_has_its_servers_looked_at():
    setup = compile_filled(SPEC.replace("\ndomains:\n", "\ndomains:\n  empty.example: {}\n"))
    world = sound_dns(setup).fails(Status.LAME, NS2)
    assert "empty.example" in {each.message.partition(":")[0] for each in published(world, setup)}


def test_records_in_a_delegated_zone_are_one_finding_and_only_information_where_they_are_right():
    world = replace(dns(), zones={**shop_dns().zones, "news.shop.example": (ELSEWHERE,)})
    (found,) = published(world)
    assert found.kind.id == "live-dns-delegated-elsewhere"
    assert found.severity is Severity.INFO
    assert "news.shop.example" in found.message


def test_a_cname_that_ends_in_the_declared_value_is_only_information():
    world = dns(
        {(PM_KEY, "TXT"): None, (PM_KEY, "CNAME"): ("k.elsewhere.example",)} | text("k.elsewhere.example", PM_TEXT)
    )
    (found,) = published(world)
    assert (found.kind.id, found.severity) == ("live-dns-cname-instead", Severity.INFO)


@pytest.mark.parametrize(
    "place",
    [
        PM_KEY.replace("._domainkey.", "._domainkey._domainkey."),
        PM_KEY.replace("._domainkey.", "."),
        PM_KEY.replace("mail.shop.example", "shop.example"),
    ],
)
def test_a_key_at_the_usual_wrong_names_is_found_there(place):
    (found,) = published(dns().without(PM_KEY).with_records(text(place, PM_TEXT)))
    assert found.kind.id == "live-dns-at-wrong-name"
    assert place in found.message
    assert f"move it from {place} to {PM_KEY}" in found.fix


def test_a_policy_at_the_apex_is_found_there():
    apex = shop_dns().records[APEX, "TXT"]
    (found,) = published(dns({(DMARC, "TXT"): None, (APEX, "TXT"): (*apex, "v=DMARC1; p=none")}))
    assert (found.kind.id, found.seen.split()[0]) == ("live-dns-at-wrong-name", APEX)


def test_a_target_without_its_final_dot_is_told_from_a_wrong_one():
    world = dns({(BOUNCE, "MX"): (Mx(10, "feedback-smtp.eu-west-1.amazonses.com.shop.example"),)})
    (found,) = published(world)
    assert found.kind.id == "live-dns-zone-appended-to-target"
    world = dns({(SES_CNAMES[0], "CNAME"): (f"{SES_TARGETS[0]}.elsewhere.example",)})
    assert [each.kind.id for each in published(world)] == ["live-dns-wrong-cname"]


def test_quotes_and_backslashes_in_a_key_are_seen():
    (found,) = published(dns(text(PM_KEY, '"' + PM_TEXT.replace(";", "\\;") + '"')))
    assert found.kind.id == "live-dns-escaped-text"


def test_two_mistakes_in_one_set_are_two_findings():
    texts = shop_dns().records[APEX, "TXT"]
    spf = next(each for each in texts if each.startswith("v=spf1"))
    found = published(dns(text(APEX, spf, "v=spf1 -all")))
    assert {each.kind.id for each in found} == {"live-dns-second-spf", "live-dns-value-missing"}


def test_an_answer_that_is_large_and_whole_is_only_information():
    (found,) = published(dns(octets={(PM_KEY, "TXT"): 1400}))
    assert (found.kind.id, found.severity) == ("live-dns-answer-too-large", Severity.INFO)


def test_an_authorisation_of_reports_that_says_something_else_is_told():
    text_of = SPEC.replace(
        "  parked.example:\n", "  reports.example:\n    mailboxes: google-workspace\n  parked.example:\n"
    )
    setup = compile_filled(text_of)
    names = [name for name, rtype in sound_dns(setup).records if "_report._dmarc" in name]
    world = sound_dns(setup).with_records(
        dict.fromkeys([(name, "TXT") for name in names], ("v=DMARC1; rua=mailto:x@y.example",))
    )
    found = published(world, setup)
    declared = [rrset.name for _, rrset in setup.rrsets() if "_report._dmarc" in rrset.name]
    assert declared
    assert [each.kind.id for each in found] == ["live-dns-wrong-report-authorisation"] * len(declared)


def test_a_message_keeps_the_case_of_abbreviations():
    (found,) = published(dns(text(PM_KEY, f"p={KEY}")))
    assert found.message.startswith(f"{PM_KEY}: DKIM key is not the one the ESP signs with; ")
    (found,) = published(dns(text(PM_KEY, PM_TEXT, "p=")))
    assert f"{PM_KEY}: DKIM selector has more than one TXT record" in found.message
    (found,) = published(dns(text("_dmarc.parked.example", "v=DMARC1; p=none", "v=DMARC1; p=reject")))
    assert "_dmarc.parked.example: name has more than one DMARC record" in found.message
