"""The monitoring files of the shipped example, and of any spec a test writes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sendspec.model.output_file import OutputFile
from sendspec.pipeline import compile_folder, output_files

FilesOf = Callable[[str], dict[str, OutputFile]]


def monitoring(folder: Path) -> dict[str, OutputFile]:
    """Give the rendered files below monitoring/, by their path there."""
    return {
        file.path.removeprefix("monitoring/"): file
        for file in output_files(compile_folder(folder))
        if file.path.startswith("monitoring/")
    }


@pytest.fixture(scope="session")
def example(repository: Path) -> dict[str, OutputFile]:
    """Give the files of the example."""
    return monitoring(repository / "specs")


@pytest.fixture
def files_for(tmp_path: Path) -> FilesOf:
    """Give a function from the text of a spec to its files."""

    def render(text: str) -> dict[str, OutputFile]:
        folder = tmp_path / "specs"
        folder.mkdir(exist_ok=True)
        (folder / "shop.yaml").write_text(text, encoding="utf-8")
        return monitoring(folder)

    return render


@pytest.fixture(scope="session")
def example_folder(example: Mapping[str, OutputFile], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the example's files as they are."""
    folder = tmp_path_factory.mktemp("monitoring")
    for path, file in example.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.content, encoding="utf-8")
    return folder
