"""A real Exim in a folder of its own, set up by the words in the generated files."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority

from sendspec.model.setup import Setup

EXIM = Path(__file__).resolve().parents[3] / ".peers/exim/usr/sbin/exim4"
OWNER = "Debian-exim"
SECRETS = {"POSTMARK_SERVER_TOKEN": "4b2f-token", "SES_SMTP_USERNAME": NASTY_USER, "SES_SMTP_PASSWORD": NASTY_PASSWORD}
PLACES = """
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/pid
exim_path = {program}
"""


@dataclass(frozen=True)
class Exim:
    """An Exim instance: its folder, and the folder of the generated files."""

    folder: Path
    generated: Path

    @property
    def configuration(self) -> Path:
        """Give its configuration: the generated one, behind where its queue and log are."""
        return self.folder / "exim4.conf"

    @property
    def text(self) -> str:
        """Give the generated configuration."""
        return (self.generated / "exim4.conf").read_text(encoding="utf-8")

    @property
    def log(self) -> str:
        """Give the main log."""
        path = self.folder / "log" / "mainlog"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def words(self) -> tuple[str, ...]:
        """Give the command."""
        return (str(self.program), "-C", str(self.configuration))

    @property
    def program(self) -> Path:
        """Give its program: a copy where its own user may start it again, which a private checkout does not allow."""
        return self.folder / "exim4"

    def configure(self, trusted: Path, *changes: tuple[str, str]) -> None:
        """Put the generated configuration in place, with the places of a test in its macros."""
        text = self.text
        places = (
            ("= /etc/exim4/sendspec\n", f"= {self.folder}/sendspec\n"),
            ("SENDSPEC_AUTHORITIES = system\n", f"SENDSPEC_AUTHORITIES = {trusted}\n"),
        )
        for old, new in (*places, *changes):
            assert old in text, old
            text = text.replace(old, new)
        self.configuration.write_text(PLACES.format(folder=self.folder, program=self.program) + text, encoding="utf-8")

    def fill(self, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run the generated script. A variable that is None is unset."""
        variables = {"PATH": os.environ["PATH"], **SECRETS, **environment}
        return subprocess.run(
            ["sh", str(self.generated / "fill-secrets.sh"), str(self.folder / "sendspec"), OWNER],
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def run(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run it."""
        return subprocess.run(
            [*self.words, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False
        )

    def submit(self, sender: str, headers: str = "", *, recipient: str = "you@customer.test") -> None:
        """Hand in a message as an app does, and wait until it was tried once."""
        text = f"From: {sender}\n{headers}Subject: receipt\n\nbody\n"
        done = self.run("-odf", "-i", "-f", sender, recipient, text=text)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder that Exim's own user may enter; pytest's are for their owner alone."""
    folder = Path(tempfile.mkdtemp(prefix="sendspec-exim-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def make_exim(tmp_path: Path, authority: Authority) -> Iterator[Callable[..., Exim]]:
    """Give a function: setup and changes of the text -> an instance with the generated files in place and its secrets."""
    if not EXIM.exists():
        message = f"{EXIM} is missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    if os.geteuid() != 0:
        pytest.skip("Exim starts as root only")
    with ExitStack() as instances:

        def make(setup: Setup, *changes: tuple[str, str], secrets: dict[str, str] | None = None) -> Exim:
            folder = instances.enter_context(_folder())
            for name in ("spool", "log"):
                (folder / name).mkdir()
                shutil.chown(folder / name, OWNER, OWNER)
            shutil.copy(EXIM, folder / "exim4")
            shutil.copy(authority.bundle, folder / "authority.pem")
            generated = write_files(setup, "exim", tmp_path / folder.name) / "exim"
            exim = Exim(folder, generated)
            filled = exim.fill(**(secrets or {}))
            assert filled.returncode == 0, filled.stderr
            exim.configure(folder / "authority.pem", *changes)
            return exim

        yield make
