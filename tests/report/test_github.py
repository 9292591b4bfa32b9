"""Read back as the runner reads: github:actions/runner src/Runner.Common/ActionCommand.cs, TryParseV2."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendspec.model.finding import Severity
from sendspec.report.github import failure, write
from sendspec.report.report import Report
from sendspec.report.terminal import visible

Make = Callable[..., Report]
SIGNS = [*"ab:,=% \n\r\x1b\u202e#[]\\🙂", "::", "%0A", "%2C", "%25", "::error::"]
HOSTILE = st.lists(st.sampled_from(SIGNS), min_size=1, max_size=12).map("".join)


def unescape(text: str, signs: str) -> str:
    for sign in signs:
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text.replace("%25", "%")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Give (command, properties, message) as the runner understands one line."""
    assert line.startswith("::")
    info, _, message = line[2:].partition("::")
    command, _, given = info.partition(" ")
    pairs = (pair.split("=", 1) for pair in given.split(",") if pair)
    return command, {name: unescape(value, "\r\n:,") for name, value in pairs}, unescape(message, "\r\n")


def test_each_finding_is_one_annotation_the_worst_first(make_report: Make) -> None:
    *lines, last = write(make_report()).splitlines()
    assert [read(line)[0] for line in lines] == ["error", "error", "warning", "notice"]
    assert read(lines[0]) == (
        "error",
        {
            "title": "spf-two-records",
            "file": "specs/shop.yaml",
            "line": "14",
            "endLine": "14",
            "col": "7",
            "endColumn": "12",
        },
        "two\nsee specs/other one.yaml:3:1: the rest is here\nfix: drop one\n  a: 4",
    )
    assert read(lines[3])[1] == {"title": "pending-values"}
    assert last == "2 errors, 1 warning, 1 info (1 more accepted by the spec)"


def test_a_file_that_differs_is_an_annotation_of_its_own(make_report: Make) -> None:
    report = make_report(findings=(), folder="output", differences=(("dns/a/zone.db", "changed", "+x\n"),))
    command, properties, message = read(write(report).splitlines()[0])
    assert (command, properties["title"], properties["file"]) == ("error", "output-differs", "output/dns/a/zone.db")
    assert message.startswith("output/dns/a/zone.db is not what the spec says\nfix: run `sendspec render`")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HOSTILE)
def test_no_text_starts_a_command_of_its_own(make_report: Make, text: str) -> None:
    *lines, last = write(make_report(text)).split("\n")[:-1]
    assert len(lines) == 4
    assert not last.startswith(":")
    messages = [read(line) for line in lines]
    assert messages[0][2].startswith("two" + "\n".join(map(visible, text.split("\n"))))
    assert messages[0][1]["file"] == f"specs/{visible(text)}.yaml"
    assert set(messages[0][1]) == {"title", "file", "line", "endLine", "col", "endColumn"}


def test_a_failure_of_the_command_is_an_annotation() -> None:
    assert read(failure("no folder\n::stop", "name another")[:-1]) == (
        "error",
        {"title": "sendspec"},
        "no folder\n::stop\nname another",
    )


def test_levels_have_names_that_github_knows(make_report: Make) -> None:
    kinds = {finding.severity: finding for finding in make_report().findings}
    for severity, name in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")):
        assert write(make_report(findings=(kinds[severity],))).startswith(f"::{name} ")
