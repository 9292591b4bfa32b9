"""The shipped example with its ESPs standing in."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from esp_worlds import World

from sendspec.model.setup import Setup
from sendspec.pipeline import compile_folder

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def example() -> Setup:
    return compile_folder(REPOSITORY / "specs").setup


@pytest.fixture
def world(example: Setup) -> World:
    """Give the example's ESPs, as the example declares them."""
    return World(example)


@pytest.fixture
def variant(tmp_path: Path) -> Callable[..., World]:
    """Give a function that makes the ESPs of the example with texts replaced that must be there."""

    def make(*changes: tuple[str, str]) -> World:
        folder = tmp_path / "specs"
        shutil.copytree(REPOSITORY / "specs", folder)
        spec = next(file for file in folder.glob("*.yaml") if "streams:" in file.read_text(encoding="utf-8"))
        text = spec.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        spec.write_text(text, encoding="utf-8")
        return World(compile_folder(folder).setup)

    return make
