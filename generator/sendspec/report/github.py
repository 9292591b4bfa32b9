"""Annotations of GitHub Actions: one workflow command a finding, shown at its line in the pull request.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (2026-11-23); what the
runner unescapes: github:actions/runner src/Runner.Common/ActionCommand.cs.
"""

from sendspec.model.finding import Finding, Severity
from sendspec.report.report import Report
from sendspec.report.terminal import Paint, visible
from sendspec.report.text import summary

COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
    Severity.UNKNOWN: "warning",
}
PLAIN = Paint(is_on=False)


def write(report: Report) -> str:
    """Give one line a finding, the worst first: GitHub shows no more than ten of each kind a step. Then a summary."""
    findings = sorted(report.with_differences(), key=lambda finding: -finding.severity.rank)
    lines = [_annotation(finding) for finding in findings]
    return "".join(f"{line}\n" for line in (*lines, summary(findings, len(report.accepted), PLAIN)))


def failure(message: str, hint: str) -> str:
    """Give the annotation for a command that could not do its work."""
    text = "\n".join(filter(None, (message, hint)))
    return f"::error title=sendspec::{_escape_data(text)}\n"


def _annotation(finding: Finding) -> str:
    properties = {"title": finding.rule}
    where = finding.where
    if where:
        line, column, end = str(where.line), str(where.column), str(where.end_column)
        properties |= {"file": where.file, "line": line, "endLine": line, "col": column, "endColumn": end}
    places = [f"see {span.to_text()}{': ' if span.label else ''}{span.label}" for span in finding.related]
    labelled = (("why", finding.why), *finding.comparison(), ("fix", finding.fix), ("source", finding.source))
    text = "\n".join((finding.message, *places, *(f"{label}: {part}" for label, part in labelled if part)))
    given = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {given}::{_escape_data(text)}"


def _escape_data(text: str) -> str:
    """Escape what the runner reads in the text of a command; a line break is the one control character that stays."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return shown.replace("%", "%25").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """The same for a property, where a colon and a comma mean something too."""
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
