"""`sendspec smoke` as its users run it: what is shown, consent, exit codes, metrics, and no secret anywhere."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from smoke_posts import free_port
from smoke_world import SECRETS, SPEC

from sendspec.cli import run
from sendspec.cli.commands import cli

EVENT = """
    import json, os, sys, urllib.request
    body = {"RecordType": sys.argv[2], "Type": "", "MessageID": "0a1", "Metadata": {"x": os.environ["SENDSPEC_SMOKE_MARKER"]}}
    request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[1]}/", json.dumps(body).encode())
    print("posted", urllib.request.urlopen(request).status, "to", os.environ["SENDSPEC_SMOKE_TO"])
"""
ENVIRONMENT = {
    "POSTMARK_SERVER_TOKEN": SECRETS["postmark-main.server_token"],
    "SES_SMTP_USERNAME": SECRETS["ses-eu.smtp_username"],
    "SES_SMTP_PASSWORD": SECRETS["ses-eu.smtp_password"],
}


@dataclass(frozen=True)
class Ran:
    """What a run in this process came to, in the shape of one that ran in its own."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def smoke(tmp_path: Path, monkeypatch, capsys):
    """Give a function that runs `sendspec smoke` here, with a script as the smoke test of `login`; a process takes longer."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SENDSPEC_")] + list(ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)

    def run_here(*arguments, script="print('sent')", argv=(), environment=ENVIRONMENT):
        write(tmp_path, script, argv)
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            code = run(["smoke", *map(str, arguments)])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run_here


@pytest.fixture
def smoke_process(sendspec, tmp_path: Path):
    """Give the same, as a process of its own."""

    def run_there(*arguments, script="print('sent')", argv=()):
        write(tmp_path, script, argv)
        return sendspec("smoke", *arguments, environment=ENVIRONMENT)

    return run_there


def write(folder: Path, script: str, argv=()) -> None:
    (folder / "script.py").write_text(textwrap.dedent(script), encoding="utf-8")
    command = json.dumps([sys.executable, "script.py", *map(str, argv)])
    (folder / "specs").mkdir(exist_ok=True)
    text = SPEC.replace("SMOKE", f"smoke_test: {command}")
    (folder / "specs" / "spec.yaml").write_text(text, encoding="utf-8")


def test_where_nobody_can_be_asked_nothing_is_sent(smoke_process, tmp_path):
    ran = smoke_process("codes", script="open('sent', 'w')")
    assert ran.returncode == 3
    assert "say --yes" in ran.stderr
    assert not (tmp_path / "sent").exists()
    for shown in (
        "one real message of `codes`",
        "the smoke test of login",
        "env://POSTMARK_SERVER_TOKEN",
        "test@blackhole",
    ):
        assert shown in ran.stdout
    assert not any(value in ran.stdout for value in ENVIRONMENT.values())


@pytest.mark.parametrize(("answer", "code", "is_sent"), [("n", 3, False), ("", 3, False), ("y", 0, True)])
def test_on_a_terminal_it_asks(tmp_path, answer, code, is_sent):
    port = free_port()
    write(tmp_path, EVENT + "    open('sent', 'w')\n", [port, "Delivery"])
    terminal, other = pty.openpty()
    command = [sys.executable, "-m", "sendspec", "smoke", "codes", "--listen", f"127.0.0.1:{port}", "--timeout", "10"]
    environment = os.environ | ENVIRONMENT | {"TERM": "dumb"}
    with subprocess.Popen(command, cwd=tmp_path, stdin=other, stdout=other, stderr=other, env=environment) as process:
        os.close(other)
        said = read_until(terminal, "[y/N]")
        os.write(terminal, f"{answer}\n".encode())
        said += read_until(terminal, None)
        assert process.wait(30) == code, said
    os.close(terminal)
    assert (tmp_path / "sent").exists() is is_sent


def read_until(terminal: int, text: str | None) -> str:
    """Read what a program writes on a terminal, until some text or its end."""
    said, end = "", time.monotonic() + 30
    while (text is None or text not in said) and time.monotonic() < end:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # the program has gone
            break
        if not piece:
            break
        said += piece.decode()
    return said


def test_a_sound_path_ends_with_0(smoke, tmp_path):
    port = free_port()
    ran = smoke("codes", "--yes", "--listen", port, "--timeout", "20", script=EVENT, argv=[port, "Delivery"])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "  | posted 200 to test@blackhole.postmarkapp.com" in ran.stdout
    assert "the message was taken, and its event came back" in ran.stdout


def test_a_canary_says_in_its_environment_how_events_come_back(smoke):
    port = free_port()
    environment = ENVIRONMENT | {"SENDSPEC_SMOKE_LISTEN": f"127.0.0.1:{port}", "SENDSPEC_SMOKE_QUEUE": "https://sqs/q"}
    ran = smoke("codes", "--yes", "--timeout", "20", script=EVENT, argv=[port, "Delivery"], environment=environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"by what is posted to 127.0.0.1:{port}" in ran.stdout


def test_another_end_is_a_finding_with_its_place(smoke):
    port = free_port()
    ran = smoke("codes", "--yes", "--listen", port, "--timeout", "20", script=EVENT, argv=[port, "SpamComplaint"])
    assert ran.returncode == 1
    assert re.search(r"specs/spec\.yaml:\d+:\d+: error\[live-smoke-event-otherwise\]", ran.stdout)


def test_an_app_that_fails_ends_with_1_and_its_words(smoke):
    ran = smoke("codes", "--yes", script="raise SystemExit('Connection refused\\x1b[31m')")
    assert ran.returncode == 1
    assert "error[live-smoke-app-failed]" in ran.stdout
    assert "Connection refused\\x1b[31m" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_an_event_that_nobody_can_see_ends_with_4(smoke):
    ran = smoke("support", "--yes", "--timeout", "1", environment={})
    assert ran.returncode == 4
    assert "unknown[live-smoke-no-credential]" in ran.stdout


def test_a_credential_that_is_missing_ends_with_4_and_runs_nothing(smoke, tmp_path):
    ran = smoke("codes", "--yes", script="open('sent', 'w')", environment={})
    assert ran.returncode == 4
    assert "unknown[live-smoke-no-credential]" in ran.stdout
    assert not (tmp_path / "sent").exists()


def test_the_document_for_programs_holds_plan_run_and_findings(smoke):
    port = free_port()
    ran = smoke(
        "codes", "--yes", "--listen", port, "--format", "json", "--timeout", "20", script=EVENT, argv=[port, "Delivery"]
    )
    document = json.loads(ran.stdout)
    assert document["command"] == "smoke"
    assert document["run"]["through"] is True
    assert document["run"]["event"]["event"] == "delivered"
    assert document["run"]["app"]["exit_code"] == 0
    assert document["plan"]["app"] == "login"
    assert [route["route"] for route in document["plan"]["routes"]] == ["codes.primary", "codes.fallback"]
    assert document["findings"] == []


@pytest.mark.parametrize("form", ["markdown", "github", "sarif", "junit"])
def test_reports_for_other_programs_hold_the_finding(smoke, form):
    ran = smoke("codes", "--yes", "--format", form, script="raise SystemExit(2)")
    assert ran.returncode == 1
    assert "live-smoke-app-failed" in ran.stdout


def test_no_output_shows_a_secret(smoke_process):
    script = """
        import base64, os
        for name in ("POSTMARK_SERVER_TOKEN", "SES_SMTP_PASSWORD"):
            value = os.environ[name]
            print(name, value, value.upper(), base64.b64encode(f"\\0{value}\\0{value}".encode()).decode())
        raise SystemExit(f"login with {os.environ['SES_SMTP_PASSWORD']} failed")
    """
    for form in ("text", "json"):
        ran = smoke_process("codes", "--yes", "--format", form, script=script)
        said = (ran.stdout + ran.stderr).lower()
        assert "ses_smtp_password …" in said or "ses_smtp_password \\u2026" in said
        for value in (ENVIRONMENT["POSTMARK_SERVER_TOKEN"], ENVIRONMENT["SES_SMTP_PASSWORD"]):
            assert value.lower() not in said
            assert value.lower()[3:] not in said


def test_metrics_keep_the_last_good_time_when_a_run_fails(smoke, tmp_path):
    port, file = free_port(), tmp_path / "codes.prom"
    good = ("codes", "--yes", "--listen", port, "--timeout", "20", "--metrics", file)
    assert smoke(*good, script=EVENT, argv=[port, "Delivery"]).returncode == 0
    before = samples(file)
    assert before["sendspec_canary_success_timestamp_seconds"] == before["sendspec_canary_run_timestamp_seconds"]
    assert file.stat().st_mode & 0o777 == 0o644
    time.sleep(0.01)
    assert smoke("codes", "--yes", "--metrics", file, script="raise SystemExit(1)").returncode == 1
    after = samples(file)
    name = "sendspec_canary_success_timestamp_seconds"
    assert after[name] == before[name]
    assert after["sendspec_canary_run_timestamp_seconds"] > before["sendspec_canary_run_timestamp_seconds"]
    assert [path.name for path in tmp_path.glob(".codes.prom*")] == []


def samples(file: Path) -> dict[str, float]:
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {line.partition("{")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_metrics_that_cannot_be_written_stop_before_anything_is_sent(smoke, tmp_path):
    ran = smoke("codes", "--yes", "--metrics", tmp_path / "missing" / "x.prom", script="open('sent', 'w')")
    assert ran.returncode == 4
    assert not (tmp_path / "sent").exists()


def test_a_ctrl_c_ends_the_app_and_reports(tmp_path):
    write(tmp_path, "import time\nprint('started', flush=True)\nopen('started', 'w').close()\ntime.sleep(600)")
    command = [sys.executable, "-m", "sendspec", "smoke", "codes", "--yes", "--timeout", "60"]
    environment = os.environ | ENVIRONMENT
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment) as process:
        end = time.monotonic() + 30
        while not (tmp_path / "started").exists() and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "  | started" in said
    assert "interrupted" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "no stream is called `nothing`"),
        (("codes", "--route", "third"), "`codes` has no route `third`"),
        (("codes", "--app", "other"), "no app called `other` sends `codes`"),
        (("codes", "--to", "no address"), "--to"),
        (("codes", "--listen", "here:99999"), "--listen"),
        (("codes", "--event-key", "!"), "--event-key"),
        (("codes", "--timeout", "0"), "--timeout"),
        (("codes", "--pass-env", "A=B"), "--pass-env"),
    ],
)
def test_a_wrong_command_line_is_named(smoke, arguments, said):
    ran = smoke(*arguments, "--yes")
    assert ran.returncode == 64
    assert said in ran.stderr


def test_several_apps_have_to_be_told_apart(smoke, tmp_path, capsys):
    smoke("codes")
    spec = tmp_path / "specs" / "spec.yaml"
    spec.write_text(
        spec.read_text(encoding="utf-8") + '  kiosk: {streams: [codes], smoke_test: ["true"]}\n', encoding="utf-8"
    )
    assert run(["smoke", "codes"]) == 64
    assert "--app kiosk or --app login" in capsys.readouterr().err
    assert run(["smoke", "codes", "--app", "kiosk"]) == 3
    assert "the smoke test of kiosk" in capsys.readouterr().out


def test_every_finding_is_explained(capsys):
    from sendspec.smoke.kinds import KINDS

    assert "smoke" in cli.commands
    assert len({kind.id for kind in KINDS}) == len(KINDS)
    for kind in (KINDS[0], KINDS[-1]):
        assert run(["explain", kind.id]) == 0
        assert kind.summary in capsys.readouterr().out
