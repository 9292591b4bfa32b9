"""The real readers of env files."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import dotenv
import pytest

Reader = Callable[[Path], Mapping[str, str]]
MODULES = Path(__file__).resolve().parents[3] / ".peers" / "node" / "node_modules"
NODE = str(Path(sys.executable).with_name("node"))
PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def _run(*command: str, folder: Path) -> Mapping[str, str]:
    """Run a program in an environment that holds next to nothing, and read the JSON it prints."""
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=bare, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _python_dotenv(file: Path) -> Mapping[str, str]:
    return {name: value or "" for name, value in dotenv.dotenv_values(stream=io.StringIO(file.read_text())).items()}


def _node_dotenv(file: Path) -> Mapping[str, str]:
    if not MODULES.is_dir():
        message = "dotenv for Node is missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    script = f"const {{parse}} = require({str(MODULES / 'dotenv')!r});"
    script += f"console.log(JSON.stringify(parse(require('fs').readFileSync({file.name!r}))))"
    return _run(NODE, "--eval", script, folder=file.parent)


def _node_env_file(file: Path) -> Mapping[str, str]:
    return _run(
        NODE, f"--env-file={file.name}", "--eval", "console.log(JSON.stringify(process.env))", folder=file.parent
    )


def _shell(shell: str) -> Reader:
    def read(file: Path) -> Mapping[str, str]:
        script = f"set -a; . ./{file.name}; set +a; exec {sys.executable} -c '{PRINT_ENVIRONMENT}'"
        return _run(shell, "-c", script, folder=file.parent)

    return read


READERS: dict[str, Reader] = {
    "python-dotenv": _python_dotenv,
    "node-dotenv": _node_dotenv,
    "node-env-file": _node_env_file,
    "bash": _shell("bash"),
    "sh": _shell("sh"),
}


@pytest.fixture(params=READERS, ids=READERS)
def read(request) -> Reader:
    """Give one reader: file -> variables."""
    return READERS[request.param]


@pytest.fixture
def readers() -> Mapping[str, Reader]:
    """Give all readers by name."""
    return READERS
