"""`apps/<app>/supabase-auth/<route>.compose.yaml` and `<route>.config.toml`."""

import json
import math
from collections.abc import Iterable, Iterator

from sendspec.model.app import App
from sendspec.model.credential import Literal, Login
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, smoke_test_note
from sendspec.targets.compose_text import compose_login, compose_value
from sendspec.targets.interface import LeftOut
from sendspec.targets.one_server import Mailer, System, Words, mailers_of, route_files
from sendspec.targets.quoted_text import double_quoted
from sendspec.templating import environment

SYSTEM = System(
    "supabase-auth",
    "Supabase Auth",
    sets_headers=True,
    requires_starttls=False,
    implicit_is_port_465=True,
    is_run=False,
)
SMOKE_TEST = (
    'curl "$SUPABASE_URL/auth/v1/recover" -H "apikey: $ANON_KEY" -H "Content-Type: application/json"'
    """ -d '{"email": "YOU@EXAMPLE.ORG"}'"""
)
MESSAGE_TYPE = "$messageType"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the files for each route of every app that asks for them."""
    return route_files(setup, SYSTEM, _files, _unsayable)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that Supabase Auth has no words for."""
    return mailers_of(app, SYSTEM, _unsayable).left_out


def _unsayable(mailer: Mailer) -> str:
    for name, value in mailer.binding.route.endpoint.headers:
        if MESSAGE_TYPE in value:
            return f"Supabase Auth would put its own word in place of {MESSAGE_TYPE} in the header {name}"
    if mailer.sender.display_name.startswith("env("):
        return "the Supabase CLI would take the display name for the name of a variable"
    return ""


def _files(app: App, mailer: Mailer, words: Words) -> Iterator[tuple[str, str, str]]:
    filters = {"comment": hash_comment, "command": hash_command}
    templates = environment("sendspec.targets.supabase_auth", filters)
    endpoint = mailer.binding.route.endpoint
    peak = mailer.binding.route.delivery.peak_per_second
    context = {
        "generated": GENERATED,
        "words": words,
        "smoke_test": smoke_test_note(app, SMOKE_TEST),
        "name": mailer.name,
        "plain": endpoint.tls is Tls.NONE,
        "per_hour": math.ceil(peak * 3600) if peak else 0,
        "has_headers": bool(endpoint.headers),
    }
    compose = templates.get_template("auth.compose.yaml.j2")
    text = compose.render(context, variables=tuple(_variables(mailer)))
    yield ".compose.yaml", text, f"{mailer.title}, for the service auth of self-hosted Supabase"
    if endpoint.username is not None and endpoint.password is not None:  # the CLI refuses a server without a login
        text = templates.get_template("config.toml.j2").render(context, settings=tuple(_settings(mailer)))
        yield ".config.toml", text, f"{mailer.title}, for the Supabase CLI"


def _variables(mailer: Mailer) -> Iterator[tuple[str, str]]:
    """Give variables and values. User and password are written even if empty, for the service's own Compose file sets them."""
    endpoint, sender = mailer.binding.route.endpoint, mailer.sender
    yield "GOTRUE_SMTP_HOST", compose_value(endpoint.host)
    yield "GOTRUE_SMTP_PORT", compose_value(str(endpoint.port))
    yield "GOTRUE_SMTP_USER", compose_login(endpoint.username)
    yield "GOTRUE_SMTP_PASS", compose_login(endpoint.password)
    yield "GOTRUE_SMTP_ADMIN_EMAIL", compose_value(sender.address)
    yield "GOTRUE_SMTP_SENDER_NAME", compose_value(sender.display_name)
    headers = {name: [value] for name, value in endpoint.headers}
    yield "GOTRUE_SMTP_HEADERS", compose_value(json.dumps(headers, ensure_ascii=False) if headers else "")


def _settings(mailer: Mailer) -> Iterator[tuple[str, str]]:
    endpoint, sender = mailer.binding.route.endpoint, mailer.sender
    yield "enabled", "true"
    yield "host", double_quoted(endpoint.host)
    yield "port", str(endpoint.port)
    for key, login in (("user", endpoint.username), ("pass", endpoint.password)):
        if login is not None:
            yield key, _toml_login(login)
    yield "admin_email", double_quoted(sender.address)
    yield "sender_name", double_quoted(sender.display_name)


def _toml_login(login: Login) -> str:
    return double_quoted(login.value if isinstance(login, Literal) else f"env({login.env})")
