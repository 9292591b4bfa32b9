"""Findings, differences and explanations for people, in the manner of rustc and ruff.

`file:line:column: severity[rule] message` is one line and greppable; what follows it is indented.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sendspec.model.explanation import Explanation
from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.report.terminal import BLUE, BOLD, CYAN, GREEN, MAGENTA, RED, YELLOW, Paint, columns, visible

COLOURS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: CYAN, Severity.UNKNOWN: MAGENTA}
MIN_EXCERPT = 40
"""An excerpt is never cut to fewer columns, however narrow the terminal."""

MAX_PATHS = 50
"""More written files than this are counted, not listed; `manifest.json` has them all."""


def findings_text(findings: Sequence[Finding], accepted: int, paint: Paint, width: int) -> str:
    """Give all findings in the order given and a summary line, ending in a newline.

    `accepted` counts the findings that the spec lives with. `width` is how many columns the reader has: only excerpts
    are cut to it, for a message must stay one line to be found.
    """
    blocks = [finding_text(finding, paint, width) for finding in findings]
    return "\n".join([*blocks, summary(findings, accepted, paint) + "\n"])


def finding_text(finding: Finding, paint: Paint, width: int) -> str:
    """Give one finding, ending in a newline."""
    return "".join(f"{line}\n" for line in _finding(finding, paint, width))


def summary(findings: Iterable[Finding], accepted: int, paint: Paint) -> str:
    """Give the last line: `1 error, 2 warnings, 3 infos`."""
    counts = Counter(finding.severity for finding in findings)
    parts = [
        paint(_counted(counts[severity], severity), COLOURS[severity], BOLD)
        for severity in Severity
        if counts[severity]
    ]
    text = ", ".join(parts) or paint("no findings", GREEN)
    return text + (f" ({accepted} more accepted by the spec)" if accepted else "")


def _counted(count: int, severity: Severity) -> str:
    """Give `2 warnings`; what could not be told has no plural."""
    return f"{count} {severity}{'s' if count > 1 and severity is not Severity.UNKNOWN else ''}"


def differences_text(differences: Iterable[tuple[str, str]], paint: Paint) -> str:
    """Give unified diffs, coloured by line. `differences` are (path, unified diff)."""
    return "".join(f"{_diff_line(line, paint)}\n" for _, text in differences for line in text.split("\n")[:-1])


def changes_text(folder: str, changes: Mapping[str, Sequence[str]], paint: Paint) -> str:
    """Say what happened to the files: `output: 3 created, 1 changed, 20 unchanged`, and which."""
    names = {"created": ("+", GREEN), "changed": ("~", YELLOW), "removed": ("-", RED)}
    lines = [
        f"  {paint(sign, colour)} {visible(path)}"
        for change, (sign, colour) in names.items()
        for path in changes.get(change, ())
    ]
    if len(lines) > MAX_PATHS:
        lines = [*lines[:MAX_PATHS], f"  … and {len(lines) - MAX_PATHS} more"]
    counted = ", ".join(f"{len(paths)} {change}" for change, paths in changes.items() if paths)
    return "".join(f"{line}\n" for line in (*lines, f"{visible(folder)}: {counted or 'no files'}"))


def explanations_text(explanations: Iterable[Explanation], paint: Paint, width: int) -> str:
    """Give explanations one after the other, a blank line between them."""
    return "\n".join("".join(f"{line}\n" for line in _explanation(found, paint, width)) for found in explanations)


def _finding(finding: Finding, paint: Paint, width: int) -> Iterator[str]:
    where = f"{visible(finding.where.to_text())}: " if finding.where else ""
    severity = paint(f"{finding.severity}[{visible(finding.rule)}]", COLOURS[finding.severity], BOLD)
    yield f"{paint(where, BOLD)}{severity} {visible(finding.message)}"
    if finding.where:
        yield from _excerpt(finding.where, paint, width, COLOURS[finding.severity])
    for span in finding.related:
        yield f"  {paint('see:', BLUE)} {visible(span.to_text())}{': ' if span.label else ''}{visible(span.label)}"
        yield from _excerpt(span, paint, width, BLUE)
    labelled = (
        # An info is no trouble yet: `explain` tells its reason to those who want to know.
        ("why", "" if finding.severity is Severity.INFO else finding.why),
        *finding.comparison(),
        ("fix", finding.fix),
        ("source", finding.source),
    )
    for label, text in labelled:
        if text:
            first, *rest = text.split("\n")
            yield f"  {paint(f'{label}:', BLUE)} {visible(first)}"
            yield from (f"    {visible(line)}" for line in rest)


def _excerpt(span: SourceSpan, paint: Paint, width: int, colour: int) -> Iterator[str]:
    """Give the source line with the place underlined, cut to the reader's width around it."""
    if not span.excerpt:
        return
    start = min(max(span.column - 1, 0), len(span.excerpt))
    end = min(max(span.end_column - 1, start), len(span.excerpt))
    before, marked, after = (
        visible(part) for part in (span.excerpt[:start], span.excerpt[start:end], span.excerpt[end:])
    )
    number = f"{span.line:>5} | "
    room = max(width - len(number), MIN_EXCERPT)
    if columns(before + marked + after) > room:
        before, marked, after = _cut(before, marked, after, room)
    yield f"{paint(number, BLUE)}{before}{marked}{after}"
    underline = "^" * max(columns(marked), 1)
    yield f"{paint('      | ', BLUE)}{' ' * columns(before)}{paint(underline, colour, BOLD)}"


def _cut(before: str, marked: str, after: str, room: int) -> tuple[str, str, str]:
    """Keep the marked part, and as much around it as fits; an ellipsis stands where something is gone."""
    marked = _fitting(marked, room // 2)
    left = before
    while left and columns(left) > (room - columns(marked)) // 2:
        left = left[1:]
    if left != before:
        left = f"…{left[1:]}"
    return left, marked, _fitting(after, room - columns(left) - columns(marked))


def _fitting(text: str, room: int) -> str:
    if columns(text) <= room:
        return text
    while text and columns(text) > max(room - 1, 0):
        text = text[:-1]
    return f"{text}…" if room > 0 else ""


def _diff_line(line: str, paint: Paint) -> str:
    shown = visible(line)
    if line.startswith(("---", "+++")):
        return paint(shown, BOLD)
    colour = {"+": GREEN, "-": RED, "@": CYAN}.get(line[:1])
    return paint(shown, colour) if colour else shown


def _explanation(explanation: Explanation, paint: Paint, width: int) -> Iterator[str]:
    yield f"{paint(visible(explanation.kind), BLUE)} {paint(visible(explanation.name), BOLD)}"
    if explanation.summary:
        yield f"  {visible(explanation.summary)}"
    for label, text in explanation.details:
        first, *rest = text.split("\n")
        yield f"  {paint(f'{visible(label)}:', BLUE)} {visible(first)}".rstrip()
        yield from (f"    {visible(line)}".rstrip() for line in rest)
    for span in explanation.places:
        yield f"  {paint('from:', BLUE)} {visible(span.to_text())}{': ' if span.label else ''}{visible(span.label)}"
        yield from _excerpt(span, paint, width, BLUE)
    if explanation.paste:
        yield f"  {paint('to paste into the lock file:', BLUE)}"
        yield from (f"    {visible(line)}".rstrip() for line in explanation.paste.rstrip("\n").split("\n"))
