"""What each SPF record of a spec costs, counted among our own records and those of the lock file."""

from pathlib import Path

import pytest

from sendspec.pipeline import compile_folder

REPOSITORY = Path(__file__).parents[2]
SPEC = """\
version: 1
domains:
  shop.example:
    mailboxes: google-workspace
    spf: {include: [more.shop.example, SPF.CRM.example]}
    txt: ["v=spf1 mx -all"]
    subdomains:
      more: {spf: {mx: true, include: [spf.crm.example]}}
      bad: {txt: ["v=spf1 ip4:nonsense -all"]}
"""
LOCK = """\
version: 1
spf:
  _spf.google.com: {text: "v=spf1 include:n.google.com ~all", lookups: 4, read: 2026-11-20}
  spf.crm.example: {text: "v=spf1 include:deep.crm.example -all", lookups: 1, read: 2026-11-20}
  deep.crm.example: {text: "v=spf1 a -all", lookups: 2, read: 2026-11-20}
  more.shop.example: {text: "v=spf1 -all", lookups: 9, read: 2026-11-20}
"""


@pytest.fixture
def budgets(tmp_path):
    (tmp_path / "shop.yaml").write_text(SPEC)
    (tmp_path / "sendspec.lock.yaml").write_text(LOCK)
    return compile_folder(tmp_path).setup.spf_budgets


def test_every_readable_record_of_every_name_has_a_budget(budgets):
    assert [(budget.name, budget.tree.lookups) for budget in budgets] == [
        ("shop.example", 4 + (1 + 1 + 3) + 3),
        ("shop.example", 1),
        ("more.shop.example", 1 + 3),
    ]


def test_our_own_record_counts_before_what_the_lock_says_of_that_name(budgets):
    more = next(branch for branch in budgets[0].tree.branches if branch.name == "more.shop.example")
    assert [branch.term for branch in more.branches] == ["mx", "include:spf.crm.example"]


def test_a_budget_knows_the_place_of_each_part(budgets):
    assert budgets[0].origin.path[-1] == "spf"
    assert budgets[0].origin_of("_spf.google.com").path[-1] == "mailboxes"


def test_the_example_counts_envelope_names_too():
    budgets = compile_folder(REPOSITORY / "specs").setup.spf_budgets
    zone = "northwind.example"
    assert [(budget.name, budget.tree.lookups) for budget in budgets] == [
        (zone, 5),
        (f"bounce.auth.{zone}", 1),
        (f"bounce.help.{zone}", 1),
        (f"bounce.mail.{zone}", 1),
    ]
