"""`apps/<app>/sentry/<route>.py`: lines to append to sentry.conf.py."""

from collections.abc import Iterable, Iterator

from sendspec.model.app import App
from sendspec.model.credential import Literal, Login
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_bindings import credentials_of
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, smoke_test_note
from sendspec.targets.interface import LeftOut
from sendspec.targets.one_server import Mailer, System, Words, mailers_of, route_files
from sendspec.templating import environment

SYSTEM = System("sentry", "Sentry")
SMOKE_TEST = "log in as a superuser, Admin, Mail, Send a test email: it writes to that user's address"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give a file for each route of every app that asks for it."""
    return route_files(setup, SYSTEM, _files)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that Sentry has no words for."""
    return mailers_of(app, SYSTEM).left_out


def _files(app: App, mailer: Mailer, words: Words) -> Iterator[tuple[str, str, str]]:
    filters = {"comment": hash_comment, "command": hash_command, "python": repr}
    template = environment("sendspec.targets.sentry", filters).get_template("sentry.conf.py.j2")
    text = template.render(
        generated=GENERATED,
        words=words,
        smoke_test=smoke_test_note(app, SMOKE_TEST),
        options=tuple(_options(mailer)),
        uses_secrets=bool(credentials_of(mailer.binding.route.endpoint)),
    )
    yield ".py", text, f"{mailer.title}, for sentry.conf.py"


def _options(mailer: Mailer) -> Iterator[tuple[str, str]]:
    """Give options and their values as Python expressions; each has the type Sentry declares for it."""
    endpoint, sender = mailer.binding.route.endpoint, mailer.sender
    yield "mail.backend", repr("smtp")
    yield "mail.host", repr(endpoint.host)
    yield "mail.port", repr(endpoint.port)
    yield "mail.username", _login(endpoint.username)
    yield "mail.password", _login(endpoint.password)
    yield "mail.use-tls", repr(endpoint.tls is Tls.STARTTLS)
    yield "mail.use-ssl", repr(endpoint.tls is Tls.IMPLICIT)
    # One number for connecting and for every answer; the longer one, because giving up after the final dot sends twice.
    yield "mail.timeout", repr(mailer.binding.route.delivery.read_timeout_seconds)
    yield "mail.from", repr(sender.to_text())
    yield "mail.list-namespace", repr(sender.domain)


def _login(login: Login | None) -> str:
    if login is None:
        return repr("")
    return repr(login.value) if isinstance(login, Literal) else f"os.environ[{login.env!r}]"
