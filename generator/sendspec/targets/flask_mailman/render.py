"""`apps/<app>/flask_mail_settings.py`: what `app.config.from_object` and `from_pyfile` read."""

from collections.abc import Iterable, Iterator, Mapping

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.stream import Mailbox
from sendspec.targets.app_bindings import apps_asking_for, origins
from sendspec.targets.app_notes import hash_command, hash_comment, smoke_test_note
from sendspec.targets.interface import LeftOut
from sendspec.targets.python_mail import (
    SmtpRoute,
    default_of,
    encoded_words,
    module_context,
    python,
    smtp_routes,
)
from sendspec.templating import environment

MODULE = "flask_mail_settings.py"
SMOKE_TEST = (
    'python -c \'import flask, flask_mailman, flask_mail_settings as settings; app = flask.Flask("smoke");'
    " app.config.from_object(settings); flask_mailman.Mail(app); app.app_context().push();"
    ' flask_mailman.EmailMessage("smoke test", "sent by hand", to=["YOU@EXAMPLE.ORG"],'
    " **settings.mail_stream({stream})).send()'"
)


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the module for every app that asks for it."""
    filters = {"comment": hash_comment, "command": hash_command, "python": python}
    template = environment("sendspec.targets.flask_mailman", filters).get_template(f"{MODULE}.j2")
    for app in apps_asking_for(setup, "flask-mailman"):
        yield OutputFile(
            f"{app.folder}/{MODULE}",
            template.render(_context(app)),
            origins(app),
            f"Mail settings of {app.title} for Flask-Mailman; secrets come from the environment",
        )


def leaves_out(app: App) -> Iterator[LeftOut]:
    """Give what mail lacks that is sent without a word of this module: Flask-Security's, an extension's."""
    default = default_of(smtp_routes(app, "Flask-Mailman"))
    if default and default.headers and default.binding.account.is_esp:
        stream = default.binding.stream.id
        yield LeftOut(
            (default.binding,),
            f"mail that names no stream leaves as {stream} without {', '.join(default.headers)}, so the ESP counts it to its"
            " default stream",
            f'send it with **mail_stream("{stream}"), or write `through:` a relay, which sets headers',
            is_whole=False,
            is_left_to_app=True,
        )


def _context(app: App) -> Mapping[str, object]:
    routes = smtp_routes(app, "Flask-Mailman")
    default = default_of(routes)
    example = default if default and default.sender else None
    return {
        **module_context(app, routes),
        "default": default,
        "options": {route.name: _options(route) for route in routes if not route.problem},
        "default_from": _from(default.sender) if default and default.sender else "",
        "senders": {route.binding.stream.id: _from(route.sender) for route in routes if route.sender},
        "smoke_test": smoke_test_note(app, SMOKE_TEST.format(stream=python(example.binding.stream.id)))
        if example
        else "",
    }


def _from(mailbox: Mailbox) -> str:
    """Give From as Flask-Mailman spells it right: it encodes a name that is not ASCII, and takes any other as it is."""
    name = mailbox.display_name
    return f"{encoded_words(name)} <{mailbox.address}>" if "=?" in name else mailbox.to_text()


def _options(route: SmtpRoute) -> Mapping[str, object]:
    """Give the backend's options. All of them, because an unsaid one falls back to the settings of another route."""
    endpoint = route.binding.route.endpoint
    user, password = route.login or ("", "")
    return {
        "host": endpoint.host,
        "port": endpoint.port,
        "username": user,
        "password": password,
        "use_tls": route.is_starttls,
        "use_ssl": route.is_implicit_tls,
        # One number for connecting and for every answer; the longer one: giving up after the final dot sends twice.
        "timeout": route.binding.route.delivery.read_timeout_seconds,
    }
