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
TIME = re.compile(r"\b[0-9]+\.[0-9]+ s\b")
"""How long something took: never the same twice, so it is not compared."""
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


def _block(block: re.Match[str]) -> str:
    """Give a block with what its command prints today; as it stands where only times differ."""
    shown = f"{block[1]}{output_of(block['command'])}{block[3]}"
    return block[0] if TIME.sub("", block[0]) == TIME.sub("", shown) else shown


def main() -> None:
    """Rewrite the README, or compare."""
    old = README.read_text(encoding="utf-8")
    new = BLOCK.sub(_block, old)
    if sys.argv[1:] == ["--check"]:
        if new != old:
            sys.exit("README.md shows old output of a command: run make docs")
    else:
        README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
