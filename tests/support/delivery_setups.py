"""A setup whose credentials are kept in every kind of place, and files of deliveries made from it."""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

from app_setups import REFERENCE, compile_text

from sendspec.deliveries.interface import load_delivery
from sendspec.model.app import App
from sendspec.model.output_file import OutputFile

PLACES = {
    "SES_USER": "aws-sm://prod/mail/ses#username",
    "SES_PASSWORD": "aws-sm://prod/mail/ses#password",
    "PLAIN_TOKEN": "aws-sm://prod/mail/token",
    "SSM_TOKEN": "aws-ssm:///prod/mail/token",
    "VAULT_TOKEN_OF_MAIL": "vault://kv/mail/postmark#server-token",
    "VAULT_PLAIN": "vault://kv/mail/postmark#token",
    "GCP_TOKEN": "gcp-sm://shop-prod/postmark",
    "ENV_TOKEN": "env://ENV_TOKEN",
    "FILE_TOKEN": "file:///run/mail/token",
    "NASTY_FILE": REFERENCE,
    "OP_TOKEN": "op://mail/post mark/token".replace(" ", "-"),
}
"""Where the value of each variable is kept."""


def _account(name: str, reference: str) -> str:
    return f"""
  {name.lower().replace("_", "-")}:
    kind: postmark
    credentials:
      server_token: {{from: {json.dumps(reference)}, env: {name}}}"""


def _stream(name: str) -> str:
    slug = name.lower().replace("_", "-")
    return f"""
  {slug}:
    kind: transactional
    from: Shop <hi@{slug}.shop.example>
    routes: [{{role: primary, via: api, esp: {slug}}}]"""


TOKENS = [name for name in PLACES if not name.startswith("SES_")]
SPEC = f"""
version: 1
domains: {{shop.example: {{subdomains: {{{", ".join(f"{name.lower().replace('_', '-')}: {{}}" for name in [*TOKENS, "ses"])}}}}}}}
esps:
  ses:
    kind: ses
    settings: {{region: eu-west-1}}
    credentials:
      smtp_username: {{from: "{PLACES["SES_USER"]}", env: SES_USER}}
      smtp_password: {{from: "{PLACES["SES_PASSWORD"]}", env: SES_PASSWORD}}
{"".join(_account(name, PLACES[name]) for name in TOKENS)}
streams:
  ses: {{kind: transactional, from: Shop <hi@ses.shop.example>, routes: [{{role: primary, via: smtp, esp: ses}}]}}
{"".join(_stream(name) for name in TOKENS)}
apps:
  shop:
    streams: [ses, {", ".join(name.lower().replace("_", "-") for name in TOKENS)}]
"""


def make_app(folder: Path, *names: str) -> App:
    """Give the app, with the credentials of these names or all of them."""
    (app,) = compile_text(folder, SPEC).apps
    if not names:
        return app
    bindings = []
    for binding in app.bindings:
        logins = (binding.route.endpoint.username, binding.route.endpoint.password)
        if any(getattr(login, "env", "") in names for login in logins):
            bindings.append(binding)
    return dataclasses.replace(app, bindings=tuple(bindings))


def files_of(app: App, delivery_id: str) -> dict[str, OutputFile]:
    """Give a delivery's files of an app, by name."""
    return {file.path.rpartition("/")[2]: file for file in load_delivery(delivery_id).render(app)}


def write_delivery(app: App, delivery_id: str, folder: Path) -> Path:
    """Write a delivery's files of an app and give their folder."""
    for name, file in files_of(app, delivery_id).items():
        (folder / name).write_text(file.content, encoding="utf-8")
    return folder


def env_names(scheme: Iterable[str]) -> list[str]:
    """Give the variables whose values are kept in places of these schemes."""
    return [name for name, place in PLACES.items() if place.partition("://")[0] in set(scheme)]
