"""The generated module, and Airflow's own SMTP provider that sends with its connections."""

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

PACKAGES = Path(__file__).resolve().parents[3] / ".peers" / "airflow"
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}
SEND = """
import sys
from mail_connections import EMAIL
from airflow.providers.smtp.operators.smtp import EmailOperator
for number, name in enumerate(sys.argv[1:]):
    operator = EmailOperator(task_id=f"t{number}", to="you@customer.test", subject=name, html_content="b", **EMAIL[name])
    try:
        operator.execute({})
    except Exception as trouble:
        print(name, type(trouble).__name__, trouble)
"""


@dataclass(frozen=True)
class Airflow:
    """The generated folder, and the certificates to trust."""

    folder: Path
    trusted: Path

    @property
    def text(self) -> str:
        """Give the generated module."""
        return (self.folder / "mail_connections.py").read_text(encoding="utf-8")

    def send(self, *names: str) -> subprocess.CompletedProcess[str]:
        """Send a message through each connection, in one process; what goes wrong is printed."""
        (self.folder / "send.py").write_text(SEND, encoding="utf-8")
        return self.shell(f'eval "$(python mail_connections.py)" && python send.py {" ".join(names)}')

    def shell(self, command: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Run a command of the shell. A variable that is None is unset."""
        variables = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{PACKAGES}:{self.folder}",
            "AIRFLOW_HOME": str(self.folder / "home"),
            "SSL_CERT_FILE": str(self.trusted),
            **SECRETS,
            **environment,
        }
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_airflow(tmp_path: Path, authority: Authority) -> Callable[..., Airflow]:
    """Give a function: setup -> the generated folder."""
    if not PACKAGES.is_dir():
        message = "Airflow's SMTP provider is missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    def make(setup: Setup, trusted: Path | None = None) -> Airflow:
        return Airflow(write_files(setup, "airflow", tmp_path / "output") / "airflow", trusted or authority.bundle)

    return make
