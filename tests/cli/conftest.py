"""The program as its users run it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def sendspec(tmp_path: Path) -> Run:
    """Give a function that runs the program in an empty folder of its own, with no SENDSPEC_ variable but those given."""

    def run(*arguments: object, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SENDSPEC_")}
        return subprocess.run(
            [sys.executable, "-m", "sendspec", *map(str, arguments)],
            cwd=tmp_path,
            env=clean | (environment or {}),
            capture_output=True,
            text=True,
            check=False,
        )

    return run
