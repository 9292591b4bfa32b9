"""Setups for application targets: a spec compiled by the real pipeline, its endpoints moved to where a test listens."""

import json
from dataclasses import replace
from pathlib import Path

from sendspec.model.app import App, Binding
from sendspec.model.route import Endpoint
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls, Via
from sendspec.pipeline import compile_folder
from sendspec.targets.interface import load_target

SENDER_NAME = 'Zoë & "Söhne" $HOME #1, `id` \\'
"""A display name with everything that some format takes for its own."""
REFERENCE = "file:///run/it's/\"$(id)`id`${x}%s\\"
"""A reference that would run something, if it were not quoted."""

SPEC = """
version: 1
domains:
  shop.example:
    subdomains: {auth: {}, mail: {}, news: {}}
esps:
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    credentials:
      smtp_username: {from: REFERENCE, env: SES_SMTP_USERNAME}
      smtp_password: {from: "aws-sm://prod/ses#password", env: SES_SMTP_PASSWORD}
  postmark-main:
    kind: postmark
    credentials:
      server_token: {from: "op://mail/postmark/token", env: POSTMARK_SERVER_TOKEN}
  sendgrid-eu:
    kind: sendgrid
    settings: {region: eu, subuser: shop}
    credentials:
      api_key: {from: "env://SENDGRID_API_KEY", env: SENDGRID_API_KEY}
streams:
  codes:
    kind: authentication
    from: {name: SENDER_NAME, address: no-reply@auth.shop.example}
    volume: {peak_per_hour: 3600}
    routes:
      - {role: primary, via: smtp, esp: postmark-main}
      - {role: fallback, via: smtp, esp: ses-eu}
  receipts:
    kind: transactional
    from: Shop <receipts@mail.shop.example>
    volume: {peak_per_hour: 7200}
    routes:
      - {role: primary, via: api, esp: postmark-main}
      - {role: fallback, via: api, esp: ses-eu}
  news:
    kind: marketing
    from: Shop <hello@news.shop.example>
    routes:
      - {role: primary, via: api, esp: sendgrid-eu}
apps:
  shop:
    streams: [news, codes, receipts]
    targets: [dotenv, django, nodemailer, postfix]
""".replace("SENDER_NAME", json.dumps(SENDER_NAME)).replace("REFERENCE", json.dumps(REFERENCE))


ONE_CUSTOMER = SPEC.replace(
    "    from: Shop <receipts@mail.shop.example>\n", "    senders: {acme: Acme <billing@mail.shop.example>}\n"
).replace("streams: [news, codes, receipts]", "streams: [receipts]")
"""The app sends for customers and for nobody else, and so far there is one."""


ONE_CLICK = SPEC.replace(
    "    from: Shop <hello@news.shop.example>\n",
    "    from: Shop <hello@news.shop.example>\n    unsubscribe: {one_click: 'https://shop.example/u/{token}'}\n",
)
"""The newsletter can be left with one click."""


ENVIRONMENTS = (
    SPEC
    + """
    environments:
      production: {}
      staging:
        mail: sandbox
        credentials:
          ses-eu:
            smtp_username: {from: "op://staging/ses/user", env: STAGING_SES_USERNAME}
            smtp_password: {from: "op://staging/ses/password", env: STAGING_SES_PASSWORD}
      development: {mail: catcher}
"""
)
"""The app in three environments. In staging `codes` has no primary: Postmark has no sandbox over SMTP."""
THROUGH = (
    SPEC
    + """
    through: relay
  relay:
    streams: [news, codes, receipts]
    targets: [postfix]
    listens: {host: localhost, port: 2525}
"""
)
"""The app hands its mail to a relay."""


def in_environments(setup: Setup) -> Setup:
    """Give the setup as targets get it: an app in another environment is one more app."""
    return replace(setup, apps=tuple(each for app in setup.apps for each in app.expanded()))


def only(setup: Setup, app: str, environment: str = "") -> Setup:
    """Give the setup with one app in one environment, whose files take the place of the app's."""
    found = (each for each in in_environments(setup).apps if (each.id, each.environment) == (app, environment))
    return replace(setup, apps=tuple(replace(each, environment="", variants=()) for each in found))


def compile_text(folder: Path, text: str = SPEC) -> Setup:
    """Compile a spec given as text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.yaml").write_text(text, encoding="utf-8")
    return compile_folder(folder).setup


def move_smtp(setup: Setup, account: str, port: int, tls: Tls) -> Setup:
    """Give the setup with an account's SMTP routes leading to localhost."""
    return _move(setup, account, Via.SMTP, lambda found: replace(found, host="localhost", port=port, tls=tls))


def move_api(setup: Setup, account: str, url: str) -> Setup:
    """Give the setup with an account's API routes leading to another URL."""
    return _move(setup, account, Via.API, lambda found: replace(found, host="localhost", base_url=url))


def without_login(setup: Setup, account: str) -> Setup:
    """Give the setup with an account's SMTP routes asking for no login."""
    return _move(
        setup, account, Via.SMTP, lambda found: replace(found, username=None, password=None, needs_credentials=())
    )


def _move(setup: Setup, account: str, via: Via, change) -> Setup:
    def moved(binding: Binding) -> Binding:
        route = binding.route
        if route.account != account or route.via is not via:
            return binding
        endpoint: Endpoint = change(route.endpoint)
        return replace(binding, route=replace(route, endpoint=endpoint))

    apps: list[App] = [replace(app, bindings=tuple(moved(binding) for binding in app.bindings)) for app in setup.apps]
    return replace(setup, apps=tuple(apps))


def write_files(setup: Setup, target_id: str, folder: Path) -> Path:
    """Write a target's files of the app `shop` and give their folder."""
    for file in load_target(target_id).render(setup):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content, encoding="utf-8")
    return folder / "apps" / "shop"
