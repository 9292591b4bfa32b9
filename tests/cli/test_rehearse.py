"""`sendspec rehearse` as its users run it."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_example_has_no_findings_in_a_sound_world(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("rehearse", "--fail-on", "info")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^no findings; \d+ things are as declared; \d+\.\d s$", ran.stdout, re.MULTILINE)
    assert "measured:" in ran.stdout
    assert ran.stderr == ""
    for line in re.findall(r"^  \S+:\d+ .*; for .*$", ran.stdout, re.MULTILINE):
        phases = [re.sub(r" [\d.]+ ms$", "", each) for each in line.partition("): ")[2].partition(";")[0].split(", ")]
        assert len(phases) == len(set(phases)), line


@pytest.mark.parametrize("example", ["many-apps", "saas", "small-shop", "two-regions"])
def test_so_have_the_other_examples(sendspec: Run, repository: Path, example: str) -> None:
    ran = sendspec("--spec", repository / "examples" / example / "specs", "rehearse", "--fail-on", "info")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_fault_shows_the_finding_and_what_a_message_does(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("rehearse", "--fault", "smtp-auth-refused", "--fault", "dns-second-spf")
    assert ran.returncode == 0, ran.stdout
    assert "error[live-smtp-auth-refused]" in ran.stdout
    assert "fallback (smtp at ses-eu) took it" in ran.stdout
    assert "error[live-dns-second-spf]" in ran.stdout
    assert "2 of 2 faults named by their own finding" in ran.stdout


def test_faults_as_data(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("rehearse", "--fault", "api-422", "--format", "json")
    (fault,) = json.loads(ran.stdout)["faults"]
    assert (fault["id"], fault["named"], fault["applies"]) == ("api-422", True, True)
    (attempt,) = fault["message"]["attempts"]
    assert (attempt["taken"], attempt["blame"]) == (False, "recipient-or-content")
    assert fault["message"]["taken_by"] is None


def test_the_faults_are_listed(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("rehearse", "--list")
    assert ran.returncode == 0
    assert re.search(r"^dns-nxdomain +A return-path .*\[live-dns-name-missing\]$", ran.stdout, re.MULTILINE)
    listed = json.loads(sendspec("rehearse", "--list", "--format", "json").stdout)["faults"]
    assert len(listed) == len(ran.stdout.splitlines())


def test_an_unknown_fault_is_answered_with_one_that_is_known(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("rehearse", "--fault", "dns-nxdomian")
    assert ran.returncode == 64
    assert "did you mean `dns-nxdomain`" in ran.stderr


def test_a_fault_that_nothing_can_happen_to_says_so_and_fails_nothing(sendspec: Run, repository: Path) -> None:
    ran = sendspec("--spec", repository / "examples" / "small-shop" / "specs", "rehearse", "--fault", "api-401")
    assert ran.returncode == 0
    assert "api-401: does not apply" in ran.stdout
    assert "0 of 0 faults named by their own finding; 1 cannot happen to this spec" in ran.stdout


def test_no_store_is_read_and_no_spec_is_changed(sendspec: Run, northwind: Path) -> None:
    before = {path: path.read_bytes() for path in northwind.rglob("*")}
    ran = sendspec("rehearse", environment={"PATH": "/nonexistent", "POSTMARK_SERVER_TOKEN": "real-token-of-somebody"})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "real-token-of-somebody" not in ran.stdout
    assert {path: path.read_bytes() for path in northwind.rglob("*")} == before


def test_ctrl_c_ends_the_faults_and_reports_those_that_were_done(tmp_path: Path, northwind: Path) -> None:
    command = [sys.executable, "-m", "sendspec", "rehearse", "--fault", "all"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stdout + stderr
    assert first.startswith("dns-")
    assert re.search(r"faults named by their own finding; .*; interrupted, so \d+ more were not tried$", stdout.strip())
    assert "not named" not in stdout
    assert stderr == ""


def test_help_says_that_live_commands_write_every_format_of_findings(sendspec: Run) -> None:
    said = " ".join(sendspec("check", "--help").stdout.split())
    assert "validate, render and live commands also markdown, github, sarif, junit" in said
