"""The SMTP benchmark runs, and both programs see the same."""

import re
import subprocess
import sys


def test_a_small_run_prints_both_programs_with_their_ratio(repository):
    command = [
        sys.executable,
        repository / "benchmarks" / "smtp.py",
        "--endpoints",
        "3",
        "--delay",
        "2",
        "--repeat",
        "1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(
        r"^\| 3 \| 2 ms \| (.+?) \| [\d.]+ \| [\d.]+ \| (?:1/\d+ \| [\d.]+ )?\|", done.stdout, re.MULTILINE
    )
    assert rows == ["sendspec check, SMTP", "smtplib, one by one"]
