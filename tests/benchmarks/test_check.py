"""The benchmark of the whole check runs, and both programs find what is there."""

import re
import subprocess
import sys


def test_a_small_run_prints_both_programs_with_their_ratio(repository, find_tool):
    for tool in ("nsd", "unbound"):
        find_tool(tool)
    command = [sys.executable, str(repository / "benchmarks" / "check.py")]
    options = ["--domains", "2", "--delay", "0", "--repeat", "1"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^\| 2 \| 0 \| ([a-z ]+?) \| [\d.]+ \| [\d.]+ \| \d+ \|", done.stdout, re.MULTILINE)
    assert rows == ["sendspec check", "checkdmarc"]
