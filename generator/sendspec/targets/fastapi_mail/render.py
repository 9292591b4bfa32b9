"""`apps/<app>/fastapi_mail_settings.py`: one `ConnectionConfig` a route."""

from collections.abc import Iterable, Mapping

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, origins
from sendspec.targets.app_notes import hash_command, hash_comment, smoke_test_note
from sendspec.targets.python_mail import (
    PythonValue,
    SmtpRoute,
    default_of,
    encoded_words,
    module_context,
    python,
    smtp_routes,
)
from sendspec.templating import environment

MODULE = "fastapi_mail_settings.py"
SMOKE_TEST = (
    "python -c 'import asyncio, fastapi_mail, fastapi_mail_settings; mail, headers ="
    " fastapi_mail_settings.mail_stream({stream}); asyncio.run(mail.send_message(fastapi_mail.MessageSchema("
    'subject="smoke test", body="sent by hand", recipients=["YOU@EXAMPLE.ORG"],'
    " subtype=fastapi_mail.MessageType.plain, headers=headers)))'"
)
LONGEST_NAME = 11
"""Characters of a name that surely fit into one encoded word of 75 (RFC 2047 section 2): 63 of base64 hold 47 octets."""


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the module for every app that asks for it."""
    filters = {"comment": hash_comment, "command": hash_command, "python": python}
    template = environment("sendspec.targets.fastapi_mail", filters).get_template(f"{MODULE}.j2")
    for app in apps_asking_for(setup, "fastapi-mail"):
        yield OutputFile(
            f"{app.folder}/{MODULE}",
            template.render(_context(app)),
            origins(app),
            f"Mail settings of {app.title} for fastapi-mail; secrets come from the environment",
        )


def _context(app: App) -> Mapping[str, object]:
    routes = smtp_routes(app, "fastapi-mail")
    default = default_of(route for route in routes if route.sender)
    return {
        **module_context(app, routes),
        "settings": {route.name: _settings(route) for route in routes if not route.problem},
        "smoke_test": smoke_test_note(app, SMOKE_TEST.format(stream=python(default.binding.stream.id)))
        if default
        else "",
    }


def _settings(route: SmtpRoute) -> Mapping[str, PythonValue]:
    """Give the settings. All that matter, because ConnectionConfig takes an unsaid one from the environment."""
    endpoint, sender = route.binding.route.endpoint, route.sender
    user, password = route.login or ("", "")
    settings: dict[str, PythonValue] = {
        "MAIL_SERVER": endpoint.host,
        "MAIL_PORT": endpoint.port,
        "USE_CREDENTIALS": route.login is not None,
        "MAIL_USERNAME": user,
        "MAIL_PASSWORD": password,
        "MAIL_STARTTLS": route.is_starttls,
        "MAIL_SSL_TLS": route.is_implicit_tls,
        "VALIDATE_CERTS": True,
        "CERT_BUNDLE": None,
        # One number for connecting and for every answer; the longer one: giving up after the final dot sends twice.
        "TIMEOUT": route.binding.route.delivery.read_timeout_seconds,
        "LOCAL_HOSTNAME": sender.domain if sender else None,
    }
    if sender:
        settings["MAIL_FROM"] = sender.address
    settings["MAIL_FROM_NAME"] = _name(sender.display_name) if sender else ""
    return settings


def _name(text: str) -> str:
    """Give a display name as fastapi-mail spells it right; else already as encoded words, each of them short enough.

    It makes one encoded word of a name that is not ASCII, however long, and takes an ASCII name that looks like an
    encoded word for one (`email.utils.formataddr` of Python 3.11).
    """
    if "=?" not in text and (text.isascii() or len(text) <= LONGEST_NAME):
        return text
    return encoded_words(text)
