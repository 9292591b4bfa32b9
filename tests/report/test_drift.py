"""What drift says where a format knows nothing but findings, and how much of the rendered files."""

import pytest
from plans import PIPED, identity, places, record, switched, unread

from sendspec.model.plan import Action, Plan
from sendspec.report.drift import Drift, drift_text, plan_findings


def drifted(files: int, lines: int) -> str:
    diffs = [(f"f{number}", "changed", "+x\n" * lines) for number in range(files)]
    return drift_text(Drift("output", diffs, (), (), 0, Plan()), PIPED, places, 80)


def test_short_diffs_are_shown_and_long_ones_left_to_render_check():
    assert drifted(1, 3).startswith("output: 1 file is not what the spec says; `sendspec render` writes them\n+x\n")
    long = drifted(70, 30)
    assert "+x" not in long
    assert "  f0 is not what the spec says\n" in long
    assert "  … and 20 more\n`sendspec render --check` shows the diffs\n" in long


@pytest.mark.parametrize(
    ("change", "message", "expected", "seen"),
    [
        (record(("v=DMARC1",)), "_dmarc.shop.example TXT is missing at shop.example", "v=DMARC1", "nothing"),
        (
            switched(),
            "identity/c1.example is otherwise at ses than the spec says",
            "Tracking.Open: False",
            "Tracking.Open: True",
        ),
        (
            switched(["a", "b"], ["a"]),
            "identity/c1.example is otherwise at ses than the spec says",
            "Tracking.Open: a",
            "Tracking.Open: a, b",
        ),
        (identity(1, Action.DELETE), "identity/c1.example is still at ses, and nothing in the spec needs it", "", ""),
        (identity(1, Action.VERIFY), "identity/c1.example is not verified at ses yet", "", ""),
    ],
)
def test_a_finding_says_what_is_the_matter_in_words(change, message, expected, seen):
    [found] = plan_findings(Plan((change,)), places)
    assert (found.message, found.expected, found.seen) == (message, expected, seen)
    assert found.where == places(change.origin)


def test_parts_of_an_account_that_cannot_be_read_are_one_finding():
    [found] = plan_findings(Plan(unread=(unread("servers"), unread("domains"))), places)
    assert found.message == "postmark: servers, domains could not be looked at: the token was invalid"
    assert found.fix == "renew it"
