import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import sendspec.cli
from sendspec import __version__

Run = Callable[..., "subprocess.CompletedProcess[str]"]
BROKEN = "version: 1\nstreams:\n  a:\n    kind: marketng\n    from: a@b.example\n"


def rewrite(folder: Path, old: str, new: str) -> None:
    text = (folder / "northwind.yaml").read_text()
    assert old in text
    (folder / "northwind.yaml").write_text(text.replace(old, new, 1))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_example_is_clean(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("validate")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "error[" not in ran.stdout
    assert "warning[" not in ran.stdout
    assert re.search(r"\d+ infos?$", ran.stdout.rstrip())


def test_render_writes_and_the_second_run_changes_nothing(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    first = sendspec("render")
    assert (first.returncode, first.stderr) == (0, "")
    assert "  + dns/northwind.example/zone.db\n" in first.stdout
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "output").rglob("*")}
    second = sendspec("render")
    assert second.returncode == 0
    assert second.stdout.splitlines()[-1] == f"output: {len(contents(tmp_path / 'output'))} unchanged"
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "output").rglob("*")} == before


def test_check_exits_with_two_and_shows_the_diff_and_writes_nothing(
    sendspec: Run, northwind: Path, tmp_path: Path
) -> None:
    sendspec("render")
    assert sendspec("render", "--check").returncode == 0
    before = contents(tmp_path / "output")
    rewrite(northwind, "policy: quarantine", "policy: none")
    ran = sendspec("render", "--check")
    assert ran.returncode == 2
    assert "+_dmarc" in ran.stdout or "+  v=DMARC1; p=none" in ran.stdout or "p=none" in ran.stdout
    assert "--- a/dns/northwind.example/zone.db" in ran.stdout
    assert re.search(r"^output: differs in \d+ files", ran.stdout, re.MULTILINE)
    assert contents(tmp_path / "output") == before
    assert sendspec("render").returncode == 0
    assert sendspec("render", "--check").returncode == 0


