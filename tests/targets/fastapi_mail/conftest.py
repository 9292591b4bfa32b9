"""The generated module beside the real fastapi-mail."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mail_servers import Authority
from python_mail import Module, make_module

from sendspec.model.setup import Setup

SEND = """
import asyncio, json, sys
from importlib import import_module
from fastapi_mail import MessageSchema, MessageType
async def send(step):
    module = import_module(step.get("module", "fastapi_mail_settings"))
    mail, headers = module.mail_stream(step["stream"], **step.get("more", {}))
    await mail.send_message(MessageSchema(
        subject="hi", body="b", recipients=["you@customer.example"], subtype=MessageType.plain, headers=headers))
for step in json.loads(sys.argv[1]):
    try:
        asyncio.run(send(step))
        print(json.dumps("sent"))
    except Exception as trouble:
        print(json.dumps(f"{type(trouble).__name__} {trouble}"))
"""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make_fastapi(tmp_path: Path, authority: Authority) -> Callable[..., Module]:
    """Give a function: setup -> the generated module beside fastapi-mail."""

    def make(setup: Setup, trusted: Path | None = None, folder: str = "output") -> Module:
        return make_module(
            setup,
            "fastapi-mail",
            "fastapi_mail_settings.py",
            SEND,
            tmp_path / folder,
            trusted or authority.bundle,
        )

    return make
