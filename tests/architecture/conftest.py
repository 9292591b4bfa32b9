"""The package as data: every module, its syntax tree and its place."""

import ast
import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

import sendspec

PACKAGE = Path(sendspec.__file__).parent


@dataclass(frozen=True)
class SourceFile:
    """A module of the package: its path below `generator/sendspec` with forward slashes, and its syntax tree."""

    path: str
    tree: ast.Module


@pytest.fixture(scope="session")
def sources() -> tuple[SourceFile, ...]:
    """Give every module of the package, sorted by path."""
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple(
        SourceFile(file.relative_to(PACKAGE).as_posix(), ast.parse(file.read_text(encoding="utf-8"))) for file in files
    )


@pytest.fixture(scope="session")
def modules() -> dict[str, ModuleType]:
    """Give every module of the package, imported, by dotted name; `__main__` would run the program."""
    names = [found.name for found in pkgutil.walk_packages(sendspec.__path__, "sendspec.")]
    return {name: importlib.import_module(name) for name in names if not name.endswith("__main__")}
