"""What a plan says of what it cannot know, and of options that name nothing."""

import asyncio

import pytest
from toy_world import Run

from sendspec.model.live import Unread
from sendspec.model.plan import Plan


def plan(run: Run) -> Plan:
    return asyncio.run(run.plan())


def test_what_an_account_has_issued_is_not_known_where_it_could_not_be_read(small, toy):
    run = Run(small, toy)
    before = [each.what for each in plan(run).awaited]
    account = next(words for words in before if "has not issued" in words).partition(" ")[0]
    toy.unread = {account: Unread(account, "no token")}
    after = [each.what for each in plan(run).awaited]
    assert not any(words.startswith(f"{account} has not issued") for words in after)
    assert any(words.startswith(f"whether {account} has issued all records of") for words in after)


@pytest.mark.parametrize(("pattern", "is_said"), [("esp/nowhere", True), ("all", False), ("dns/shop.example", False)])
def test_a_pattern_of_adopt_that_names_nothing_is_said(small, toy, pattern, is_said):
    found = plan(Run(small, toy, adopt=(pattern,)))
    assert any(f"`--adopt {pattern}` names nothing" in note for note in found.notes) is is_said
