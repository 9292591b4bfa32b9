"""Running a program that may do anything."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sendspec.model.secret import Unresolved
from sendspec.stores.command import Program, Symptom, run
from sendspec.stores.value import MAX_OCTETS

TOOL = Program("tool", "the tool", "https://tool.test/", (Symptom(("locked",), "the tool is locked", "unlock it"),))


def test_arguments_arrive_as_they_are_and_no_shell_reads_them(install, surroundings):
    install("tool", "print(sys.argv[1:], end='')")
    arguments = ("a b", "$(touch /tmp/x)", "'; exit 1 #", "*", "")
    assert run(TOOL, arguments, surroundings) == repr(list(arguments)).encode()


@pytest.fixture
def typed_input() -> Iterator[None]:
    """Let something wait on this process's standard input."""
    kept = os.dup(0)
    read_end, write_end = os.pipe()
    os.write(write_end, b"typed")
    os.dup2(read_end, 0)
    os.close(write_end)
    yield
    os.dup2(kept, 0)
    os.close(read_end)
    os.close(kept)


def test_what_is_typed_to_us_is_not_read_by_the_program(install, surroundings, typed_input):
    install("tool", "print(repr(os.read(0, 10)), end='')")
    assert run(TOOL, (), surroundings) == b"b''"


def test_the_program_sees_the_environment_but_what_would_change_its_output(install, surroundings):
    install("tool", "print(os.environ.get('TOKEN'), os.environ.get('FORM'), end='')")
    given = replace(surroundings, environment={**surroundings.environment, "TOKEN": "t", "FORM": "json"})
    assert run(replace(TOOL, unset=frozenset({"FORM"})), (), given) == b"t None"


def test_a_program_that_hangs_is_ended_with_its_children(install, surroundings, tmp_path, unresolved):
    install(
        "tool",
        "import subprocess, time\n"
        "child = subprocess.Popen(['/bin/sleep', '60'])\n"
        "open('child', 'w').write(str(child.pid))\n"
        "time.sleep(60)\n",
    )
    found = unresolved(run(TOOL, ("read",), replace(surroundings, program_seconds=1.0)))
    assert found.reason == "`tool` did not answer in 1 s"
    assert has_ended(int((tmp_path / "child").read_text()))


def has_ended(pid: int) -> bool:
    """Tell whether a process is gone, or only waits for somebody to ask how it ended."""
    for _ in range(100):
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except FileNotFoundError:
            return True
        if status.rpartition(") ")[2].startswith("Z"):
            return True
        time.sleep(0.05)
    return False


def test_a_program_that_closes_its_output_and_lives_on_is_ended_too(install, surroundings, unresolved):
    install("tool", "import time\nos.close(1)\nos.close(2)\ntime.sleep(60)")
    found = unresolved(run(TOOL, (), replace(surroundings, program_seconds=0.5)))
    assert found.reason == "`tool` did not answer in 0.5 s"


def test_a_daemon_that_keeps_the_output_open_is_not_waited_for(install, surroundings):
    install("tool", "import subprocess\nsubprocess.Popen(['/bin/sleep', '5'])\nprint('hunter2', end='')")
    started = time.monotonic()
    assert run(TOOL, (), surroundings) == b"hunter2"
    assert time.monotonic() - started < 4


def test_output_without_end_is_cut_off(install, surroundings, unresolved):
    install("tool", "while True: os.write(1, b'hunter2' * 10_000)")
    assert unresolved(run(TOOL, (), surroundings)).reason == f"`tool` wrote more than {MAX_OCTETS:,} octets"


def test_errors_without_end_do_not_fill_the_memory_nor_hide_the_value(install, surroundings):
    install("tool", "os.write(2, b'e' * 10_000_000)\nprint('hunter2', end='')")
    assert run(TOOL, (), surroundings) == b"hunter2"


def test_a_known_phrase_gives_our_words_and_the_rest_stays_unseen(install, surroundings):
    install("tool", "sys.exit('[ERROR] Locked; the password was hunter2')")
    assert run(TOOL, (), surroundings) == Unresolved("the tool is locked", "unlock it")


def test_a_program_that_dies_by_a_signal_is_a_failure(install, surroundings, unresolved):
    install("tool", "print('hunter2', flush=True)\nos.kill(os.getpid(), 11)")
    assert unresolved(run(TOOL, (), surroundings)).reason == "`tool` failed with status -11"


@pytest.mark.parametrize("source", [b"\x7fELF but not really", b""])
def test_a_file_that_is_no_program_is_no_exception(bin_folder, surroundings, unresolved, source):
    (bin_folder / "tool").write_bytes(source)
    (bin_folder / "tool").chmod(0o755)
    assert unresolved(run(TOOL, (), surroundings)).reason == "`tool` cannot be started"


def test_an_argument_that_no_program_can_have_is_no_exception(install, surroundings, unresolved):
    install("tool", "")
    assert unresolved(run(TOOL, ("a\0b",), surroundings)).reason == "`tool` cannot be started"


def test_a_folder_of_that_name_is_no_program(bin_folder, surroundings, unresolved):
    (bin_folder / "tool").mkdir()
    assert unresolved(run(TOOL, (), surroundings)).reason == "the program `tool` is not installed"


def open_files() -> set[str]:
    return {file.name for file in Path("/proc/self/fd").iterdir()}


def test_no_file_stays_open(install, surroundings):
    install("tool", "print('x')")
    run(TOOL, (), surroundings)
    before = open_files()
    run(TOOL, (), surroundings)
    assert open_files() == before


def test_a_program_reads_what_it_is_given_to_the_end(install, surroundings):
    install("tool", "text = sys.stdin.read()\nprint(len(text), text[-3:], sys.argv[1:], end='')")
    given = ("x" * 300_000 + "end").encode()
    assert run(TOOL, (), surroundings, given=given) == b"300003 end []"


@pytest.mark.parametrize("source", ["os.close(0)\nprint('done', end='')", "print('done', end='')"])
def test_a_program_that_reads_nothing_of_what_it_is_given_ends_all_the_same(install, surroundings, source):
    install("tool", source)
    assert run(TOOL, (), surroundings, given=b"x" * 300_000) == b"done"


def test_a_program_that_neither_reads_nor_ends_is_ended(install, surroundings, unresolved):
    install("tool", "import time\ntime.sleep(60)")
    found = unresolved(run(TOOL, ("put",), replace(surroundings, program_seconds=0.5), given=b"hunter2" * 100_000))
    assert "did not answer" in found.reason
    assert "hunter2" not in repr(found)
