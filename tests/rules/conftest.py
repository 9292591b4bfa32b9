"""Specs for rules: a file is a spec, `<same name>.lock.yaml` its lock file, and comments say what must be found where."""

import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from sendspec.model.finding import Severity
from sendspec.pipeline import validate

FOLDER = Path(__file__).resolve().parent
EXPECTED = re.compile(r"# finding: (?P<rules>[a-z0-9, -]+)$")
TODAY = re.compile(r"# today: (?P<day>[0-9-]{10})$", re.MULTILINE)
LOCK_SUFFIX = ".lock.yaml"


@dataclass(frozen=True)
class Fixture:
    """One spec below `tests/rules/<subject>/<rule>/`."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.relative_to(FOLDER).as_posix()

    @property
    def rule(self) -> str:
        subject, rule, _ = self.path.relative_to(FOLDER).parts
        return f"{subject}-{rule}".replace("_", "-")

    @property
    def lock(self) -> Path:
        return self.path.with_name(self.path.stem + LOCK_SUFFIX)

    @property
    def today(self) -> date | None:
        match = TODAY.search(self.path.read_text(encoding="utf-8"))
        return date.fromisoformat(match["day"]) if match else None

    def expected(self) -> set[tuple[str, int, str]]:
        """Give (file name, line, rule id) of every finding that comments ask for."""
        return _expected(self.path, "spec.yaml") | _expected(self.lock, "sendspec.lock.yaml")

    def found(self, folder: Path) -> set[tuple[str, int, str]]:
        """Give the findings of all rules: errors and warnings, and infos of rules that this fixture is about."""
        shutil.copy(self.path, folder / "spec.yaml")
        if self.lock.exists():
            shutil.copy(self.lock, folder / "sendspec.lock.yaml")
        asked = {rule for _, _, rule in self.expected()} | {self.rule}
        return {
            (Path(finding.where.file).name, finding.where.line, finding.rule)
            for finding in validate(folder, self.today).findings
            if finding.where and (finding.severity is not Severity.INFO or finding.rule in asked)
        }


def _expected(path: Path, name: str) -> set[tuple[str, int, str]]:
    if not path.exists():
        return set()
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    matches = ((number, match) for number, line in lines if (match := EXPECTED.search(line)))
    return {(name, number, rule.strip()) for number, match in matches for rule in match["rules"].split(",")}


def fixtures() -> list[Fixture]:
    return [Fixture(path) for path in sorted(FOLDER.glob("*/*/*.yaml")) if not path.name.endswith(LOCK_SUFFIX)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fixture" in metafunc.fixturenames:
        metafunc.parametrize("fixture", fixtures(), ids=lambda fixture: fixture.id)


@pytest.fixture(scope="session")
def all_fixtures() -> list[Fixture]:
    return fixtures()
