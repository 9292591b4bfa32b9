"""`apps/<app>/keycloak/<route>.yaml` for keycloak-config-cli, and `<route>.json` to be merged into a realm file."""

from collections.abc import Callable, Iterable, Iterator

from sendspec.json_text import json_text
from sendspec.model.app import App
from sendspec.model.credential import Literal, Login
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, smoke_test_note
from sendspec.targets.interface import LeftOut
from sendspec.targets.one_server import Mailer, System, Words, mailers_of, route_files
from sendspec.targets.quoted_text import double_quoted
from sendspec.templating import environment

SYSTEM = System("keycloak", "Keycloak", requires_starttls=False, is_run=False)
REPLACED = ("$(", "${", "$$")
"""What the two readers would put something else in place of."""
SMOKE_TEST = "Realm settings, Email, Test connection: it writes to the address of whoever is logged in"
MILLISECONDS = 1000


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the files for each route of every app that asks for them."""
    return route_files(setup, SYSTEM, _files, _unsayable)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that Keycloak has no words for."""
    return mailers_of(app, SYSTEM, _unsayable).left_out


def _unsayable(mailer: Mailer) -> str:
    found = [sign for sign in REPLACED if sign in mailer.sender.display_name]
    return f"the display name holds {found[0]}, in whose place Keycloak would put something else" if found else ""


def _files(app: App, mailer: Mailer, words: Words) -> Iterator[tuple[str, str, str]]:
    filters = {"comment": hash_comment, "command": hash_command, "quoted": double_quoted}
    template = environment("sendspec.targets.keycloak", filters).get_template("realm.yaml.j2")
    text = template.render(
        generated=GENERATED,
        words=words,
        smoke_test=smoke_test_note(app, SMOKE_TEST),
        name=mailer.name,
        settings=tuple(_settings(mailer, lambda name: f"$(env:{name})")),
    )
    yield ".yaml", text, f"{mailer.title}, for keycloak-config-cli"
    realm = {"smtpServer": dict(_settings(mailer, lambda name: f"${{{name}}}"))}
    yield ".json", json_text(realm, ascii_only=True), f"{mailer.title}, to be merged into a realm file"


def _settings(mailer: Mailer, variable: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Give keys and values, strings all of them: Keycloak compares with "true". `variable` names one of the environment."""
    endpoint, delivery, sender = mailer.binding.route.endpoint, mailer.binding.route.delivery, mailer.sender
    yield "host", endpoint.host
    yield "port", str(endpoint.port)
    yield "from", sender.address
    yield "fromDisplayName", sender.display_name
    yield "envelopeFrom", sender.address
    yield "ssl", _word(truth=endpoint.tls is Tls.IMPLICIT)
    yield "starttls", _word(truth=endpoint.tls is Tls.STARTTLS)
    yield "auth", _word(truth=endpoint.username is not None)
    if endpoint.username is not None and endpoint.password is not None:
        yield "user", _login(endpoint.username, variable)
        yield "password", _login(endpoint.password, variable)
    yield "connectionTimeout", str(delivery.connect_timeout_seconds * MILLISECONDS)
    yield "timeout", str(delivery.read_timeout_seconds * MILLISECONDS)
    yield "writeTimeout", str(delivery.read_timeout_seconds * MILLISECONDS)


def _word(*, truth: bool) -> str:
    return "true" if truth else "false"


def _login(login: Login, variable: Callable[[str], str]) -> str:
    return login.value if isinstance(login, Literal) else variable(login.env)
