"""A Django project of each version in a folder, and real Django processes that send with it."""

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

REPOSITORY = Path(__file__).resolve().parents[3]
DJANGO_6_1 = REPOSITORY / ".peers" / "django-6.1"
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
    "SENDGRID_API_KEY": "SG.not.real",
    "AWS_ACCESS_KEY_ID": "AKIANOTREAL",
    "AWS_SECRET_ACCESS_KEY": "not/real",
}
SETTINGS = """
SECRET_KEY = "for tests"
INSTALLED_APPS = ["anymail"]
DATABASES = {}
from %s import *
"""


@dataclass(frozen=True)
class Project:
    """A project with generated settings. `module` is the generated file's name without its suffix."""

    folder: Path
    module: str
    command: tuple[str, ...]
    python_path: tuple[str, ...]
    trusted: Path

    @property
    def text(self) -> str:
        """Give the generated settings."""
        return (self.folder / f"{self.module}.py").read_text(encoding="utf-8")

    def run(
        self, *arguments: str, more_settings: str = "", **environment: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run one management command in a process of its own. A variable that is None is unset."""
        (self.folder / "settings.py").write_text(SETTINGS % self.module + more_settings, encoding="utf-8")
        variables = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": os.pathsep.join([str(self.folder), *self.python_path]),
            "SSL_CERT_FILE": str(self.trusted),
            **SECRETS,
            **environment,
        }
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def send(self, stream: str, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Send one message through a route the way the generated file says."""
        code = (
            "from django.conf import settings; from django.core.mail import EmailMessage, get_connection;"
            f"message = EmailMessage('Grüße', 'body', settings.MAIL_FROM[{stream!r}], ['you@customer.test'],"
            f" headers=settings.MAIL_HEADERS[{name!r}]"
        )
        if self.module == "django_mail":
            code += f", connection=get_connection(**settings.MAIL_CONNECTIONS[{name!r}])); print(message.send())"
        else:
            code += f"); print(message.send(using={name!r}))"
        return self.run("shell", "-c", code, **more)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=["django_mail", "django_mailers"], ids=["5.2", "6.1"])
def make_project(request, tmp_path: Path, authority: Authority) -> Callable[[Setup], Project]:
    """Give a function: setup -> project, once with the Django before 6.1 and once with 6.1."""
    strict = (sys.executable, "-W", "error", "-X", "utf8")
    command, python_path = (*strict, "-m", "django"), ()
    if request.param == "django_mailers":
        if not DJANGO_6_1.is_dir():
            message = "Django 6.1 is missing: run 'make peers'"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
        command = (*strict, str(REPOSITORY / "tests" / "support" / "django_6_1.py"))
        python_path = (str(DJANGO_6_1),)

    def make(setup: Setup) -> Project:
        folder = write_files(setup, "django", tmp_path / "output")
        return Project(folder, request.param, command, python_path, authority.bundle)

    return make
