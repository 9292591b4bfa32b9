"""Generated Python modules beside the library they are for, from below .peers/web-mail, in processes of their own."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER

from sendspec.model.setup import Setup
from sendspec.model.stream import Mailbox

PACKAGES = Path(__file__).resolve().parents[2] / ".peers" / "web-mail"
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}


@dataclass(frozen=True)
class Module:
    """A folder with a generated module, and the certificates to trust. `sender` is a program that sends (see `send`)."""

    folder: Path
    file: str
    sender: str
    trusted: Path

    @property
    def text(self) -> str:
        """Give the generated module."""
        return (self.folder / self.file).read_text(encoding="utf-8")

    def send(self, *steps: object, **environment: str | None) -> list[str]:
        """Send in one process, a step after the other, and give what each came to: `sent`, or the error."""
        done = self.run(self.sender, json.dumps(steps), **environment)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def run(self, code: str, *arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run Python code where the module can be imported. A variable that is None is unset."""
        return self._start([sys.executable, "-c", code, *arguments], environment)

    def smoke_test(self) -> subprocess.CompletedProcess[str]:
        """Run the command in the module's header by a shell, as it stands there."""
        (line,) = (line for line in self.text.splitlines() if line.startswith("# Smoke test: "))
        return self._start(["/bin/sh", "-c", line.removeprefix("# Smoke test: ")], {})

    def _start(self, command: Iterable[str], environment: Mapping[str, str | None]) -> subprocess.CompletedProcess[str]:
        variables = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{PACKAGES}:{self.folder}",
            "SSL_CERT_FILE": str(self.trusted),
            **SECRETS,
            **environment,
        }
        return subprocess.run(
            list(command),
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def make_module(setup: Setup, target: str, file: str, sender: str, folder: Path, trusted: Path) -> Module:
    """Write a target's module. Skips, and where CI is set fails, when the libraries are not there."""
    if not PACKAGES.is_dir():
        message = "Flask-Mailman and fastapi-mail are missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return Module(write_files(setup, target, folder), file, sender, trusted)


def with_sender_name(setup: Setup, name: str) -> Setup:
    """Give the setup with another display name for every sender of its apps."""

    def renamed(binding):
        senders = tuple(
            dataclasses.replace(each, mailbox=Mailbox(name, each.mailbox.address)) for each in binding.stream.senders
        )
        return dataclasses.replace(binding, stream=dataclasses.replace(binding.stream, senders=senders))

    apps = (dataclasses.replace(app, bindings=tuple(map(renamed, app.bindings))) for app in setup.apps)
    return dataclasses.replace(setup, apps=tuple(apps))
