"""SARIF 2.1.0, which code scanning and editors read: rules with their documentation, results with their places.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from sendspec import __version__
from sendspec.markdown import escape_prose
from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.model.rule_document import RuleDocument
from sendspec.report.report import OUTPUT_DIFFERS, Report
from sendspec.report.terminal import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.UNKNOWN: "none"}
OPEN = {"kind": "open"}
"""Section 3.27.9: whether there is a problem is not known. The level of such a result is none."""


def write(report: Report) -> str:
    """Give one run. Only ASCII, so that no terminal is steered and no pipe breaks it."""
    documents = (*report.documents, OUTPUT_DIFFERS)
    index = {document.id: number for number, document in enumerate(documents)}
    results = [_result(finding, index, []) for finding in report.with_differences()]
    # Section 3.27.23: where one result has suppressions, all have them; an empty list says that it is not suppressed.
    results += [_result(finding, index, [_suppression(finding)]) for finding in report.accepted]
    run = {
        "tool": {
            "driver": {
                "name": "sendspec",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(document) for document in documents],
            }
        },
        "automationDetails": {"id": f"sendspec/{report.command}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(document: RuleDocument) -> dict[str, object]:
    parts = (("Why it matters", document.why), ("Do instead", document.instead), ("Source", document.source))
    labelled = "\n\n".join(f"**{label}:** {escape_prose(text)}" for label, text in parts if text)
    return {
        "id": document.id,
        "shortDescription": {"text": _plain(document.summary)},
        "fullDescription": {"text": _plain(f"{document.summary} {document.why}".strip())},
        "help": {
            "text": _plain(document.text),
            "markdown": _braces("\n\n".join(filter(None, (escape_prose(document.summary), labelled)))),
        },
        "defaultConfiguration": {"level": LEVELS[document.severity]},
    }


def _result(finding: Finding, index: Mapping[str, int], suppressions: Sequence[object]) -> dict[str, object]:
    compared = (f"{label.capitalize()}: {text}" for label, text in finding.comparison())
    parts = (finding.message, *compared, f"Fix: {finding.fix}" if finding.fix else "")
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": _plain("\n".join(filter(None, parts)))},
        "locations": [_location(finding.where)] if finding.where else [],
        "relatedLocations": [_location(span) | {"id": number} for number, span in enumerate(finding.related)],
        "suppressions": list(suppressions),
        **(OPEN if finding.severity is Severity.UNKNOWN else {}),
    }


def _suppression(finding: Finding) -> dict[str, object]:
    """The spec itself says it, with the reason."""
    return {"kind": "inSource", "status": "accepted", "justification": visible(finding.because)}


def _location(span: SourceSpan) -> dict[str, object]:
    region: dict[str, object] = {
        "startLine": span.line,
        "startColumn": span.column,
        "endColumn": max(span.end_column, span.column),
    }
    label: dict[str, object] = {"message": {"text": _plain(span.label)}} if span.label else {}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}, **label}


def _uri(file: str) -> str:
    """Give a file as a URI: relative to the folder the command was started in, else absolute."""
    is_absolute = PurePosixPath(file).is_absolute()
    # A colon in the first segment of a relative reference would be read as a scheme (RFC 3986 section 4.2).
    return f"file://{quote(visible(file))}" if is_absolute else quote(visible(file), safe="/")


def _plain(text: str) -> str:
    """Give text for a plain message: braces are placeholders there and `[a](b)` is a link (sections 3.11.5, 3.11.6)."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return _braces(shown.replace("](", "] ("))


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
