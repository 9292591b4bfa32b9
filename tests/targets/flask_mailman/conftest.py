"""The generated settings in a real Flask application."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mail_servers import Authority
from python_mail import Module, make_module

from sendspec.model.setup import Setup

SEND = """
import json, sys
from importlib import import_module
from flask import Flask
from flask_mailman import EmailMessage, Mail
apps, connections = {}, {}
for step in json.loads(sys.argv[1]):
    name = step.get("module", "flask_mail_settings")
    if name not in apps:
        apps[name] = Flask("shop")
        apps[name].config.from_object(name)
        Mail(apps[name])
    try:
        with apps[name].app_context():
            words = import_module(name).mail_stream(step["stream"], **step.get("more", {})) if step["stream"] else {}
            if step.get("same"):
                words["connection"] = connections.setdefault(name, words["connection"])
            for key in ("username", "password"):
                if key in step:
                    setattr(words["connection"], key, step[key])
            EmailMessage("hi", "b", to=["you@customer.test"], **words).send()
        print(json.dumps("sent"))
    except Exception as trouble:
        print(json.dumps(f"{type(trouble).__name__} {trouble}"))
"""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_flask(tmp_path: Path, authority: Authority) -> Callable[..., Module]:
    """Give a function: setup -> the generated module beside Flask."""

    def make(setup: Setup, trusted: Path | None = None, folder: str = "output") -> Module:
        return make_module(
            setup,
            "flask-mailman",
            "flask_mail_settings.py",
            SEND,
            tmp_path / folder,
            trusted or authority.bundle,
        )

    return make
