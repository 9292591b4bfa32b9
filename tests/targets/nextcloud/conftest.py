"""The generated file beside a config.php, read by PHP and used as Nextcloud uses it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from app_setups import write_files
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority
from php_peers import Php, find_php

from sendspec.model.setup import Setup

SCRIPT = Path(__file__).with_name("send.php")
SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}


@dataclass(frozen=True)
class Nextcloud:
    """Nextcloud's folder config/ with one generated file in it."""

    php: Php
    folder: Path

    def use(self, *, send: bool, **environment: str) -> dict[str, Any]:
        """Give what Nextcloud would write into config.php, its NC_ variables, and the error of sending."""
        question = json.dumps({"folder": f"{self.folder}/", "send": send})
        done = self.php.run(str(SCRIPT), text=question, **{**SECRETS, **environment})
        assert done.returncode == 0, done.stdout + done.stderr
        assert not done.stderr, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_nextcloud(find_tool, authority: Authority, tmp_path: Path) -> Callable[[Setup, str], Nextcloud]:
    """Give a function: setup and route -> Nextcloud with its file."""
    php = find_php(find_tool, authority, tmp_path, "Symfony/Component/Mailer/autoload.php")

    def make(setup: Setup, name: str) -> Nextcloud:
        config = tmp_path / "config"
        config.mkdir()
        (config / "config.php").write_text("<?php\n$CONFIG = ['own' => 'word', 'mail_smtphost' => 'old'];\n")
        file = write_files(setup, "nextcloud", tmp_path / "output") / "nextcloud" / f"{name}.config.php"
        (config / file.name).write_bytes(file.read_bytes())
        return Nextcloud(php, config)

    return make
