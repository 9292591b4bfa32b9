"""The generated sections, and a program that reads and sends as Grafana does, with the libraries Grafana has."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority

from sendspec.model.setup import Setup

PEER = Path(__file__).resolve().parents[3] / ".peers" / "go" / "grafana-peer"
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}
Sections = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Grafana:
    """The generated folder, and the certificates to trust."""

    folder: Path
    trusted: Path

    def read(self, *files: Path) -> list[Sections]:
        """Give what Grafana finds in each file."""
        done = self._run("read", *map(str, files))
        assert done.returncode == 0, done.stderr
        found: list[Sections] = json.loads(done.stdout)
        return found

    def send(self, name: str) -> subprocess.CompletedProcess[str]:
        """Send one message with a generated file."""
        return self._run("send", str(self.folder / f"{name}.ini"), "you@customer.test")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PEER), *arguments],
            env={**SECRETS, "SSL_CERT_FILE": str(self.trusted)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_grafana(tmp_path: Path, authority: Authority) -> Callable[[Setup], Grafana]:
    """Give a function: setup -> the generated folder."""
    if not PEER.is_file():
        message = "grafana-peer is missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    def make(setup: Setup, trusted: Path | None = None) -> Grafana:
        return Grafana(write_files(setup, "grafana", tmp_path / "output") / "grafana", trusted or authority.bundle)

    return make


@pytest.fixture
def read_values(make_grafana, tmp_path: Path) -> Callable[[Iterable[str]], list[str]]:
    """Give a function: lines `value = ...` -> what Grafana reads of each, in one process."""

    def read(lines: Iterable[str]) -> list[str]:
        files = []
        for number, line in enumerate(lines):
            files.append(tmp_path / f"{number}.ini")
            files[-1].write_text(f"[smtp]\n{line}\nbehind = it\n", encoding="utf-8")
        sections = Grafana(tmp_path, tmp_path).read(*files)
        assert all(found["smtp"]["behind"] == "it" for found in sections)
        return [found["smtp"]["value"] for found in sections]

    return read
