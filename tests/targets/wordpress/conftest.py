"""The must-use plugin beside real WordPress, whose own wp_mail() sends."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority
from php_peers import Php, find_php

from sendspec.model.setup import Setup

SCRIPT = Path(__file__).with_name("send.php")
WORDPRESS = Path(__file__).resolve().parents[3] / ".peers" / "wordpress" / "usr" / "share" / "wordpress"
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}


@dataclass
class Case:
    """A site: its generated folder, what it sends, and its secrets."""

    folder: Path
    sends: Sequence[Mapping[str, object]]
    env: Mapping[str, str]

    def text(self, name: str = "mail-settings.php") -> str:
        """Give a generated file."""
        return (self.folder / name).read_text(encoding="utf-8")


@dataclass
class WordPress:
    """WordPress in one PHP process for any number of sites."""

    php: Php
    folder: Path
    count: int = 0

    def case(self, setup: Setup, *sends: Mapping[str, object], **env: str) -> Case:
        """Write the files of a site."""
        self.count += 1
        folder = write_files(setup, "wordpress", self.folder / f"site-{self.count}") / "wordpress"
        return Case(folder, sends, {**SECRETS, **env})

    def send(self, *cases: Case) -> list[list[bool | str]]:
        """Send the messages of each site; gives for each message True, or why wp_mail() failed."""
        asked = [
            {"plugin": str(case.folder / "mail-settings.php"), "env": case.env, "sends": case.sends} for case in cases
        ]
        found: list[list[bool | str]] = self.php.ask(SCRIPT, asked, str(WORDPRESS))
        return found


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def wordpress(find_tool: Callable[[str], str], authority: Authority, tmp_path: Path) -> WordPress:
    """Give WordPress, ready to send."""
    if not WORDPRESS.is_dir():
        message = "WordPress is missing: run 'make peers'"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return WordPress(find_php(find_tool, authority, tmp_path), tmp_path)
