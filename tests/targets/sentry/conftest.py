"""The generated end of sentry.conf.py, run by Python, and mail sent with its options as Sentry sends it."""

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

SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}
RUN = """
import json, sys
SENTRY_OPTIONS = {"mail.list-namespace": "localhost", "mail.from": "sentry@localhost", "own": "word"}
exec(compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec"))
"""
SEND = """
# As getsentry/sentry src/sentry/utils/email/send.py, get_connection (commit 2fc468f, read on 2026-11-26).
from django.conf import settings
settings.configure()
from django.core import mail
options = SENTRY_OPTIONS
connection = mail.get_connection(
    backend={"smtp": "django.core.mail.backends.smtp.EmailBackend"}[options["mail.backend"]],
    host=options["mail.host"], port=options["mail.port"],
    username=options["mail.username"], password=options["mail.password"],
    use_tls=options["mail.use-tls"], use_ssl=options["mail.use-ssl"], timeout=options["mail.timeout"],
)
mail.EmailMultiAlternatives("subject", "body", options["mail.from"], ["you@customer.test"], connection=connection).send()
"""
SHOW = "print(json.dumps(SENTRY_OPTIONS))"


@dataclass(frozen=True)
class Sentry:
    """The generated folder, and the certificates to trust."""

    folder: Path
    trusted: Path

    def options(self, name: str) -> dict[str, object]:
        """Give the options that a file leaves."""
        done = self.run(name, SHOW)
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def send(self, name: str) -> subprocess.CompletedProcess[str]:
        """Send one message."""
        return self.run(name, SEND)

    def run(self, name: str, code: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run a file, then code. A variable that is None is unset."""
        variables = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(self.trusted), **SECRETS, **environment}
        return subprocess.run(
            [sys.executable, "-c", RUN + code, str(self.folder / f"{name}.py")],
            env={key: value for key, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_sentry(tmp_path: Path, authority: Authority) -> Callable[[Setup], Sentry]:
    """Give a function: setup -> the generated folder."""
    return lambda setup, trusted=None: Sentry(
        write_files(setup, "sentry", tmp_path / "output") / "sentry", trusted or authority.bundle
    )
