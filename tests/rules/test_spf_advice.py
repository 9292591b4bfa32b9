"""A record over budget is told with its tree, and with what to drop that people can change."""

import pytest

from sendspec.pipeline import validate

SPEC = """\
version: 1
domains:
  shop.example:
    mailboxes: google-workspace
    dmarc: {policy: none, reports: ["mailto:dmarc@shop.example"]}
    spf: {include: [INCLUDES]}
"""
LOCK = """\
version: 1
spf:
  _spf.google.com: {text: "v=spf1 include:n.google.com ~all", lookups: 4, read: 2026-11-20}
  big.example: {text: "v=spf1 include:n.big.example ~all", lookups: 5, read: 2026-11-20}
"""


@pytest.fixture
def finding(tmp_path):
    def find(includes, rule):
        (tmp_path / "shop.yaml").write_text(SPEC.replace("INCLUDES", includes))
        (tmp_path / "sendspec.lock.yaml").write_text(LOCK)
        return next(found for found in validate(tmp_path).findings if found.rule == rule)

    return find


def test_an_error_shows_who_spends_what_and_what_to_drop(finding):
    found = finding("big.example, a.example, b.example", "spf-too-many-lookups")
    assert found.message == "shop.example: SPF costs at least 11 DNS lookups, 10 are allowed"
    advice, *tree = found.fix.split("\n")
    assert advice.startswith("drop `include:big.example` (5), which leaves 6 of 10, or move that sender to a subdomain")
    assert tree == [
        "shop.example: 11 of 10 lookups",
        "  include:_spf.google.com: 4 (read 2026-11-20)",
        "    include:n.google.com: 1 (text not in the lock file; part of the number above)",
        "  include:big.example: 5 (read 2026-11-20)",
        "    include:n.big.example: 1 (text not in the lock file; part of the number above)",
        "  include:a.example: 1 (not in the lock file; counted as 1)",
        "  include:b.example: 1 (not in the lock file; counted as 1)",
    ]


def test_peoples_own_mail_is_not_the_first_to_go(finding):
    seven = ", ".join(f"s{number}.example" for number in range(7))
    assert finding(seven, "spf-too-many-lookups").fix.startswith("drop `include:s0.example` (1), which leaves 10 of 10")


def test_as_many_terms_as_it_takes_are_named(finding):
    eight = ", ".join(f"s{number}.example" for number in range(8))
    fix = finding(eight, "spf-too-many-lookups").fix
    assert fix.startswith(
        "drop `include:s0.example` (1), `include:s1.example` (1), which leaves 10 of 10, or move those"
    )


def test_a_warning_names_the_dearest_term(finding):
    found = finding("big.example", "spf-few-lookups-left")
    assert found.message == "shop.example: SPF costs 9 of 10 DNS lookups"
    assert found.fix.startswith("drop `include:big.example` (5), which leaves 4 of 10")


def test_where_what_can_be_changed_is_not_enough_everything_counts(tmp_path):
    (tmp_path / "shop.yaml").write_text(SPEC.replace("INCLUDES", "a.example"))
    (tmp_path / "sendspec.lock.yaml").write_text(LOCK.replace("lookups: 4", "lookups: 11"))
    fixes = {found.rule: found.fix for found in validate(tmp_path).findings}
    assert fixes["spf-too-many-lookups"].startswith("drop `include:_spf.google.com` (11), which leaves 1 of 10")
