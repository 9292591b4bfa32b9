"""Files to write, and the tree that is there afterwards."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.render.manifest import manifest_file
from sendspec.render.places import Places


class FakePositions:
    """Every origin stands in one file, on the line its last number says."""

    def file_and_line(self, origin: Origin) -> tuple[str, int]:
        return "shop.yaml", next((part for part in reversed(origin.path) if isinstance(part, int)), 1)


FilesOf = Callable[[dict[str, str]], tuple[OutputFile, ...]]
Tree = Callable[[Path], dict[str, bytes | str | None]]
EMPTY_SETUP = Setup((), (), (), (), (), (), (), ())


def _files_of(contents: dict[str, str]) -> tuple[OutputFile, ...]:
    """Give output files with their manifest, as render_files does."""
    files = [OutputFile(path, text, (Origin(),), f"file {path}") for path, text in contents.items()]
    return (*files, manifest_file(EMPTY_SETUP, files, Places(FakePositions())))


def _tree(folder: Path) -> dict[str, bytes | str | None]:
    """Give everything below a folder: content of files, target of links, None for folders."""
    found: dict[str, bytes | str | None] = {}
    for root, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(root) / name
            shown = path.relative_to(folder).as_posix()
            if path.is_symlink():
                found[shown] = f"-> {path.readlink()}"
            else:
                found[shown] = path.read_bytes() if path.is_file() else None
    return found


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Give a place for the output folder, with nothing beside it."""
    return tmp_path / "place" / "output"


@pytest.fixture(scope="session")
def files_of() -> FilesOf:
    """Give `_files_of`."""
    return _files_of


@pytest.fixture(scope="session")
def tree() -> Tree:
    """Give `_tree`."""
    return _tree
