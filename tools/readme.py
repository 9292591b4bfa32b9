"""Rewrite what commands print in README.md, or `--check` that it is what they print.

A block below `<!-- output: COMMAND -->` holds the output of COMMAND, a `sendspec` command run in the repository.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
README = REPOSITORY / "README.md"
BLOCK = re.compile(r"(<!-- output: sendspec (?P<command>.+?) -->\n```text\n).*?(```\n)", re.DOTALL)


def output_of(command: str) -> str:
    """Run a sendspec command as a terminal of 100 columns shows it. Ends the program where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "sendspec", *shlex.split(command)],
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"sendspec {command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Rewrite the README, or compare."""
    old = README.read_text(encoding="utf-8")
    new = BLOCK.sub(lambda block: f"{block[1]}{output_of(block['command'])}{block[3]}", old)
    if sys.argv[1:] == ["--check"]:
        if new != old:
            sys.exit("README.md shows old output of a command: run make docs")
    else:
        README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
