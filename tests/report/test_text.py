import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.model.explanation import Explanation
from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.report.terminal import Paint, columns, visible
from sendspec.report.text import MAX_PATHS, changes_text, differences_text, explanations_text, findings_text

PLAIN, COLOURED = Paint(is_on=False), Paint(is_on=True)
EXCERPT = "    include: [spf.crm.example, spf.crm.exmaple]"
FINDING = Finding(
    rule="spf-too-many-lookups",
    severity=Severity.ERROR,
    message="news.example.com: SPF costs 12 DNS lookups, 10 are allowed",
    where=SourceSpan("specs/shop.yaml", 14, 33, 48, EXCERPT),
    related=(SourceSpan("specs/other.yaml", 3, 5, 8, "    all: softfail", "the rest is here"),),
    fix="drop an include",
    source="RFC 7208 section 4.6.4",
)


def test_a_finding_is_one_greppable_line_with_the_place_underlined_below() -> None:
    assert findings_text([FINDING], 0, PLAIN, 160) == (
        "specs/shop.yaml:14:33: error[spf-too-many-lookups] "
        "news.example.com: SPF costs 12 DNS lookups, 10 are allowed\n"
        "   14 |     include: [spf.crm.example, spf.crm.exmaple]\n"
        "      |                                 ^^^^^^^^^^^^^^^\n"
        "  see: specs/other.yaml:3:5: the rest is here\n"
        "    3 |     all: softfail\n"
        "      |     ^^^\n"
        "  fix: drop an include\n"
        "  source: RFC 7208 section 4.6.4\n"
        "\n"
        "1 error\n"
    )


def test_a_finding_without_a_place_starts_with_its_severity() -> None:
    text = findings_text([Finding("spec-empty", Severity.ERROR, "nothing here")], 0, PLAIN, 80)
    assert text.startswith("error[spec-empty] nothing here\n")


def test_a_fix_of_several_lines_is_indented_below_its_label_and_steers_no_terminal() -> None:
    found = Finding("x", Severity.INFO, "m", fix="drop one:\n  include:a.example: 4\n\x1b[2J")
    assert findings_text([found], 0, PLAIN, 80).startswith(
        "info[x] m\n  fix: drop one:\n      include:a.example: 4\n    \\x1b[2J\n"
    )


def test_the_last_line_counts_and_mentions_what_is_accepted() -> None:
    infos = [Finding("x", Severity.INFO, "m"), Finding("y", Severity.INFO, "m"), Finding("z", Severity.WARNING, "m")]
    assert findings_text(infos, 2, PLAIN, 80).splitlines()[-1] == "1 warning, 2 infos (2 more accepted by the spec)"
    assert findings_text([], 0, PLAIN, 80) == "no findings\n"


def test_colour_adds_nothing_but_colour() -> None:
    coloured = findings_text([FINDING], 1, COLOURED, 160)
    assert "\x1b[31;1merror[spf-too-many-lookups]\x1b[0m" in coloured
    stripped = "".join(
        part.partition("m")[2] if number else part for number, part in enumerate(coloured.split("\x1b["))
    )
    assert stripped == findings_text([FINDING], 1, PLAIN, 160)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "is_on"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_terminals_whose_owner_did_not_decline(
    stream: io.StringIO, environment: dict[str, str], is_on: bool
) -> None:
    assert Paint.for_stream(stream, environment).is_on is is_on


NASTY = st.text(st.characters(codec=None), max_size=20)


@given(NASTY, NASTY, NASTY, st.integers(1, 30), st.integers(0, 30), st.integers(1, 60))
def test_no_text_steers_the_terminal(message: str, excerpt: str, name: str, column: int, more: int, width: int) -> None:
    span = SourceSpan(name, 1, column, column + more, excerpt, name)
    finding = Finding(name, Severity.INFO, message, span, (span,), message, name, message, excerpt, name)
    explanation = Explanation(name, name, message, ((name, message), (name, excerpt)), (span,), excerpt)
    written = (
        findings_text([finding], 0, PLAIN, width)
        + explanations_text([explanation], PLAIN, width)
        + differences_text([(name, f"+{message}\n-{excerpt}\n")], PLAIN)
        + changes_text(name, {"created": [excerpt], "removed": [message]}, PLAIN)
    )
    bad = {sign for sign in written if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert bad <= {"\n"}
    written.encode()


@given(
    st.text(st.sampled_from("abc あ\té\u0301"), min_size=30, max_size=200),
    st.integers(1, 220),
    st.integers(0, 220),
    st.integers(1, 120),
)
def test_an_excerpt_is_never_wider_than_the_terminal_and_the_mark_stays_below_it(
    excerpt: str, column: int, more: int, width: int
) -> None:
    finding = Finding("r", Severity.INFO, "m", SourceSpan("f", 7, column, column + more, f"{excerpt}x"))
    _, shown, underline, *_ = findings_text([finding], 0, PLAIN, width).split("\n")
    room = max(width - 8, 40)
    assert columns(shown) <= room + 8
    assert columns(underline) <= room + 8 + 1  # a place behind the end of the line is marked behind its end
    assert set(underline) <= set(" |^")
    assert "^" in underline


def test_wide_characters_are_marked_where_they_stand() -> None:
    finding = Finding("r", Severity.INFO, "m", SourceSpan("f", 1, 5, 7, "x: あい"))
    _, shown, underline, *_ = findings_text([finding], 0, PLAIN, 80).split("\n")
    assert shown == "    1 | x: あい"
    assert underline == "      |      ^^"


def test_what_changed_is_listed_up_to_a_point() -> None:
    text = changes_text(
        "out", {"created": [f"f{n}" for n in range(MAX_PATHS + 5)], "changed": [], "unchanged": ["a"]}, PLAIN
    )
    assert "… and 5 more" in text
    assert text.splitlines()[-1] == f"out: {MAX_PATHS + 5} created, 1 unchanged"


def test_a_lock_entry_is_printed_ready_to_paste() -> None:
    explanation = Explanation(
        "pending record", "x TXT", "waits", (("why", "DKIM\nsecond line"),), (), "issued:\n  ses:\n"
    )
    assert explanations_text([explanation], PLAIN, 80) == (
        "pending record x TXT\n"
        "  waits\n"
        "  why: DKIM\n"
        "    second line\n"
        "  to paste into the lock file:\n"
        "    issued:\n"
        "      ses:\n"
    )


def test_text_that_can_be_printed_is_left_alone() -> None:
    assert visible("größe あ 👍🏽") == "größe あ 👍🏽"
    assert visible("a\x1b[31mb\u202ec") == "a\\x1b[31mb\\u202ec"


def test_what_breaks_is_said_of_what_is_wrong_and_left_to_explain_for_an_info() -> None:
    wrong, info = (Finding("x", severity, "m", why="mail bounces") for severity in (Severity.WARNING, Severity.INFO))
    assert "  why: mail bounces\n" in findings_text([wrong], 0, PLAIN, 80)
    assert "why" not in findings_text([info], 0, PLAIN, 80)
