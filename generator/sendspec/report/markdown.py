"""Markdown for a pull request or a job summary: what was found, as tables, the worst first."""

import re
from collections.abc import Iterable, Iterator

from sendspec.markdown import escape_block, escape_code, escape_prose, escape_text
from sendspec.model.finding import Finding, Severity
from sendspec.report.report import DIFFERENCES, Report
from sendspec.report.terminal import Paint
from sendspec.report.text import summary

MAX_CHARACTERS = 60_000
"""GitHub refuses a comment of more than 65,536."""
TITLES = {
    Severity.ERROR: "Errors",
    Severity.WARNING: "Warnings",
    Severity.INFO: "Infos",
    Severity.UNKNOWN: "Could not be told",
}
MENTION = re.compile(r"(?<!\w)@(?=\w)|#(?=\d)")
"""What GitHub and GitLab turn into a mention or a link to an issue, escaped or not."""
HEADER = "| place | finding | what to do |\n| --- | --- | --- |\n"


def write(report: Report) -> str:
    """Give a document that fits into a comment; what found no room is counted."""
    counted = summary(report.findings, len(report.accepted), Paint(is_on=False))
    sections = [f"## sendspec {report.command}: {counted}\n"]
    for severity in Severity:
        found = [finding for finding in report.findings if finding.severity is severity]
        if found:
            sections.append(_section(TITLES[severity], found, MAX_CHARACTERS - sum(map(len, sections))))
    sections += _changes(report)
    for path, change, text in report.differences:
        shown = f"- {escape_code(f'{report.folder}/{path}')} {DIFFERENCES[change]}\n\n{escape_block(text, 'diff')}\n"
        if sum(map(len, sections)) + len(shown) > MAX_CHARACTERS:
            sections.append("The other diffs found no room here; `sendspec render --check` shows them.\n")
            break
        sections.append(shown)
    if report.accepted:
        rows = [_row(finding, f"accepted: {finding.because}") for finding in report.accepted]
        sections.append(_folded("Accepted by the spec", rows, MAX_CHARACTERS - sum(map(len, sections))))
    return "\n".join(sections)


def _section(title: str, findings: Iterable[Finding], room: int) -> str:
    rows = [_row(finding, finding.fix) for finding in findings]
    if title == TITLES[Severity.INFO]:
        return _folded(title, rows, room)
    return f"### {title}\n\n{HEADER}{''.join(_fitting(rows, room))}"


def _folded(title: str, rows: list[str], room: int) -> str:
    return f"<details><summary>{title}: {len(rows)}</summary>\n\n{HEADER}{''.join(_fitting(rows, room))}\n</details>\n"


def _row(finding: Finding, what_to_do: str) -> str:
    places = [span for span in (finding.where, *finding.related) if span]
    shown = "<br>".join(
        f"{'see ' if number else ''}{escape_code(span.to_text())}{f' {_prose(span.label)}' if span.label else ''}"
        for number, span in enumerate(places)
    )
    compared = (f"{label}: {text}" for label, text in finding.comparison())
    said = "<br>".join(_prose(text) for text in (finding.message, finding.why, *compared) if text)
    return f"| {shown} | {escape_code(finding.rule)}<br>{said} | {_prose(what_to_do)} |\n"


def _fitting(rows: list[str], room: int) -> Iterator[str]:
    for number, row in enumerate(rows):
        room -= len(row)
        if room < 0:
            yield f"\n… and {len(rows) - number} more: `sendspec validate` shows all.\n"
            return
        yield row


def _changes(report: Report) -> Iterator[str]:
    counted = ", ".join(f"{len(paths)} {change}" for change, paths in report.changes.items() if paths)
    if report.folder and not report.differences:
        yield f"{escape_code(report.folder)}: {escape_text(counted or 'is what the spec says')}\n"
    if report.differences:
        count = len(report.differences)
        yield f"### {count} file{' differs' if count == 1 else 's differ'}\n"


def _prose(text: str) -> str:
    """Give text for a table cell, line by line; nobody is mentioned and nothing is linked by it."""
    return "<br>".join(quiet_prose(line.strip()) for line in text.split("\n"))


def quiet_prose(text: str) -> str:
    """Give a sentence, with `code` in it; nobody is mentioned and nothing is linked by what it quotes."""
    return escape_prose(text, _quiet)


def _quiet(text: str) -> str:
    return MENTION.sub(r"\g<0><!-- -->", escape_text(text))
