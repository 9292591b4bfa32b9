"""Generated files beside real Symfony, whose own kernel loads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority
from php_peers import Php, find_php

from sendspec.model.setup import Setup

SCRIPT = Path(__file__).with_name("send.php")
PARTS = ("Bundle/FrameworkBundle", "Component/Mailer/Bridge/Amazon", "Component/Mailer/Bridge/Postmark")
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
    "SENDGRID_API_KEY": "SG.not-real",
}


@dataclass
class Case:
    """An app: its generated folder, what it sends, and its secrets."""

    folder: Path
    sends: Sequence[Mapping[str, str]]
    env: Mapping[str, str] = field(default_factory=lambda: SECRETS)

    @property
    def text(self) -> str:
        """Give the generated mailer.yaml."""
        return (self.folder / "mailer.yaml").read_text(encoding="utf-8")


@dataclass
class Symfony:
    """Symfony in one PHP process for any number of apps."""

    php: Php
    folder: Path
    count: int = 0

    def case(self, setup: Setup, *sends: Mapping[str, str], **env: str) -> Case:
        """Write the files of an app."""
        self.count += 1
        folder = write_files(setup, "symfony", self.folder / f"app-{self.count}") / "symfony"
        return Case(folder, sends, {**SECRETS, **env})

    def send(self, *cases: Case) -> list[list[str]]:
        """Boot each app and send its messages; gives for each app what came of each message: `sent` or an error."""
        asked = []
        for case in cases:
            path = case.folder / "MailStreams.php"
            asked.append(
                {
                    "yaml": str(case.folder / "mailer.yaml"),
                    "class": str(path) if path.exists() else None,
                    "env": case.env,
                    "sends": case.sends,
                }
            )
        found: list[list[str]] = self.php.ask(SCRIPT, asked)
        return found


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def symfony(find_tool: Callable[[str], str], authority: Authority, tmp_path: Path) -> Symfony:
    """Give Symfony, ready to send."""
    return Symfony(
        find_php(find_tool, authority, tmp_path, *(f"Symfony/{part}/autoload.php" for part in PARTS)), tmp_path
    )
