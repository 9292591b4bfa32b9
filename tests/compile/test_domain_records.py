"""What a domain says about itself becomes records."""

import pytest

from sendspec.errors import SpecError
from sendspec.model.dns_record import Mx, Purpose
from sendspec.pipeline import compile_folder


@pytest.fixture
def records(tmp_path):
    """Give a function from YAML to {(name, type): values}."""

    def compile_text(text):
        folder = tmp_path / "specs"
        folder.mkdir()
        (folder / "spec.yaml").write_text(f"version: 1\n{text}", encoding="utf-8")
        setup = compile_folder(folder).setup
        return {(rrset.name, rrset.type.value): [value.value for value in rrset.values] for _, rrset in setup.rrsets()}

    return compile_text


def test_nothing_is_emitted_about_what_the_spec_does_not_say(records):
    assert records("domains:\n  shop.example: {}\n") == {}


def test_mailboxes_and_other_senders_share_one_spf_record(records):
    found = records(
        "domains:\n  shop.example:\n    mailboxes: fastmail\n"
        '    spf: {include: [crm.example], ip4: ["192.0.2.0/24"], a: [old.shop.example], mx: true, all: fail}\n'
    )
    assert found["shop.example", "TXT"] == [
        "v=spf1 include:spf.messagingengine.com ip4:192.0.2.0/24 a:old.shop.example mx include:crm.example -all"
    ]


def test_an_unknown_mailbox_provider_is_answered_with_the_known_ones_and_the_way_out(records):
    with pytest.raises(SpecError) as caught:
        records("domains:\n  shop.example:\n    mailboxes: gmail\n")
    (finding,) = caught.value.findings
    assert finding.fix == (
        "write one of: fastmail, google-workspace, microsoft-365, proton;"
        " for any other leave `mailboxes` out and write `spf.include`"
    )


def test_a_redirect_stands_without_all(records):
    found = records("domains:\n  shop.example:\n    spf: {redirect: _spf.other.example}\n")
    assert found["shop.example", "TXT"] == ["v=spf1 redirect=_spf.other.example"]


def test_dmarc_repeats_no_default_and_never_samples(records):
    found = records('domains:\n  shop.example:\n    dmarc: {policy: reject, reports: ["mailto:d@shop.example"]}\n')
    assert found["_dmarc.shop.example", "TXT"] == ["v=DMARC1; p=reject; rua=mailto:d@shop.example"]


@pytest.mark.parametrize("host", ["reports.example", "in.reports.example"])
def test_reports_to_another_domain_of_ours_are_authorised_there(records, host):
    found = records(
        f'domains:\n  shop.example:\n    dmarc: {{policy: none, reports: ["mailto:d@{host}"]}}\n  reports.example: {{}}\n'
    )
    assert found[f"shop.example._report._dmarc.{host}", "TXT"] == ["v=DMARC1"]


def test_reports_within_the_domain_need_no_authorisation(records):
    found = records('domains:\n  shop.example:\n    dmarc: {policy: none, reports: ["mailto:d@in.shop.example"]}\n')
    assert list(found) == [("_dmarc.shop.example", "TXT")]


def test_a_domain_that_never_sends_says_so_in_every_way(records):
    found = records("domains:\n  parked.example: {sends: never}\n")
    assert found == {
        ("parked.example", "MX"): [Mx(0, "")],
        ("parked.example", "TXT"): ["v=spf1 -all"],
        ("*._domainkey.parked.example", "TXT"): ["v=DKIM1; p="],
        ("_dmarc.parked.example", "TXT"): ["v=DMARC1; p=reject"],
    }


def test_the_dmarc_of_a_customer_is_never_written_not_even_for_a_parked_domain(records):
    found = records(
        "domains:\n  parked.example: {sends: never, authority: customer}\n"
        "  theirs.example: {authority: customer, dmarc: {policy: none}}\n"
    )
    assert not any(name.startswith("_dmarc.") for name, _ in found)


def test_a_name_that_receives_keeps_its_mx(records):
    found = records("domains:\n  shop.example:\n    subdomains:\n      help: {receives: true, sends: never}\n")
    assert ("help.shop.example", "MX") not in found
    assert found["help.shop.example", "TXT"] == ["v=spf1 -all"]


def test_the_id_of_mta_sts_changes_exactly_with_the_policy(records, tmp_path):
    def ids(mx):
        (tmp_path / "specs" / "spec.yaml").write_text(
            f"version: 1\ndomains:\n  a.example: {{mta_sts: {{mode: testing, mx: [{mx}]}}}}\n"
            f"  b.example: {{mta_sts: {{mode: testing, mx: [{mx}]}}}}\n",
            encoding="utf-8",
        )
        setup = compile_folder(tmp_path / "specs").setup
        return [
            value.value for _, rrset in setup.rrsets() for value in rrset.values if value.purpose is Purpose.MTA_STS
        ]

    records("domains: {}\n")
    first, same = ids("mx.a.example")
    other, _ = ids("mx.b.example")
    assert first == same
    assert first != other
