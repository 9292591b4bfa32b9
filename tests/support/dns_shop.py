"""A setup that uses everything DNS checks look at, and what they say of a world."""

import asyncio
import tempfile
from collections.abc import Collection
from functools import cache
from pathlib import Path

from fake_dns import FakeDns, net_of
from sound_world import FakeHttp, filled, sound_dns, sound_http

from sendspec.check.run import checks_of
from sendspec.model.observation import Observation, Passed, Subject
from sendspec.model.setup import Setup

SPEC = """
version: 1
domains:
  shop.example:
    mailboxes: google-workspace
    spf: {include: [spf.crm.example], a: [gate1.office.example, gate2.office.example, gate3.office.example]}
    txt: ["site-verification=abc123"]
    dmarc:
      policy: quarantine
      nonexistent: reject
      reports: ["mailto:dmarc@reports.example", "mailto:dmarc@shop.example"]
    tls_reports: ["mailto:tls@shop.example"]
    mta_sts: {mode: enforce, mx: ["mx.google.example", "*.mx.google.example"], max_age: 1w}
    bimi: {logo: "https://brand.example/logo.svg", certificate: "https://brand.example/logo.pem"}
    subdomains:
      news: {purpose: marketing}
      mail: {purpose: transactional}
  parked.example:
    sends: never
  acme.example:
    authority: customer
    dmarc: {policy: reject}
  plain.example:
    authority: customer
esps:
  sendgrid-eu:
    kind: sendgrid
    settings: {region: eu, subuser: shop, link_branding: true}
    credentials:
      api_key: {from: "env://SENDGRID_API_KEY", env: SENDGRID_API_KEY}
  postmark-main:
    kind: postmark
    credentials:
      server_token: {from: "env://POSTMARK", env: POSTMARK}
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    credentials:
      smtp_username: {from: "env://SES_USER", env: SES_USER}
      smtp_password: {from: "env://SES_PASSWORD", env: SES_PASSWORD}
streams:
  newsletter:
    kind: marketing
    from: Shop <hello@news.shop.example>
    unsubscribe: {one_click: "https://shop.example/u/{token}"}
    routes:
      - {role: primary, via: api, esp: sendgrid-eu}
  receipts:
    kind: transactional
    from: Shop <receipts@mail.shop.example>
    routes:
      - {role: primary, via: api, esp: postmark-main}
      - {role: fallback, via: smtp, esp: ses-eu}
  invoices:
    kind: transactional
    senders: {acme: Acme <billing@mail.acme.example>, plain: Plain <billing@post.box.plain.example>}
    routes:
      - {role: primary, via: api, esp: postmark-main}
apps:
  shop:
    streams: [newsletter, receipts, invoices]
    targets: [dotenv]
"""
SES_TOKEN_HOLDER = "mail.shop.example"


def compile_filled(text: str, lock: str = "") -> Setup:
    """Compile a spec given as text, what is pending made up."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spec.yaml").write_text(text, encoding="utf-8")
        if lock:
            (folder / "sendspec.lock.yaml").write_text(lock, encoding="utf-8")
        return filled(folder)


LOCK = """
version: 1
spf:
  spf.crm.example: {text: "v=spf1 ip4:192.0.2.0/24 -all", lookups: 1, read: 2026-11-20}
"""


@cache
def shop() -> Setup:
    """Give the setup. Its keys are made up once for a run of tests."""
    return compile_filled(SPEC, LOCK)


@cache
def shop_dns() -> FakeDns:
    """Give the world in which all of it is live."""
    return sound_dns(shop())


def seen_in(
    dns: FakeDns,
    http: FakeHttp | None = None,
    *,
    setup: Setup | None = None,
    only: Collection[str] = (),
    seconds: float = 60,
    prepare=lambda net: None,
) -> list[Observation]:
    """Run the DNS checks (all of them, or those with these ids) over a world and give everything but what passed."""
    return run_in(dns, http, setup=setup, only=only, seconds=seconds, prepare=prepare)[0]


def run_in(dns, http=None, *, setup=None, only=(), seconds=60, prepare=lambda net: None):
    """Give (observations, how many things passed)."""
    setup = setup or shop()
    http = http or sound_http(setup)

    async def look() -> tuple[list[Observation], int]:
        net = net_of(dns, http, seconds=seconds)
        prepare(net)
        seen: list[Observation] = []
        passed = 0
        for check in checks_of({Subject.DNS}):
            if only and check.id not in only:
                continue
            async for each in check.run(setup, net):
                if isinstance(each, Passed):
                    passed += each.count
                elif isinstance(each, Observation):
                    assert each.kind in check.kinds, f"{check.id} does not declare {each.kind.id}"
                    seen.append(each)
        return seen, passed

    return asyncio.run(look())
