"""One Postmark account with a stream of every sort."""

from collections.abc import Callable

import pytest
from postmark_desk import Desktop

from sendspec.model.setup import Setup

SPEC = """
version: 1
domains: {northwind.example: {}}
esps:
  postmark-main:
    kind: postmark
    settings: {server: northwind-production}
    credentials:
      server_token: {from: "op://mail/postmark/server-token", env: POSTMARK_SERVER_TOKEN}
    manage:
      account_token: {from: "op://mail/postmark/account-token"}
streams:
  receipts:
    kind: transactional
    from: Northwind <receipts@mail.northwind.example>
    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [delivered, bounced, complained]}
    routes:
      - {role: primary, via: api, esp: postmark-main}
  password-reset:
    kind: authentication
    from: Northwind <no-reply@auth.northwind.example>
    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [bounced, complained]}
    routes:
      - {role: primary, via: smtp, esp: postmark-main}
  newsletter:
    kind: marketing
    from: Northwind <hello@news.northwind.example>
    unsubscribe: {one_click: "https://northwind.example/u/{token}"}
    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [opened, clicked, unsubscribed]}
    routes:
      - {role: primary, via: smtp, esp: postmark-main}
apps:
  shop: {streams: [receipts, password-reset, newsletter]}
"""
LOCK = """
version: 1
issued:
  postmark-main:
    mail.northwind.example:
      dkim: {selector: 20261120pm, value: "k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN", read: 2026-11-20}
"""


@pytest.fixture(scope="session")
def variant(compile_spec) -> Callable[..., Setup]:
    """Give a function that compiles the spec above with texts replaced that must be there."""

    def make(*changes: tuple[str, str], lock: str = LOCK) -> Setup:
        text = SPEC
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return compile_spec(text, lock)

    return make


@pytest.fixture
def world(variant) -> Desktop:
    """Give an empty Postmark account beside the spec above, with a password for its webhooks in a store."""
    account = '      account_token: {from: "op://mail/postmark/account-token"}\n'
    password = '      webhook_password: {from: "op://mail/postmark/webhook"}\n'
    return Desktop(variant((account, account + password), lock=""))


@pytest.fixture
def made(world) -> Desktop:
    """Give an account that is as the spec says."""
    assert [outcome.failure for outcome in world.apply()] == [None] * len(world.wanted)
    world.estate.calls.clear()
    return world
