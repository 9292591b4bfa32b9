"""A copy of the repository in which make and sendspec run as in a fresh clone, with an environment already there."""

import importlib.util
import json
import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest
from env_readers import TOOLS, need
from jsonschema import Draft7Validator

PARTS = ("generator", "specs", "output", "tools", "Makefile", "README.md", "pyproject.toml", "constraints.txt")


def load_environment_script(path: Path):
    """Give tools/environment.py of a copy as a module."""
    spec = importlib.util.spec_from_file_location("environment", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def fresh_copy(repository, tmp_path):
    """Give the copy, in a folder with a blank in its name.

    Its .venv is a real one without pip: the packages of the environment that runs the tests, the copy's own sources,
    and the stamp that says so. Downloading them is what CI proves on its fresh clone.
    """
    copy = tmp_path / "a fresh clone"
    copy.mkdir()
    for part in PARTS:
        source = repository / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / part)
    venv.create(copy / ".venv", with_pip=False, symlinks=True)
    packages = next((copy / ".venv" / "lib").glob("python*")) / "site-packages"
    (packages / "copy.pth").write_text(f"{copy / 'generator'}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    command = copy / ".venv" / "bin" / "sendspec"
    command.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m sendspec "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = load_environment_script(copy / "tools" / "environment.py")
    environment.STAMP.write_text(environment.wanted_stamp("dev"), encoding="utf-8")
    return copy


@pytest.fixture
def shell(fresh_copy, find_tool):
    """Give a function that runs shell text in the copy, with nothing of this process's environment but PATH."""
    bash = find_tool("bash")
    find_tool("make")

    def run(text: str, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH": os.environ["PATH"], "HOME": str(fresh_copy.parent), "LC_ALL": "C.UTF-8", **environment}
        return subprocess.run(
            [bash, "-euo", "pipefail", "-c", text],
            cwd=fresh_copy,
            env=known,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def ci_schema():
    """Give a function from a name to the schema that check-jsonschema ships."""

    def load(name: str) -> Draft7Validator:
        file = TOOLS / "check_jsonschema" / "builtin_schemas" / "vendor" / f"{name}.json"
        need(file, "the schema of CI systems' files")
        return Draft7Validator(json.loads(file.read_text(encoding="utf-8")))

    return load
