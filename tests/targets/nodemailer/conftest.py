"""The generated module beside real nodemailer, and Node processes that send with it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority

from sendspec.model.setup import Setup

MODULES = Path(__file__).resolve().parents[3] / ".peers" / "node" / "node_modules"
NODE = Path(sys.executable).with_name("node")
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
    "AWS_ACCESS_KEY_ID": "AKIANOTREAL",
    "AWS_SECRET_ACCESS_KEY": "not/real",
}
SEND = """
import { createTransport } from "nodemailer";
import { transports, defaults } from "./nodemailer.mail.mjs";
const mailer = createTransport(transports[%(name)s], defaults[%(name)s]);
try {
  for (let n = 0; n < %(count)d; n++) await mailer.sendMail({ to: "you@customer.test", subject: "Grüße", text: "body" });
} catch (error) {
  console.log(error.code, error.responseCode, error.message);
  process.exitCode = 1;
}
mailer.close();
"""


@dataclass(frozen=True)
class Program:
    """A folder with the generated module."""

    folder: Path
    trusted: Path

    @property
    def text(self) -> str:
        """Give the generated module."""
        return (self.folder / "nodemailer.mail.mjs").read_text(encoding="utf-8")

    def run(self, *arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run node. A variable that is None is unset."""
        variables = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(self.trusted), **SECRETS, **environment}
        return subprocess.run(
            [str(NODE), *arguments],
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def evaluate(self, code: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run code as an ES module in the folder."""
        return self.run("--input-type=module", "--eval", code, **environment)

    def send(self, name: str, count: int = 1, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Send messages through one transport."""
        return self.evaluate(SEND % {"name": json.dumps(name), "count": count}, **environment)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_program(tmp_path: Path, authority: Authority) -> Callable[[Setup], Program]:
    """Give a function: setup -> the generated module, ready to run."""
    if not MODULES.is_dir():
        message = "nodemailer is missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    def make(setup: Setup) -> Program:
        folder = write_files(setup, "nodemailer", tmp_path / "output")
        if not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(MODULES)
        return Program(folder, authority.bundle)

    return make
