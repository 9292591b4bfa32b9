import json

from hypothesis import given
from hypothesis import strategies as st

from sendspec.model.explanation import Explanation
from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.report.json import differences_part, document, explanations_part, findings_parts

SPAN = SourceSpan("specs/shop.yaml", 14, 7, 12, "the excerpt", "a label")


def test_a_finding_has_every_key_and_a_null_where_there_is_no_place() -> None:
    findings = [
        Finding("a-rule", Severity.WARNING, "m", SPAN, (SPAN,), "fix", "source", "expected", "seen", "ns1"),
        Finding("b-rule", Severity.INFO, "m"),
    ]
    place = {"file": "specs/shop.yaml", "line": 14, "column": 7, "end_column": 12, "label": "a label"}
    assert json.loads(document("validate", findings_parts(findings, findings[1:]))) == {
        "version": 1,
        "command": "validate",
        "findings": [
            {
                "rule": "a-rule",
                "severity": "warning",
                "message": "m",
                "where": place,
                "related": [place],
                "fix": "fix",
                "source": "source",
                "expected": "expected",
                "seen": "seen",
                "answered_by": "ns1",
                "because": "",
                "why": "",
            },
            {
                "rule": "b-rule",
                "severity": "info",
                "message": "m",
                "where": None,
                "related": [],
                "fix": "",
                "source": "",
                "expected": "",
                "seen": "",
                "answered_by": "",
                "because": "",
                "why": "",
            },
        ],
        "accepted": [json.loads(document("", findings_parts(findings[1:], [])))["findings"][0]],
        "summary": {"error": 0, "warning": 1, "info": 1, "unknown": 0, "accepted": 1},
    }


def test_explanations_and_differences_have_named_parts() -> None:
    explanation = Explanation("rule", "n", "s", (("why", "because"),), (SPAN,), "paste")
    (shown,) = json.loads(document("explain", explanations_part([explanation])))["explanations"]
    assert shown["details"] == [{"label": "why", "text": "because"}]
    assert shown["places"][0]["line"] == 14
    assert differences_part([("a", "changed", "+x\n")]) == {
        "differences": [{"path": "a", "change": "changed", "diff": "+x\n"}]
    }


@given(st.text(st.characters(codec=None)))
def test_any_text_comes_back_as_itself_and_the_document_is_ascii(text: str) -> None:
    written = document("validate", findings_parts([Finding("r", Severity.INFO, text)], []))
    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written)["findings"][0]["message"] == text
