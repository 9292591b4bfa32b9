"""The program as people run it: another process, any folder, any environment."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def sendspec() -> Run:
    """Give a function that runs the command line with a small, known environment."""

    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", **environment}
        command = [sys.executable, "-m", "sendspec", *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, env=known, capture_output=True, text=True, check=False, timeout=120)

    return run


def tree(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder: path with forward slashes -> content."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="session")
def read_tree() -> Callable[[Path], dict[str, bytes]]:
    """Give `tree`, for tests cannot import this file."""
    return tree