def test_check_without_an_output_folder_exits_with_two(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    assert sendspec("render", "--check").returncode == 2
    assert not (tmp_path / "output").exists()


def test_findings_at_the_level_stop_render_with_one(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    rewrite(northwind, 'unsubscribe: {one_click: "https://northwind.example/u/{token}"}', "")
    ran = sendspec("render")
    assert ran.returncode == 1
    assert re.search(r"specs/northwind\.yaml:\d+:\d+: error\[", ran.stdout)
    assert not (tmp_path / "output").exists()
    assert sendspec("render", "--check").returncode == 1  # 1 before 2
    assert sendspec("validate").returncode == 1


def test_fail_on_info_stops_at_an_info(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    assert sendspec("validate", "--fail-on", "warning").returncode == 0
    assert sendspec("validate", "--fail-on", "info").returncode == 1
    assert sendspec("render", "--fail-on", "info").returncode == 1
    assert not (tmp_path / "output").exists()


def test_a_spec_that_cannot_be_compiled_gives_all_findings_and_one(sendspec: Run, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/a.yaml").write_text(BROKEN)
    for command in (["validate"], ["render"], ["render", "--check"], ["explain", "x.example"]):
        ran = sendspec(*command)
        assert ran.returncode == 1, command
        assert "specs/a.yaml:4:11: error[spec-bad-value]" in ran.stdout
        assert "    4 |     kind: marketng\n      |           ^^^^^^^^\n" in ran.stdout
        assert ran.stdout.splitlines()[-1].startswith("2 errors")
    assert not (tmp_path / "output").exists()


def test_no_spec_folder_is_a_finding(sendspec: Run) -> None:
    ran = sendspec("validate")
    assert ran.returncode == 1
    assert "error[spec-not-found]" in ran.stdout


def test_what_cannot_be_written_exits_with_four_and_a_cure(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    (tmp_path / "output").symlink_to(tmp_path / "elsewhere")
    ran = sendspec("render")
    assert ran.returncode == 4
    assert ran.stdout == ""
    assert "symbolic link" in ran.stderr
    assert "--output" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        [],
        ["validate", "--nonsense"],
        ["validate", "--fail-on", "fatal"],
        ["validate", "--today", "soon"],
        ["validate", "extra"],
        ["explain"],
        ["--format", "xml", "validate"],
    ],
)
def test_a_wrong_command_line_exits_with_sixty_four(sendspec: Run, arguments: list[str]) -> None:
    ran = sendspec(*arguments)
    assert ran.returncode == 64
    assert ran.stdout == ""
    assert "Usage: sendspec" in ran.stderr


def test_an_unknown_name_exits_with_sixty_four_and_suggestions(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("explain", "pm-bounce.mail.northwind.example")
    assert ran.returncode == 64
    assert "did you mean `pm-bounces.mail.northwind.example`" in ran.stderr


@pytest.mark.parametrize("output", ["specs", "specs/output", "."])
def test_spec_and_output_cannot_lie_inside_one_another(sendspec: Run, northwind: Path, output: str) -> None:
    before = contents(northwind)
    ran = sendspec("render", "--output", output)
    assert ran.returncode == 64
    assert contents(northwind) == before


def test_options_stand_before_and_after_the_command_and_the_last_place_wins(
    sendspec: Run, northwind: Path, tmp_path: Path
) -> None:
    northwind.rename(tmp_path / "mine")
    assert sendspec("--spec", "mine", "validate").returncode == 0
    assert sendspec("validate", "--spec", "mine").returncode == 0
    assert sendspec("--spec", "nowhere", "validate", "--spec", "mine").returncode == 0
    environment = {"SENDSPEC_SPEC": "mine", "SENDSPEC_OUTPUT": "made", "SENDSPEC_FORMAT": "json"}
    ran = sendspec("render", environment=environment)
    assert json.loads(ran.stdout)["files"]["created"]
    assert (tmp_path / "made/README.md").exists()
    assert sendspec("--spec", "nowhere", "validate", environment=environment).returncode == 1
    ran = sendspec("validate", "--format", "text", environment=environment | {"SENDSPEC_FAIL_ON": "info"})
    assert ran.returncode == 1
    assert not ran.stdout.startswith("{")
    assert sendspec("validate", environment={"SENDSPEC_FAIL_ON": "fatal"}).returncode == 64


def test_the_day_is_an_option_and_reaches_the_rules(sendspec: Run, northwind: Path) -> None:
    with (northwind / "accept.yaml").open("w") as file:
        file.write('accept: [{rule: pending-values, because: "soon", until: 2030-01-31, at: "*"}]\n')
    assert sendspec("validate", "--today", "2030-01-31").returncode == 0
    assert sendspec("validate", "--today", "2030-02-01").returncode == 1
    assert sendspec("validate", environment={"SENDSPEC_TODAY": "2030-02-01"}).returncode == 1


def test_the_day_never_reaches_the_output(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    sendspec("render", "--today", "2026-11-21")
    assert sendspec("render", "--check", "--today", "2031-01-01").returncode in {0, 1}
    before = contents(tmp_path / "output")
    sendspec("render", "--today", "2027-06-01")
    assert contents(tmp_path / "output") == before


def test_json_is_one_document_on_stdout_for_every_command(sendspec: Run, northwind: Path) -> None:
    for arguments, code, parts in [
        (["validate"], 0, {"findings", "accepted", "summary"}),
        (["render", "--check"], 2, {"findings", "accepted", "summary", "differences"}),
        (["render"], 0, {"findings", "accepted", "summary", "files"}),
        (["explain", "bounce.mail"], 0, {"explanations"}),
        (["explain", "nothing.there"], 64, {"error"}),
    ]:
        ran = sendspec("--format", "json", *arguments)
        document = json.loads(ran.stdout)
        assert document.keys() == {"version", "command"} | parts
        assert (document["version"], document["command"]) == (1, arguments[0])
        assert (ran.returncode, ran.stderr) == (code, "")


def test_piped_text_has_no_colour_and_no_progress(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("render", environment={"TERM": "xterm-256color"})
    assert "\x1b" not in ran.stdout + ran.stderr
    assert "\r" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(("more", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colour_unless_it_declines(northwind: Path, more: dict[str, str], is_coloured: bool) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    environment |= {"TERM": "xterm-256color"} | more
    main, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "sendspec", "validate"],
        cwd=northwind.parent,
        env=environment,
        stdout=terminal,
        stderr=terminal,
    ) as program:
        os.close(terminal)
        seen = b""
        while True:
            try:
                chunk = os.read(main, 4096)
            except OSError:  # EIO: Linux's way to say that the other end is closed
                break
            if not chunk:
                break
            seen += chunk
    os.close(main)
    assert program.returncode == 0
    assert (b"\x1b[36;1minfo[" in seen) is is_coloured
    assert b"info[pending-values]" in seen


def test_a_name_with_an_escape_sequence_does_not_reach_the_terminal(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("explain", "x\x1b]0;owned\x07")
    assert ran.returncode == 64
    assert "\x1b" not in ran.stderr
    assert "\\x1b]0;owned\\x07" in ran.stderr


def test_a_terminal_without_unicode_gets_it_spelt_out(sendspec: Run, northwind: Path) -> None:
    ran = sendspec("explain", "em4242.news", environment={"PYTHONIOENCODING": "ascii"})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "em\\u2039n\\u203a.news.northwind.example" in ran.stdout


def test_an_argument_that_is_no_text_is_only_unknown(northwind: Path) -> None:
    command = [os.fsencode(sys.executable), b"-m", b"sendspec", b"explain", b"\xff\xfe"]
    ran = subprocess.run(command, cwd=northwind.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 64
    assert "nothing is called" in ran.stderr


def test_a_reader_that_leaves_early_is_no_error_message(northwind: Path) -> None:
    # Buffered, as for every user: what is left in the buffer is what the interpreter would complain about at exit.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for command in ("validate", "schema"):
        with subprocess.Popen(
            [sys.executable, "-m", "sendspec", command],
            cwd=northwind.parent,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as program:
            assert program.stdout
            assert program.stderr
            program.stdout.close()
            assert program.stderr.read() == b""
        assert program.returncode == 128 + signal.SIGPIPE


def test_ctrl_c_and_terminate_end_quietly(northwind: Path, tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        code = (
            "import signal, sys, time, sendspec.cli, sendspec.cli.commands as c\n"
            "def wait(_session):\n    sys.stdout.write('here'); sys.stdout.flush(); time.sleep(30)\n"
            "c._validation = wait\n"
            "sys.argv = ['sendspec', 'validate']\n"
            "sendspec.cli.main()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as program:
            assert program.stdout
            assert program.stderr
            assert program.stdout.read(4) == b"here"
            program.send_signal(number)
            assert b"Traceback" not in program.stderr.read()
        assert program.returncode == 128 + number


def test_a_fault_of_ours_exits_with_seventy_and_shows_nothing_of_the_work(
    sendspec: Run, northwind: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "SG." + "a" * 22 + "." + "b" * 43

    def fail(_session: object) -> None:
        raise KeyError(f"the key is {secret}")

    monkeypatch.setattr("sendspec.cli.commands._validation", fail)
    monkeypatch.delenv("SENDSPEC_DEBUG", raising=False)
    assert sendspec_run(["--spec", str(northwind), "validate"]) == 70
    plain = capsys.readouterr()
    assert "internal error: KeyError at test_cli.py:" in plain.err
    assert "SENDSPEC_DEBUG=1" in plain.err
    assert "the key is" not in plain.err
    assert "Traceback" not in plain.err
    monkeypatch.setenv("SENDSPEC_DEBUG", "1")
    assert sendspec_run(["--spec", str(northwind), "validate"]) == 70
    debug = capsys.readouterr()
    assert "Traceback" in debug.err
    assert "the key is" in debug.err
    assert secret not in debug.err + debug.out
    assert "b" * 20 not in debug.err


def sendspec_run(arguments: list[str]) -> int:
    """Run in this process, so that a fault can be put in."""
    return sendspec.cli.run(arguments)


def test_a_secret_in_a_spec_is_refused_and_shown_nowhere(sendspec: Run, northwind: Path, tmp_path: Path) -> None:
    secret = "SG." + "a1B2" * 5 + "xy." + "c3D4" * 10 + "xyz"
    rewrite(northwind, "op://mail/postmark/server-token", secret)
    for arguments in (["validate"], ["render"], ["explain", "bounce.mail"], ["--format", "json", "validate"]):
        ran = sendspec(*arguments)
        assert ran.returncode == 1
        assert "c3D4" not in ran.stdout + ran.stderr
    assert not (tmp_path / "output").exists()


def test_schema_is_json_schema_and_accepts_the_example(sendspec: Run, northwind: Path) -> None:
    import jsonschema
    import yaml

    schema = json.loads(sendspec("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    spec = yaml.safe_load((northwind / "northwind.yaml").read_text())
    jsonschema.Draft202012Validator(schema).validate(spec)


def test_help_and_version_are_quick_and_teach(sendspec: Run) -> None:
    ran = sendspec("--version")
    assert (ran.returncode, ran.stdout) == (0, f"sendspec {__version__}\n")
    for arguments in (["--help"], ["render", "--help"], ["explain", "-h"], ["validate", "--help"]):
        ran = sendspec(*arguments)
        assert ran.returncode == 0
        assert "Exit codes:" in ran.stdout
        assert "  sendspec " in ran.stdout
        assert max(map(len, ran.stdout.splitlines())) <= 100


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, sendspec.cli\n"
        "assert sendspec.cli.run(['--help']) == 0\n"
        "heavy = {'pydantic', 'yaml', 'jinja2', 'sendspec.pipeline'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_module_and_the_script_are_one_program(sendspec: Run) -> None:
    script = Path(sys.executable).parent / "sendspec"
    ran = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == sendspec("--version").stdout


def test_progress_shows_on_a_terminal_after_a_second(northwind: Path) -> None:
    code = (
        "import sys, time, sendspec.cli, sendspec.pipeline as p\n"
        "real = p.validate\n"
        "def slow(*arguments):\n    time.sleep(1.5); return real(*arguments)\n"
        "p.validate = slow\n"
        "sys.exit(sendspec.cli.run(['validate']))\n"
    )
    main, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=northwind.parent, stdout=subprocess.DEVNULL, stderr=terminal
    ) as program:
        os.close(terminal)
        time.sleep(0.1)
        seen = b""
        while True:
            try:
                seen += os.read(main, 4096)
            except OSError:  # EIO: the other end is closed
                break
    os.close(main)
    assert program.returncode == 0
    assert seen == b"sendspec: checking the spec ...\r\x1b[K"
