"""The generated folder, completed by its own script, and an Alertmanager that reads it."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from alertmanager_peers import Alertmanager, alertmanager, offer_plain_alone
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority

from sendspec.model.setup import Setup

SECRETS = {
    "ALERTMANAGER_TO": "you@customer.test",
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}
Run = Callable[..., AbstractContextManager[Alertmanager]]


@dataclass(frozen=True)
class Folder:
    """The generated files and where the script writes the finished ones."""

    generated: Path
    finished: Path

    @property
    def text(self) -> str:
        """Give the generated configuration."""
        return (self.generated / "alertmanager.yml").read_text(encoding="utf-8")

    @property
    def configuration(self) -> Path:
        """Give the path of the finished configuration."""
        return self.finished / "alertmanager.yml"

    def fill(self, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run the script. A variable that is None is unset."""
        variables = {"PATH": os.environ["PATH"], **SECRETS, **environment}
        return subprocess.run(
            ["/bin/sh", str(self.generated / "fill-alertmanager.sh"), str(self.finished)],
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def at_once(self, receiver: str) -> None:
        """Send alerts at once to one receiver: the tree of routes is the user's own, and the file's waits half a minute."""
        text = self.configuration.read_text(encoding="utf-8")
        whole = re.sub(
            r"(?<=^route:\n)  receiver: .*\n", f'  receiver: "{receiver}"\n  group_wait: 0s\n', text, flags=re.MULTILINE
        )
        assert whole.count("group_wait") == 1
        self.configuration.write_text(whole, encoding="utf-8")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[[Setup], Folder]:
    """Give a function: setup -> the generated folder, with an empty one beside it for the finished files."""

    def make(setup: Setup) -> Folder:
        folder = Folder(write_files(setup, "alertmanager", tmp_path / "output") / "alertmanager", tmp_path / "etc")
        folder.finished.mkdir(exist_ok=True)
        return folder

    return make


@pytest.fixture
def run(
    find_tool: Callable[[str], str], authority: Authority, make_folder: Callable[[Setup], Folder], monkeypatch
) -> Run:
    """Give a function: setup and receiver -> a running Alertmanager that sends its alerts there."""
    offer_plain_alone(monkeypatch)

    @contextmanager
    def started(setup: Setup, receiver: str = "codes", trusted: Path | None = None) -> Iterator[Alertmanager]:
        folder = make_folder(setup)
        done = folder.fill()
        assert done.returncode == 0, done.stderr
        folder.at_once(receiver)
        with alertmanager(find_tool, folder.configuration, trusted or authority.bundle) as running:
            yield running

    return started
