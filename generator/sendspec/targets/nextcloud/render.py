"""`apps/<app>/nextcloud/<route>.config.php`."""

from collections.abc import Iterable, Iterator

from sendspec.model.app import App
from sendspec.model.credential import Credential, Login
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_notes import GENERATED, smoke_test_note
from sendspec.targets.interface import LeftOut
from sendspec.targets.one_server import Mailer, System, Words, mailers_of, route_files
from sendspec.targets.php import Value, php_string, slash_command, slash_comment
from sendspec.templating import environment

SYSTEM = System("nextcloud", "Nextcloud", requires_starttls=False)
SMOKE_TEST = "Administration settings, Basic settings, Email server, Send email: it writes to whoever is logged in"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give a file for each route of every app that asks for it."""
    return route_files(setup, SYSTEM, _files)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that Nextcloud has no words for."""
    return mailers_of(app, SYSTEM).left_out


def _files(app: App, mailer: Mailer, words: Words) -> Iterator[tuple[str, str, str]]:
    filters = {"comment": slash_comment, "command": slash_command, "php": _php, "string": php_string}
    template = environment("sendspec.targets.nextcloud", filters).get_template("mail.config.php.j2")
    settings = dict(_settings(mailer))
    text = template.render(
        generated=GENERATED,
        words=words,
        smoke_test=smoke_test_note(app, SMOKE_TEST),
        name=mailer.name,
        display_name=mailer.sender.display_name,
        plain=mailer.binding.route.endpoint.tls is Tls.NONE,
        settings=settings,
        secrets=dict(_secrets(mailer)),
    )
    yield ".config.php", text, f"{mailer.title}, to be put beside config.php"


def _settings(mailer: Mailer) -> Iterator[tuple[str, Value]]:
    """Give what may stand in the file. A public user name or password does; of a secret nothing does."""
    endpoint, sender = mailer.binding.route.endpoint, mailer.sender
    yield "mail_smtpmode", "smtp"
    yield "mail_smtphost", endpoint.host
    yield "mail_smtpport", endpoint.port
    yield "mail_smtpsecure", "ssl" if endpoint.tls is Tls.IMPLICIT else ""
    yield "mail_smtpauth", endpoint.username is not None
    for key, login in _logins(mailer):
        if not isinstance(login, Credential):
            yield key, login.value if login else ""
    # One number for connecting and for every answer; the longer one, because giving up after the final dot sends twice.
    yield "mail_smtptimeout", mailer.binding.route.delivery.read_timeout_seconds
    yield "mail_from_address", sender.local_part
    yield "mail_domain", sender.domain


def _secrets(mailer: Mailer) -> Iterator[tuple[str, str]]:
    for key, login in _logins(mailer):
        if isinstance(login, Credential):
            yield key, login.env


def _logins(mailer: Mailer) -> tuple[tuple[str, Login | None], ...]:
    endpoint = mailer.binding.route.endpoint
    return (("mail_smtpname", endpoint.username), ("mail_smtppassword", endpoint.password))


def _php(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return php_string(value) if isinstance(value, str) else str(value)
