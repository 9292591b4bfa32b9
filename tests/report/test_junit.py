import xml.etree.ElementTree as ET
from collections.abc import Callable

import junitparser
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sendspec.model.finding import Finding, Severity
from sendspec.report.junit import write
from sendspec.report.report import Report

Make = Callable[..., Report]


def cases(report: Report) -> dict[str, junitparser.TestCase]:
    """Read a report as CI systems do; every case by its name."""
    return {case.name: case for suite in junitparser.JUnitXml.fromstring(write(report).encode()) for case in suite}


def verdict(case: junitparser.TestCase) -> str:
    return "passed" if case.is_passed else "skipped" if case.is_skipped else "failed"


def test_a_real_reader_sees_a_case_for_each_rule_and_its_verdict(make_report: Make) -> None:
    read = junitparser.JUnitXml.fromstring(write(make_report()).encode())
    assert (read.tests, read.failures, read.errors, read.skipped) == (6, 1, 0, 1)
    assert [(suite.name, suite.tests, suite.failures) for suite in read] == [("spec", 1, 0), ("rules", 5, 1)]
    assert {name: verdict(case) for name, case in cases(make_report()).items()} == {
        "spec-tabs": "passed",
        "apex-sends": "skipped",
        "dmarc-no-reports": "passed",
        "pending-values": "passed",
        "spf-two-records": "failed",
        "spf-unused": "passed",
    }


def test_a_failure_lists_every_finding_of_its_rule_with_place_and_cure(make_report: Make) -> None:
    case = cases(make_report())["spf-two-records"]
    (failure,) = case.result
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == "2 findings: spf-two-records is broken."
    assert failure.text == (
        "specs/shop.yaml:14:7: error[spf-two-records] two\n"
        "see: specs/other one.yaml:3:1: the rest is here\n"
        "fix: drop one\n  a: 4\n\n"
        "specs/other one.yaml:3:1: error[spf-two-records] two more"
    )
    assert case._elem.get("file") == "specs/shop.yaml"


def test_what_does_not_change_the_exit_code_fails_no_case(make_report: Make) -> None:
    assert verdict(cases(make_report(fail_on=Severity.WARNING))["dmarc-no-reports"]) == "failed"
    assert verdict(cases(make_report(fail_on=Severity.INFO))["pending-values"]) == "failed"
    case = cases(make_report())["dmarc-no-reports"]
    assert case.system_out.startswith("specs/shop.yaml:14:7: warning[dmarc-no-reports] no `rua`")


def test_an_accepted_finding_skips_its_case_with_the_reason(make_report: Make) -> None:
    (skipped,) = cases(make_report())["apex-sends"].result
    assert skipped.message == "accepted: until spring"


def test_rules_that_could_not_be_tried_are_skipped_not_passed(make_report: Make) -> None:
    broken = Finding("spec-tabs", Severity.ERROR, "a tab")
    verdicts = {name: verdict(case) for name, case in cases(make_report(findings=(broken,), accepted=())).items()}
    assert verdicts.pop("spec-tabs") == "failed"
    assert set(verdicts.values()) == {"skipped"}


def test_a_file_that_differs_fails_the_case_of_the_output(make_report: Make) -> None:
    assert "output-differs" not in cases(make_report())
    assert verdict(cases(make_report(folder="output"))["output-differs"]) == "passed"
    report = make_report(folder="output", differences=(("a", "created", ""), ("b", "removed", "")))
    case = cases(report)["output-differs"]
    assert verdict(case) == "failed"
    assert "output/a is missing" in case.result[0].text
    assert "output/b is no longer produced" in case.result[0].text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec=None), max_size=20))
@example("\x00\x1b\x7f\x9b\u202e\ud800\ufffe\uffff")
def test_any_text_gives_xml_that_steers_no_terminal(make_report: Make, text: str) -> None:
    written = write(make_report(text))
    assert written.isascii()
    root = ET.fromstring(written.encode("ascii"))
    assert root.get("tests") == "6"
    shown = "".join([*root.itertext(), *(value for each in root.iter() for value in each.attrib.values())])
    assert all(sign == "\n" or sign >= " " for sign in written)
    assert not {"\x7f", "\x9b", "\u202e", "\ufffe", "\uffff"} & set(shown)
