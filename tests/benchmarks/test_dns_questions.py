"""The DNS benchmark runs, and everything that it asks is answered as declared."""

import re
import subprocess
import sys


def test_a_small_run_prints_every_program_with_nothing_lost_or_wrong(repository, find_tool):
    find_tool("nsd")
    command = [sys.executable, str(repository / "benchmarks" / "dns_questions.py")]
    options = ["--domains", "40", "--sample", "100", "--sample-delayed", "5", "--delay", "10", "--loss", "5"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    assert len({len(row) for row in cells}) == 1
    rows = [(delay, loss, program, asked) for delay, loss, program, asked, *_ in cells[2:]]
    assert rows == [
        ("0 ms", "0 %", "dnspython one by one", "100"),
        ("0 ms", "0 %", "sendspec", "320"),
        ("10 ms", "0 %", "dnspython one by one", "5"),
        ("10 ms", "0 %", "sendspec", "320"),
        ("0 ms", "5 %", "sendspec", "320"),
        ("10 ms", "5 %", "sendspec", "320"),
    ]
    assert [row[8] for row in cells[2:]] == ["0"] * 6
    assert [bool(re.fullmatch(r"1/\d+", row[10])) for row in cells[2:]] == [False, True, False, True, False, False]
