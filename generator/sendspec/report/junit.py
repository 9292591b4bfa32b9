"""JUnit XML, which every CI system shows as test results.

A test case is a rule, not a finding: names stay the same from run to run, so that a CI system can say what is newly
broken or fixed, and a sound spec shows tests that passed rather than no tests at all, which some take for a failure.
The text of a failure lists the findings with place and cure. What is below `--fail-on` does not fail a case, for the
exit code does not either; it stands in the case's output. What a live command could not tell is an error of the case. A rule whose findings are all accepted is skipped, with the
reason; so is every rule where the spec cannot be read: it was not tested.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from sendspec.model.finding import Finding, Severity
from sendspec.model.rule_document import RuleDocument
from sendspec.model.spec_rule import SpecRule
from sendspec.report.report import OUTPUT_DIFFERS, Report
from sendspec.report.terminal import visible

NOT_READ = "the spec cannot be read, so this rule was not tried"


def write(report: Report) -> str:
    """Give a document with a suite for the files, one for the rules and, where it was looked at, one for the output."""
    found, accepted = _by_rule(report.with_differences()), _by_rule(report.accepted)
    files = {str(rule) for rule in SpecRule}
    is_read = not any(finding.rule in files and finding.severity is Severity.ERROR for finding in report.findings)
    suites = {
        "spec": [document for document in report.documents if document.id in files],
        "rules": [document for document in report.documents if document.id not in files],
        "output": [OUTPUT_DIFFERS] if report.folder else [],
    }
    root = ET.Element("testsuites", name=f"sendspec {report.command}")
    for name, documents in suites.items():
        if documents:
            suite = ET.SubElement(root, "testsuite", name=name)
            for document in documents:
                skipped = "" if is_read or name == "spec" else NOT_READ
                _add_case(suite, document, found[document.id], accepted[document.id], report.fail_on, skipped)
            _count(suite, [suite])
    _count(root, list(root))
    ET.indent(root)
    # Only ASCII, the rest as character references: it says the same in whatever encoding the reader's stdout has.
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="us-ascii").decode()}\n'


def _by_rule(findings: Iterable[Finding]) -> defaultdict[str, list[Finding]]:
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.rule].append(finding)
    return found


def _add_case(
    suite: ET.Element,
    document: RuleDocument,
    findings: Sequence[Finding],
    accepted: Sequence[Finding],
    fail_on: Severity,
    skipped: str,
) -> None:
    place = next((finding.where for finding in findings if finding.where), None)
    where = {"file": xml_text(place.file), "line": str(place.line)} if place else {}
    case = ET.SubElement(
        suite, "testcase", {"name": document.id, "classname": f"sendspec.{suite.get('name')}", **where}
    )
    failing = [finding for finding in findings if finding.severity.rank >= fail_on.rank]
    if failing:
        message = failing[0].message if len(failing) == 1 else f"{len(failing)} findings: {document.summary}"
        failure = ET.SubElement(case, "failure", message=xml_text(message), type=str(failing[0].severity))
        failure.text = xml_text("\n\n".join(map(_text, failing)))
    elif any(finding.severity is Severity.UNKNOWN for finding in findings):
        open_ones = [finding for finding in findings if finding.severity is Severity.UNKNOWN]
        error = ET.SubElement(case, "error", message=xml_text(open_ones[0].message), type=str(Severity.UNKNOWN))
        error.text = xml_text("\n\n".join(map(_text, open_ones)))
        failing = open_ones
    elif skipped and not findings:
        ET.SubElement(case, "skipped", message=skipped)
    elif accepted and not findings:
        reasons = dict.fromkeys(finding.because for finding in accepted)
        ET.SubElement(case, "skipped", message=xml_text(f"accepted: {'; '.join(reasons)}"))
    passing = [finding for finding in findings if finding not in failing]
    if passing:
        ET.SubElement(case, "system-out").text = xml_text("\n\n".join(map(_text, passing)))


def _count(element: ET.Element, suites: Sequence[ET.Element]) -> None:
    cases = [case for suite in suites for case in suite.findall("testcase")]
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", str(sum(case.find("error") is not None for case in cases)))
    element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))


def _text(finding: Finding) -> str:
    where = f"{finding.where.to_text()}: " if finding.where else ""
    lines = [f"{where}{finding.severity}[{finding.rule}] {finding.message}"]
    lines += [f"see: {span.to_text()}{': ' if span.label else ''}{span.label}" for span in finding.related]
    labelled = (("why", finding.why), *finding.comparison(), ("fix", finding.fix), ("source", finding.source))
    return "\n".join((*lines, *(f"{label}: {text}" for label, text in labelled if text)))


def xml_text(text: str) -> str:
    r"""Give text that XML 1.0 can hold (section 2.2) and no terminal is steered by: the rest is spelt `\x1b`, `\ufffe`."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return "".join(f"\\u{ord(sign):04x}" if ord(sign) & 0xFFFE == 0xFFFE else sign for sign in shown)  # noqa: PLR2004 - U+nFFFE, U+nFFFF
