"""Stores as tests meet them: surroundings of their own, and stand-ins for the commands of stores on a PATH of their own."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores import aws
from sendspec.stores.interface import Surroundings


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """Give the one folder of the PATH in `surroundings`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def surroundings(tmp_path: Path, bin_folder: Path) -> Surroundings:
    return Surroundings({"PATH": str(bin_folder), "LANG": "C.UTF-8"}, tmp_path, program_seconds=10.0)


@pytest.fixture
def install(bin_folder: Path) -> Callable[[str, str], None]:
    """Give a function that puts a program of this name and Python source on the PATH."""

    def write(name: str, source: str) -> None:
        program = bin_folder / name
        program.write_text(f"#!{sys.executable} -IS\nimport os, sys\n{source}", encoding="utf-8")
        program.chmod(0o755)

    return write


def revealed(found: Secret | Unresolved) -> str:
    assert isinstance(found, Secret), found
    return found.reveal()


def unresolved(found: Secret | Unresolved) -> Unresolved:
    assert isinstance(found, Unresolved), "a value was given"
    assert found.fix
    assert not found.reason.endswith(".")
    return found


@pytest.fixture(name="revealed")
def give_revealed() -> Callable[[Secret | Unresolved], str]:
    return revealed


@pytest.fixture(name="unresolved")
def give_unresolved() -> Callable[[Secret | Unresolved], Unresolved]:
    return unresolved


@pytest.fixture
def aws_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment without any AWS settings of this machine, and a session that has seen nothing else."""
    for name in tuple(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    forget_aws()
    yield monkeypatch
    forget_aws()


def forget_aws() -> None:
    aws._client.cache_clear()
    aws._session.cache_clear()
