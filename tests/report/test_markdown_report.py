from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sendspec.model.finding import Finding, Severity
from sendspec.report.markdown import MAX_CHARACTERS, write
from sendspec.report.report import Report

Make = Callable[..., Report]
READER = MarkdownIt("gfm-like", {"linkify": False})
HOSTILE = st.text(st.sampled_from("ab `|\\*_[]()<>&#!~$\n\r\t\"'@1-+=.\x1b\u202eé"), max_size=20)
OURS = {"<br>", "<!-- -->"}


def cells(markdown: str) -> list[list[Token]]:
    """Give the cells of all rows below the headers, as a reader of GitHub's Markdown sees them."""
    tokens = READER.parse(markdown)
    return [tokens[number + 1].children or [] for number, token in enumerate(tokens) if token.type == "td_open"]


def text_of(cell: list[Token]) -> str:
    return "".join({"html_inline": " "}.get(token.type, token.content) for token in cell)


def test_the_summary_comes_first_and_then_a_table_a_severity() -> None:
    assert write(Report("validate", (), (), (), Severity.ERROR)) == "## sendspec validate: no findings\n"


def test_a_row_shows_place_message_and_cure(make_report: Make) -> None:
    written = write(make_report())
    assert written.startswith(
        "## sendspec validate: 2 errors, 1 warning, 1 info (1 more accepted by the spec)\n\n### Errors\n"
    )
    assert (
        "| `specs/shop.yaml:14:7`<br>see `specs/other one.yaml:3:1` the rest is here | `spf-two-records`<br>two |"
        in written
    )
    assert "| drop one<br>a: 4 |" in written
    assert written.index("### Errors") < written.index("### Warnings") < written.index("<summary>Infos: 1</summary>")
    assert "<summary>Accepted by the spec: 1</summary>" in written
    assert "accepted: until spring" in written


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HOSTILE)
def test_no_text_leaves_its_cell_or_becomes_a_link_or_a_tag(make_report: Make, text: str) -> None:
    found = cells(write(make_report(text)))
    assert len(found) == 3 * 5
    for cell in found:
        assert {token.type for token in cell} <= {"text", "text_special", "code_inline", "html_inline"}
        assert {token.content for token in cell if token.type == "html_inline"} <= OURS


def test_nobody_is_mentioned_and_no_issue_is_linked(make_report: Make) -> None:
    found = Finding("a", Severity.ERROR, "ask @everyone about #12, receipts@mail.example and `@team`")
    written = write(make_report(findings=(found,)))
    assert "@<!-- -->everyone" in written
    assert "\\#<!-- -->12" in written
    assert "receipts@mail.example" in written
    assert "`@team`" in written


def test_files_that_differ_are_shown_as_diffs(make_report: Make) -> None:
    report = make_report(
        command="render", findings=(), folder="output", differences=(("a.txt", "changed", "-```\n+x\n"),)
    )
    (fence,) = [token for token in READER.parse(write(report)) if token.type == "fence"]
    assert (fence.info, fence.content) == ("diff", "-```\n+x\n")
    assert "`output/a.txt` is not what the spec says" in write(report)
    unchanged = write(make_report(command="render", folder="output", changes={"created": ("a",), "changed": ()}))
    assert "`output`: 1 created\n" in unchanged


def test_thousands_of_findings_fit_into_a_comment_and_are_counted(make_report: Make) -> None:
    many = tuple(Finding("a-rule", Severity.ERROR, f"number {number} " + "x" * 50) for number in range(5000))
    differences = tuple((f"{number}.txt", "changed", "+x\n" * 100) for number in range(500))
    written = write(make_report(findings=many, folder="output", differences=differences))
    assert len(written) < MAX_CHARACTERS + 5000
    assert "5000 errors" in written
    assert "… and " in written
    assert "The other diffs found no room here" in written
