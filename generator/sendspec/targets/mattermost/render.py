"""`apps/<app>/mattermost/<route>.compose.yaml`."""

from collections.abc import Iterable, Iterator

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, smoke_test_note
from sendspec.targets.compose_text import compose_login, compose_value
from sendspec.targets.interface import LeftOut
from sendspec.targets.one_server import Mailer, System, Words, mailers_of, route_files
from sendspec.templating import environment

SYSTEM = System("mattermost", "Mattermost", is_run=False)
SECURITY = {Tls.STARTTLS: "STARTTLS", Tls.IMPLICIT: "TLS", Tls.NONE: ""}
SMOKE_TEST = 'curl -X POST "$MATTERMOST_URL/api/v4/email/test" -H "Authorization: Bearer $ADMIN_TOKEN"'


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give a file for each route of every app that asks for it."""
    return route_files(setup, SYSTEM, _files, _unsayable)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that Mattermost has no words for."""
    return mailers_of(app, SYSTEM, _unsayable).left_out


def _unsayable(mailer: Mailer) -> str:
    endpoint = mailer.binding.route.endpoint
    if endpoint.tls is Tls.STARTTLS and endpoint.username is None:
        return "Mattermost goes on without TLS where STARTTLS fails, unless it has to log in; say `tls: implicit`"
    return ""


def _files(app: App, mailer: Mailer, words: Words) -> Iterator[tuple[str, str, str]]:
    filters = {"comment": hash_comment, "command": hash_command}
    template = environment("sendspec.targets.mattermost", filters).get_template("mattermost.compose.yaml.j2")
    text = template.render(
        generated=GENERATED,
        words=words,
        smoke_test=smoke_test_note(app, SMOKE_TEST),
        name=mailer.name,
        variables=tuple(_variables(mailer)),
    )
    yield ".compose.yaml", text, f"{mailer.title}, for the service mattermost"


def _variables(mailer: Mailer) -> Iterator[tuple[str, str]]:
    endpoint, sender = mailer.binding.route.endpoint, mailer.sender
    settings = {
        "SENDEMAILNOTIFICATIONS": "true",
        "SMTPSERVER": endpoint.host,
        "SMTPPORT": str(endpoint.port),
        "CONNECTIONSECURITY": SECURITY[endpoint.tls],
        "SKIPSERVERCERTIFICATEVERIFICATION": "false",
        "SMTPSERVERTIMEOUT": str(mailer.binding.route.delivery.connect_timeout_seconds),
        "FEEDBACKNAME": sender.display_name,
        "FEEDBACKEMAIL": sender.address,
        "REPLYTOADDRESS": sender.address,
        "ENABLESMTPAUTH": "true" if endpoint.username is not None else "false",
    }
    for key, value in settings.items():
        yield f"MM_EMAILSETTINGS_{key}", compose_value(value)
    for key, login in (("SMTPUSERNAME", endpoint.username), ("SMTPPASSWORD", endpoint.password)):
        yield f"MM_EMAILSETTINGS_{key}", compose_login(login)
