"""The tree walk of RFC 9989 beside the older public-suffix reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.records.dmarc import DmarcRecord, Policy
from sendspec.records.dmarc_discovery import by_public_suffix, is_aligned, walk_tree, walked_names

REJECT = DmarcRecord(policy=Policy.REJECT)


def lookup(**records):
    return {name.replace("_", "."): record for name, record in records.items()}.get


def test_the_walk_of_the_rfc_asks_eight_names_and_jumps_to_seven_labels():
    # RFC 9989 section 4.10, the example a.b.c.d.e.f.g.h.i.j.mail.example.com
    names = list(walked_names("a.b.c.d.e.f.g.h.i.j.mail.example.com"))
    assert names[:3] == ["a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com"]
    assert names[-1] == "com"
    assert len(names) == 8


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60).map(".".join))
def test_no_name_costs_more_than_eight_questions_and_each_is_a_parent(domain):
    names = list(walked_names(domain))
    assert len(names) <= 8
    assert all(domain == name or domain.endswith("." + name) for name in names)
    assert [name.count(".") for name in names] == sorted((name.count(".") for name in names), reverse=True)


def test_the_record_with_the_fewest_labels_makes_the_organizational_domain():
    found = walk_tree("mail.example.com", lookup(mail_example_com=REJECT, example_com=DmarcRecord()))
    assert (found.organizational, found.found_at) == ("example.com", "mail.example.com")


def test_a_subdomain_without_a_record_inherits():
    found = walk_tree("mail.example.com", lookup(example_com=REJECT))
    assert (found.organizational, found.found_at, found.record) == ("example.com", "example.com", REJECT)


def test_a_record_on_the_subdomain_alone_cuts_it_off_from_its_siblings():
    only_mail = lookup(mail_example_com=REJECT)
    organizational = lambda name: walk_tree(name, only_mail).organizational  # noqa: E731
    assert not is_aligned("mail.example.com", "bounce.example.com", strict=False, organizational=organizational)
    assert by_public_suffix("mail.example.com", "example.com", only_mail).organizational == "example.com"


def test_psd_n_stops_the_walk_at_its_own_name():
    records = lookup(mail_example_com=DmarcRecord(psd="n"), example_com=REJECT)
    assert walk_tree("a.mail.example.com", records).organizational == "mail.example.com"


def test_psd_y_above_makes_the_label_below_it_the_organizational_domain():
    records = lookup(bank=DmarcRecord(policy=Policy.REJECT, psd="y"))
    found = walk_tree("mail.shop.bank", records)
    assert (found.organizational, found.found_at) == ("shop.bank", "bank")


def test_psd_y_at_the_start_does_not_stop_the_walk():
    records = lookup(shop_bank=DmarcRecord(psd="y"), bank=REJECT)
    assert walk_tree("shop.bank", records).organizational == "bank"


def test_without_any_record_a_domain_is_its_own_organization():
    found = walk_tree("mail.example.com", lookup())
    assert (found.organizational, found.record) == ("mail.example.com", None)


@pytest.mark.parametrize(
    ("author", "other", "strict", "expected"),
    [
        ("example.com", "example.com", True, True),
        ("mail.example.com", "example.com", True, False),
        ("mail.example.com", "bounce.example.com", False, True),
        ("mail.example.com", "esp.example.net", False, False),
    ],
)
def test_alignment_is_equality_or_one_organization(author, other, strict, expected):
    records = lookup(example_com=REJECT)
    organizational = lambda name: walk_tree(name, records).organizational  # noqa: E731
    assert is_aligned(author, other, strict=strict, organizational=organizational) is expected
