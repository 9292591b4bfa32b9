"""A command that is not there yet says so, and what to do until then."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sendspec.cli.commands import cli
from sendspec.cli.planned import PLANNED

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("name", sorted(PLANNED))
def test_a_planned_command_is_a_wrong_command_line_with_a_way_out(sendspec: Run, name: str) -> None:
    ran = sendspec(name)
    assert ran.returncode == 64
    assert f"'{name}' comes with a later version: {PLANNED[name]}" in " ".join(ran.stderr.split())


def test_a_command_that_has_come_is_planned_no_longer() -> None:
    assert set(PLANNED).isdisjoint(cli.commands)


def test_no_message_sends_a_newcomer_to_a_command_that_is_not_there(sendspec: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        ran = sendspec("--spec", str(tmp_path / folder), "validate")
        assert ran.returncode == 1
        assert "examples/ of the repository" in ran.stdout
        assert "sendspec init" not in ran.stdout
