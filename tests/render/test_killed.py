import importlib.util
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

WRITER = Path(__file__).parent / "killed_writer.py"
COUNT = 300


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    specification = importlib.util.spec_from_file_location("killed_writer", WRITER)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_kill_between_any_two_steps_leaves_the_old_tree_or_the_new_one(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, WRITER, "steps", tmp_path / "place/output"], capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    exchanged, renamed = ran.stdout.splitlines()
    assert exchanged == "True new,old"
    # Without an atomic exchange there is a moment without any folder; never one with a mixture.
    assert renamed == "False new,nothing,old"


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_at_any_moment_leaves_the_old_tree_or_the_new_one(tmp_path: Path, writer: ModuleType, seed: int) -> None:
    chance = random.Random(seed)
    output = tmp_path / "place/output"
    writer.start(output, COUNT)
    seen = set()
    for _ in range(12):
        program = subprocess.Popen([sys.executable, WRITER, "write", output, "new"], stdout=subprocess.PIPE)
        assert program.stdout
        program.stdout.readline()
        time.sleep(chance.uniform(0, 0.12))
        program.send_signal(signal.SIGKILL)
        program.wait()
        program.stdout.close()
        seen.add(writer.state(output, COUNT))
    assert seen <= {"old", "new"}
    writer.write_output(output, writer.files("new", COUNT))
    assert writer.state(output, COUNT) == "new"
    assert [path.name for path in output.parent.iterdir()] == ["output"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_one_tree_and_what_the_next_run_clears(tmp_path: Path, writer: ModuleType, number: int) -> None:
    output = tmp_path / "place/output"
    writer.start(output, COUNT)
    handler = (
        "import signal, sys, runpy; from sendspec.cli import _terminate; signal.signal(signal.SIGTERM, _terminate)"
    )
    code = f"{handler}; sys.argv = sys.argv[1:]; runpy.run_path({str(WRITER)!r}, run_name='__main__')"
    for delay in (0.0, 0.01, 0.03, 0.05):
        program = subprocess.Popen(
            [sys.executable, "-c", code, WRITER, "write", output, "new"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert program.stdout
        program.stdout.readline()
        time.sleep(delay)
        program.send_signal(number)
        program.wait()
        program.stdout.close()
        assert writer.state(output, COUNT) in {"old", "new"}
    writer.write_output(output, writer.files("new", COUNT))
    assert [path.name for path in output.parent.iterdir()] == ["output"]
