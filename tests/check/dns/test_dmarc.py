"""DMARC as receivers find it live, and where its reports go."""

import pytest
from dns_shop import seen_in
from dns_worlds import DMARC, dns, text
from fake_dns import ELSEWHERE, NS1, NS2, RESOLVER
from sound_world import sound_dns

from sendspec.model.dns_record import Mx
from sendspec.net.dns.answer import Status

POLICY, REPORTS = {"dns-dmarc"}, {"dns-dmarc-reports"}


def kinds(world, only=POLICY):
    return [each.kind.id for each in seen_in(world, only=only)]


def test_a_record_of_its_own_on_a_sending_name_takes_over():
    (found,) = seen_in(dns(text("_dmarc.news.shop.example", "v=DMARC1; p=none")), only=POLICY)
    assert found.kind.id == "live-dns-dmarc-taken-over"
    assert found.expected == "p=quarantine of shop.example"
    assert found.seen == "v=DMARC1; p=none"
    assert [label for _, label in found.related] == ["the From"]


def test_a_declared_record_that_is_missing_is_left_to_the_check_of_what_is_published():
    assert kinds(dns({(DMARC, "TXT"): None})) == []
    assert kinds(dns(text(DMARC, "v=DMARC1; p=none"))) == []


def test_a_customers_record_is_checked_and_nobody_is_told_to_write_it():
    (found,) = seen_in(dns({("_dmarc.acme.example", "TXT"): None}), only=POLICY)
    assert found.kind.id == "live-dns-dmarc-none-found"
    assert "have the owner of acme.example write" in found.fix


def test_a_customers_policy_with_other_tags_but_the_same_effect_is_as_declared():
    assert kinds(dns(text("_dmarc.acme.example", "v=DMARC1; p=quarantine; sp=reject; rua=mailto:x@acme.example"))) == []


def test_two_records_of_a_customer_are_void():
    assert kinds(dns(text("_dmarc.acme.example", "v=DMARC1; p=reject", "v=DMARC1; p=none"))) == [
        "live-dns-dmarc-unreadable"
    ]


def test_testing_mode_lowers_the_policy_that_holds():
    assert kinds(dns(text("_dmarc.acme.example", "v=DMARC1; p=reject; t=y"))) == ["live-dns-dmarc-other-policy"]


def test_text_of_others_at_the_name_is_no_record():
    assert kinds(dns(text("_dmarc.acme.example", "v=DMARC1; p=reject", "something else"))) == []


def test_a_domain_of_which_the_spec_says_nothing_may_have_any_policy():
    assert kinds(dns(text("_dmarc.plain.example", "v=DMARC1; p=reject"))) == []


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.SERVFAIL, Status.REFUSED])
def test_a_policy_that_could_not_be_looked_up_is_unknown(status):
    world = dns().but(NS1, "_dmarc.acme.example", "TXT", status).but(NS2, "_dmarc.acme.example", "TXT", status)
    (found,) = seen_in(world, only=POLICY)
    assert found.is_unknown
    assert "mail.acme.example" in found.message


def test_reports_within_the_organization_need_no_authorisation():
    assert kinds(dns().without("_report._dmarc.reports.example"), REPORTS) == ["live-dns-dmarc-reports-not-authorised"]
    assert kinds(dns(), REPORTS) == []


def test_a_vendor_may_authorise_everybody():
    world = dns().without("_report._dmarc.reports.example")
    assert kinds(world.with_records(text("*._report._dmarc.reports.example", "v=DMARC1;")), REPORTS) == []


def test_an_authorisation_that_says_something_else_is_none():
    name = "shop.example._report._dmarc.reports.example"
    assert kinds(dns(text(name, "v=spf1 -all")), REPORTS) == ["live-dns-dmarc-reports-not-authorised"]


def test_a_report_host_with_an_address_alone_takes_mail():
    world = dns({("reports.example", "MX"): None, ("reports.example", "A"): ("192.0.2.7",)})
    assert kinds(world, REPORTS) == []


def test_a_report_host_that_does_not_exist_takes_none():
    found = seen_in(dns().without("reports.example"), only=REPORTS)
    assert sorted(each.kind.id for each in found) == [
        "live-dns-dmarc-report-host-takes-no-mail",
        "live-dns-dmarc-reports-not-authorised",
    ]


def test_a_null_mx_loses_reports():
    (found,) = seen_in(dns({("reports.example", "MX"): (Mx(0, ""),)}), only=REPORTS)
    assert found.seen == "0 ."
    assert found.at.to_text() == "domains.shop.example.dmarc.reports"


def test_a_report_host_that_could_not_be_looked_up_is_unknown():
    world = dns().but(RESOLVER, "reports.example", "MX", Status.TIMEOUT)
    (found,) = seen_in(world.but(ELSEWHERE, "reports.example", "MX", Status.TIMEOUT), only=REPORTS)
    assert found.is_unknown


def test_a_policy_above_what_the_spec_declares_is_found(repository):
    from dns_shop import SPEC, compile_filled

    spec = SPEC.replace(
        "  acme.example:\n    authority: customer\n    dmarc: {policy: reject}\n",
        "  mail.acme.example:\n    authority: customer\n    dmarc: {policy: reject}\n",
    )
    setup = compile_filled(spec.replace("billing@mail.acme.example", "billing@in.mail.acme.example"))
    world = sound_dns(setup).with_records(text("_dmarc.acme.example", "v=DMARC1; p=none"))
    (found,) = seen_in(world, setup=setup, only=POLICY)
    assert found.kind.id == "live-dns-dmarc-taken-over"
    assert "_dmarc.acme.example holds" in found.message
