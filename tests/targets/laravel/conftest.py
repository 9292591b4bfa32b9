"""Generated files beside PHP, Laravel's readers and Symfony's transports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority
from php_peers import Php, find_php

from sendspec.model.setup import Setup

SCRIPT = Path(__file__).with_name("send.php")
LIBRARIES = ("Dotenv", "Illuminate/Config", "Illuminate/Support", "Symfony/Component/Mailer/Bridge/Postmark")
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}


@dataclass
class Case:
    """An app: its generated folder, what it sends, and its secrets."""

    folder: Path
    sends: Sequence[Mapping[str, str]]
    env: Mapping[str, str]
    postmark: str = ""

    def text(self, name: str = "mail.php") -> str:
        """Give a generated file."""
        return (self.folder / name).read_text(encoding="utf-8")


@dataclass
class Laravel:
    """What there is of Laravel, in one PHP process for any number of apps."""

    php: Php
    folder: Path
    count: int = 0

    def case(self, setup: Setup, *sends: Mapping[str, str], postmark: str = "", **env: str) -> Case:
        """Write the files of an app. `postmark` is where its API is, as `host:port`."""
        self.count += 1
        folder = write_files(setup, "laravel", self.folder / f"app-{self.count}") / "laravel"
        return Case(folder, sends, {**SECRETS, **env}, postmark)

    def send(self, *cases: Case) -> list[list[str]]:
        """Send the messages of each app; gives for each app what came of each message: `sent` or an error."""
        asked = []
        for case in cases:
            listener = case.folder / "SetMailHeaders.php"
            asked.append(
                {
                    "config": str(case.folder / "mail.php"),
                    "listener": str(listener) if listener.exists() else None,
                    "env": case.env,
                    "postmark": case.postmark,
                    "sends": case.sends,
                }
            )
        found: list[list[str]] = self.php.ask(SCRIPT, asked)
        return found


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def laravel(find_tool: Callable[[str], str], authority: Authority, tmp_path: Path) -> Laravel:
    """Give what there is of Laravel, ready to send."""
    return Laravel(find_php(find_tool, authority, tmp_path, *(f"{each}/autoload.php" for each in LIBRARIES)), tmp_path)
