"""A small spec, and a toy world for it."""

from pathlib import Path

import pytest
import toy_world
from toy_world import SMALL, ToyWorld


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "spec.yaml").write_text(SMALL)
    return folder


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> ToyWorld:
    found = ToyWorld()
    toy_world.enter(monkeypatch, found)
    return found
