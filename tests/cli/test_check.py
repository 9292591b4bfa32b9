"""`sendspec check` as its users run it, in a world where nobody answers."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
NOBODY = ("--resolver", "127.0.0.1#9", "--deadline", "20")
"""The discard port of this machine: what is asked there is refused at once."""
NO_SECRETS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@contextmanager
def silent_server() -> Iterator[int]:
    """Give the port of a name server that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield server.getsockname()[1]


def test_where_nobody_answers_nothing_is_good_and_nothing_is_bad(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("check", *NOBODY, environment=NO_SECRETS)
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert "unknown[live-dns-" in ran.stdout
    assert "error[" not in ran.stdout
    assert "warning[" not in ran.stdout
    assert re.search(r"^\d+ unknown; 0 things are as declared; \d+\.\d s$", ran.stdout, re.MULTILINE)
    assert ran.stderr == ""


def test_the_document_for_programs_tells_unknown_apart(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("check", "--only", "dns", *NOBODY, "--format", "json")
    document = json.loads(ran.stdout)
    assert ran.returncode == 4
    assert document["command"] == "check"
    assert document["summary"]["unknown"] == len(document["findings"]) > 0
    assert {finding["severity"] for finding in document["findings"]} == {"unknown"}
    assert document["passed"] == 0
    assert document["measurements"] == []
    assert document["stopped"] == ""


@pytest.mark.parametrize("format_", ["markdown", "github", "sarif", "junit"])
def test_every_report_format_holds_what_could_not_be_told(sendspec: Run, northwind: Path, format_: str) -> None:
    ran = sendspec("check", "--only", "dns", *NOBODY, "--format", format_)
    assert ran.returncode == 4
    marks = {"markdown": "Could not be told", "github": "::warning ", "sarif": '"kind": "open"', "junit": "<error "}
    assert marks[format_] in ran.stdout


def test_a_run_ends_with_its_deadline_and_says_what_was_not_looked_at(sendspec: Run, northwind: Path) -> None:
    with silent_server() as port:
        started = time.monotonic()
        ran = sendspec("check", "--only", "dns", "--resolver", f"127.0.0.1#{port}", "--deadline", "1")
    assert time.monotonic() - started < 20
    assert ran.returncode == 4
    assert "the deadline of 1 s has passed, so not everything was looked at" in ran.stdout


def test_ctrl_c_reports_what_was_done(tmp_path: Path, northwind: Path) -> None:
    with silent_server() as port:
        command = [sys.executable, "-m", "sendspec", "check", "--only", "dns", "--resolver", f"127.0.0.1#{port}"]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(2.5)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130, stdout + stderr
    assert "interrupted, so not everything was looked at" in stdout
    assert "Traceback" not in stderr


def test_findings_are_told_while_the_run_goes_on_and_progress_only_to_a_terminal(
    tmp_path: Path, northwind: Path
) -> None:
    with silent_server() as port:
        command = [sys.executable, "-m", "sendspec", "check", "--resolver", f"127.0.0.1#{port}", "--deadline", "4"]
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True, env=os.environ | NO_SECRETS
        )
        os.close(theirs)
        assert process.stdout is not None
        with process.stdout:
            first = process.stdout.readline()  # what is pending needs no answer, so it is told at once
            assert process.poll() is None
            rest = process.stdout.read()
        process.wait(20)
        shown = os.read(ours, 65536).decode()
        os.close(ours)
    assert "unknown[live-" in first
    assert "not everything was looked at" in rest
    assert re.search(r"sendspec: looked at [\d,]+", shown)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "dns,smpt"), "smpt cannot be looked at; dns, smtp, api, webhook can"),
        (("--only", ","), "nothing cannot be looked at"),
        (("--shard", "0/4"), "write 3/16 for the third of sixteen shares"),
        (("--shard", "5/4"), "write 3/16"),
        (("--resolver", "dns.example"), "write an IP address"),
        (("--resolver", "127.0.0.1#0"), "a port is a number from 1 to 65535"),
        (("--deadline", "0"), "deadline"),
    ],
)
def test_a_wrong_option_is_told_with_the_cure(
    sendspec: Run, northwind: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = sendspec("check", *arguments)
    assert ran.returncode == 64
    assert said in " ".join(ran.stderr.split())


@pytest.mark.parametrize(
    ("option", "name", "near"), [("--stream", "recepits", "receipts"), ("--esp", "ses-us", "ses-eu")]
)
def test_a_name_that_the_spec_does_not_have_is_answered_with_one_that_it_has(
    sendspec: Run, northwind: Path, option: str, name: str, near: str
) -> None:
    ran = sendspec("check", option, name)
    assert ran.returncode == 64
    assert f"is called `{name}`" in ran.stderr
    assert f"did you mean `{near}`?" in ran.stderr


def test_a_broken_spec_is_told_before_anything_is_asked(sendspec: Run, northwind: Path) -> None:
    spec = northwind / "northwind.yaml"
    spec.write_text(spec.read_text().replace("kind: marketing", "kind: marketng", 1))
    ran = sendspec("check", *NOBODY)
    assert ran.returncode == 1
    assert "did you mean" in ran.stdout


def test_a_live_finding_is_explained_without_a_spec(sendspec: Run) -> None:
    ran = sendspec("explain", "live-dns-wrong-key")
    assert ran.returncode == 0
    assert "Why it matters:" in ran.stdout
    assert "RFC 6376" in ran.stdout
