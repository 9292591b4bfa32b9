"""Java programs with the generated files: plain Jakarta Mail, and Spring Framework."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority

from sendspec.model.setup import Setup

JARS = Path(__file__).resolve().parents[3] / ".peers/java/usr/share/java"
JAKARTA = ("jakarta-mail.jar", "jakarta-activation.jar")
SPRING = (
    "javax.mail.jar",
    "javax.activation.jar",
    "spring3-core.jar",
    "spring3-beans.jar",
    "spring3-context.jar",
    "spring3-context.support.jar",
    "commons-logging.jar",
    "snakeyaml.jar",
)
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}


@dataclass(frozen=True)
class Java:
    """Compiled programs."""

    program: str
    classes: Path
    store: Path

    def run(self, peer: str, *commands: str, trusts: bool = True, **environment: str) -> list[list[str]]:
        """Run one program over many commands; each gives the words of its answer."""
        libraries = JAKARTA if peer == "JakartaPeer" else SPRING
        path = ":".join([str(self.classes), *(str(JARS / name) for name in libraries)])
        trust = [f"-Djavax.net.ssl.trustStore={self.store}", "-Djavax.net.ssl.trustStorePassword=changeit"]
        done = subprocess.run(
            [self.program, "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", path, *(trust if trusts else []), peer],
            input="".join(f"{command}\n" for command in commands),
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **SECRETS, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory, authority: Authority, find_tool: Callable[[str], str]) -> Java:
    """Give both programs, compiled, and Java that trusts the test's authority."""
    program, compiler, keytool = (find_tool(name) for name in ("java", "javac", "keytool"))
    if not JARS.is_dir():
        message = "Jakarta Mail and Spring are missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    folder = tmp_path_factory.mktemp("java")
    path = ":".join(str(JARS / name) for name in (*JAKARTA, *SPRING))
    sources = sorted(str(source) for source in Path(__file__).parent.glob("*.java"))
    subprocess.run([compiler, "-encoding", "UTF-8", "-nowarn", "-d", folder, "-cp", path, *sources], check=True)
    store = folder / "trusted.p12"
    importing = [keytool, "-importcert", "-noprompt", "-alias", "test", "-file", authority.bundle, "-keystore", store]
    subprocess.run([*importing, "-storepass", "changeit"], check=True, capture_output=True)
    return Java(program, folder, store)


@pytest.fixture
def write_spring(tmp_path: Path) -> Callable[[Setup], Path]:
    """Give a function: setup -> the folder of its files."""
    return lambda setup: write_files(setup, "spring", tmp_path / "output")
