"""One SendGrid account in the EU with a newsletter by API and a password reset by SMTP."""

from collections.abc import Callable

import pytest

from sendspec.model.setup import Setup

SPEC = """
version: 1
domains: {northwind.example: {}}
esps:
  sendgrid-eu:
    kind: sendgrid
    settings: {region: eu, subuser: northwind-eu, link_branding: true}
    credentials:
      api_key: {from: "aws-sm://prod/mail/sendgrid#api_key", env: SENDGRID_API_KEY}
streams:
  newsletter:
    kind: marketing
    from: Northwind <hello@news.northwind.example>
    unsubscribe: {one_click: "https://northwind.example/u/{token}"}
    events: {url: "https://hooks.northwind.example/mail/{kind}", types: [delivered, bounced, complained, clicked]}
    routes:
      - {role: primary, via: api, esp: sendgrid-eu}
  password-reset:
    kind: authentication
    from: Northwind <no-reply@auth.northwind.example>
    routes:
      - {role: primary, via: smtp, esp: sendgrid-eu}
apps:
  shop: {streams: [newsletter, password-reset]}
"""
LOCK = """
version: 1
issued:
  sendgrid-eu:
    news.northwind.example:
      domain:
        id: 4242
        records:
          - {type: CNAME, name: em4242.news.northwind.example, value: u1.wl.sendgrid.net.}
          - {type: cname, name: S1._domainkey.news.northwind.example, value: s1.domainkey.u1.wl.sendgrid.net}
          - {type: CNAME, name: s2._domainkey.news.northwind.example, value: s2.domainkey.u1.wl.sendgrid.net}
          - {type: TXT, name: _dmarc.news.northwind.example, value: "v=DMARC1; p=none"}
        read: 2026-11-20
"""
LINKS = """\
      links:
        id: 77
        records:
          - {type: CNAME, name: links.news.northwind.example, value: sendgrid.net}
          - {type: CNAME, name: 1234.news.northwind.example, value: sendgrid.net}
        read: 2026-11-20
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


@pytest.fixture(scope="session")
def full_lock() -> str:
    return LOCK + LINKS
