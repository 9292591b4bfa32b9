"""What a plan says to a person: where each change comes from, one reason once, and everything that stops mail."""

import re
from dataclasses import replace

import pytest
from plans import PIPED, identity, places, record, reported, switched, unread

from sendspec.model.plan import Action, Awaited, Plan
from sendspec.report.page import Page
from sendspec.report.plan import MOST_ALIKE, plan_part, plan_text
from sendspec.report.terminal import Paint


def said(plan: Plan, page: Page = PIPED, told: Plan | None = None) -> str:
    return plan_text(plan, page, places, told)


def test_a_change_names_the_line_that_it_comes_from():
    assert "~ update identity/c1.example (ses) specs/spec.yaml:7:3\n" in said(Plan((switched(),)))


def test_parts_of_an_account_that_share_a_reason_are_one_line():
    text = said(Plan(unread=(unread("servers"), unread("domains"), unread("servers", "other"))))
    assert "! postmark: servers, domains: the token was invalid\n" in text
    assert text.count("fix: renew it") == 2
    assert text.endswith("2 could not be looked at; 0 as the spec says\n")


def test_what_is_held_for_one_reason_is_told_the_reason_once():
    text = said(Plan(held=(reported(1), reported(2), reported(3))))
    assert text.count("somebody else applies output/esps/ses/") == text.count("fix: apply those files") == 1
    assert all(f"+ create identity/c{number}.example (ses)" in text for number in (1, 2, 3))


def test_adopting_says_once_for_all_that_nothing_changes():
    means = ("nothing changes",)
    text = said(Plan(tuple(identity(number, Action.ADOPT, means=means) for number in range(5))))
    assert text.count("= adopt") == 5
    assert text.count("nothing changes") == 1


def test_of_thousands_alike_twenty_are_listed_and_the_others_counted():
    text = said(Plan(tuple(identity(number) for number in range(5000))))
    assert text.count("+ create identity/") == MOST_ALIKE
    assert "… and 4,980 more like these: create identity (ses); `--format json` lists all\n" in text
    assert text.endswith("5000 to create; 0 as the spec says\n")


@pytest.mark.parametrize("more", [{"action": Action.DELETE}, {"action": Action.UPDATE, "stops": ("receipts",)}])
def test_what_goes_or_stops_mail_is_listed_one_by_one_however_many_there_are(more):
    text = said(Plan(tuple(identity(number, **more) for number in range(50))))
    assert len(re.findall(r"^  [-~] \w+ identity/", text, re.MULTILINE)) == 50


def test_what_was_told_before_is_not_listed_again_and_still_counted():
    before = Plan((identity(9),), held=(reported(1),), notes=("old",))
    text = said(replace(before, changes=(), held=(reported(1), reported(2)), notes=("old", "new")), told=before)
    assert "identity/c1.example" not in text
    assert "identity/c2.example" in text
    assert "note: old" not in text
    assert "note: new" in text
    assert "2 differ and are left alone" in text


def test_what_apply_does_later_without_asking_again_is_shown():
    awaited = Awaited(
        "esp/ses/x", "SES has not seen it", "`apply` sets it", follows=(switched(None, "bounce.example"),)
    )
    assert "      then update identity/c1.example\n        Tracking.Open: nothing -> bounce.example\n" in said(
        Plan(awaited=(awaited,))
    )


def test_an_answer_of_an_esp_steers_no_terminal():
    text = said(Plan((switched("\x1b]0;owned\x07", "\u202eabc", means=("from \x1b[31m",)),), notes=("\x1b[2J",)))
    assert "\x1b" not in text
    assert "\\x1b]0;owned\\x07" in text
    assert "\\u202eabc" in text


def test_sentences_fit_a_narrow_terminal_and_stay_one_line_in_a_pipe():
    sentence = "receivers are asked for reject " * 8
    plan = Plan((record(("v=DMARC1; p=reject",), means=(sentence,)),), notes=(sentence,))
    assert f"      {sentence}\n" in said(plan)
    narrow = said(plan, Page(Paint(is_on=False), 60)).splitlines()
    assert max(len(line) for line in narrow if "receivers" in line) <= 60
    assert sum("receivers" in line for line in narrow) > 8


def test_the_json_has_the_place_and_both_states_of_every_change():
    changes = tuple(identity(number) for number in range(30))
    part = plan_part(Plan((*changes, switched()), unread=(unread("servers"), unread("domains"))), places)
    found = part["changes"]
    assert isinstance(found, list)
    assert len(found) == 31
    assert found[0]["where"] == {"file": "specs/spec.yaml", "line": 7, "column": 3, "end_column": 6, "label": ""}
    assert (found[0]["before"], found[0]["after"]) == (None, {"A": False})
    assert part["is_complete"] is False
    assert part["counts"] == {
        "create": 30,
        "update": 1,
        "replace": 0,
        "delete": 0,
        "adopt": 0,
        "verify": 0,
        "held": 0,
        "awaited": 0,
        "unread": 2,
    }
