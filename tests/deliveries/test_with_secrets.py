"""The script that turns files into variables gives a program exactly what the files hold."""

import os
import subprocess
import sys

import pytest
from delivery_setups import env_names, make_app, write_delivery

NASTY = {
    "ENV_TOKEN": "p@ss '\"$x `id` $(id) \\ \\n %s #; * | & <>! ",
    "FILE_TOKEN": "\n -n first\nsecond\n\n",
    "NASTY_FILE": "ключ ✓ \t=é\r",
}
SHOW = "import os, sys; sys.stdout.write(repr({n: os.environ.get(n) for n in sys.argv[1].split(',')}))"
SHELLS = [["sh"], ["bash"], ["bash", "--posix"]]
NAMES = env_names(["env", "file"])
SHOW_ALL = (sys.executable, "-c", SHOW, ",".join(NAMES))


@pytest.fixture
def script(tmp_path):
    return write_delivery(make_app(tmp_path / "specs"), "docker-secrets", tmp_path) / "with-secrets.sh"


@pytest.fixture
def environment(tmp_path):
    """Give the environment of the container, with a file for each credential."""
    found = {"PATH": os.environ["PATH"]}
    for name, value in NASTY.items():
        (tmp_path / name).write_bytes(f"{value}\n".encode())
        found[f"{name}_FILE"] = str(tmp_path / name)
    return found


def start(script, environment, shell=("sh",), command=SHOW_ALL):
    words = [*shell, str(script), *command]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_program_gets_what_the_files_hold_without_the_last_line_end(find_tool, script, environment, shell):
    done = start(script, environment, [find_tool(shell[0]), *shell[1:]])
    assert (done.stdout, done.stderr) == (repr(NASTY), "")


def test_a_file_without_a_line_end_is_read_whole(script, environment, tmp_path):
    (tmp_path / "ENV_TOKEN").write_text("token", encoding="utf-8")
    assert "'ENV_TOKEN': 'token'" in start(script, environment).stdout


def test_the_program_is_started_with_its_own_arguments_and_its_exit_code_stays(script, environment):
    command = (sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(7)", "a b", "$HOME", "")
    done = start(script, environment, command=command)
    assert (done.stdout, done.returncode) == ("['a b', '$HOME', '']\n", 7)


def test_nothing_else_of_the_script_is_in_the_programs_environment(script, environment):
    command = (sys.executable, "-c", "import os; print([n for n in os.environ if n.startswith('sendspec')])")
    assert start(script, environment | {"sendspec_secret": "x"}, command=command).stdout == "[]\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.unlink(), "FILE_TOKEN: there is no file {} that can be read"),
        (lambda path: path.write_text(""), "FILE_TOKEN: {} is empty"),
        (lambda path: path.write_text("\n"), "FILE_TOKEN: {} is empty"),
        (lambda path: (path.unlink(), path.mkdir()), "FILE_TOKEN: {} cannot be read"),
    ],
    ids=["missing", "empty", "a line end", "a folder"],
)
def test_without_a_secret_nothing_starts_and_the_file_is_named(script, environment, tmp_path, change, said):
    path = tmp_path / "FILE_TOKEN"
    change(path)
    done = start(script, environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "with-secrets.sh: " + said.format(path)


def test_a_variable_that_names_no_file_is_named(script, environment):
    del environment["ENV_TOKEN_FILE"]
    assert start(script, environment).stderr == "with-secrets.sh: ENV_TOKEN_FILE is not set\n"


def test_without_a_command_it_says_what_is_missing(script, environment):
    done = start(script, environment, command=())
    assert (done.returncode, done.stderr) == (1, "with-secrets.sh: name the command that starts the app\n")


def test_no_secret_is_an_argument_of_a_program(script, environment, tmp_path):
    """The one program that is started to read a file writes down what it was given."""
    (tmp_path / "bin").mkdir()
    recorder = tmp_path / "bin" / "cat"
    recorder.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/seen\nexec /bin/cat "$@"\n', encoding="utf-8")
    recorder.chmod(0o755)
    done = start(script, environment | {"PATH": f"{tmp_path}/bin:{environment['PATH']}"})
    assert done.stdout == repr(NASTY)
    assert (tmp_path / "seen").read_text().split() == [str(tmp_path / name) for name in NAMES]


def test_systemd_gets_the_same_script_with_all_its_credentials(tmp_path):
    app = make_app(tmp_path / "specs")
    text = (write_delivery(app, "systemd", tmp_path) / "with-secrets.sh").read_text()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("read_secret ")] == [
        credential.env for credential in app.credentials()
    ]
