"""`apps/<app>/grafana/<route>.ini`: sections for grafana.ini."""

from collections.abc import Iterable, Iterator

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment, smoke_test_note
from sendspec.targets.grafana.quoting import CANONICAL, ini, login, unsayable
from sendspec.targets.interface import LeftOut
from sendspec.targets.one_server import Mailer, System, Words, mailers_of, route_files
from sendspec.templating import environment

SYSTEM = System("grafana", "Grafana", sets_headers=True, implicit_is_port_465=True)
STARTTLS_POLICIES = {Tls.STARTTLS: "MandatoryStartTLS", Tls.NONE: "NoStartTLS"}
"""Any other word, a misspelt one too, means: with TLS where the server offers it, else without."""
SMOKE_TEST = "Alerting, Contact points, a contact point of the kind Email to YOU@EXAMPLE.ORG, Test"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give a file for each route of every app that asks for it."""
    return route_files(setup, SYSTEM, _files, _unsayable)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that Grafana has no words for."""
    return mailers_of(app, SYSTEM, _unsayable).left_out


def _unsayable(mailer: Mailer) -> str:
    for what, text in (("the display name", mailer.sender.display_name), *mailer.binding.route.endpoint.headers):
        if problem := unsayable(text):
            return f"{what} cannot be said: {problem}"
    names = [name for name, _ in mailer.binding.route.endpoint.headers if not CANONICAL.match(name)]
    return f"Grafana refuses the header name {names[0]}" if names else ""


def _files(app: App, mailer: Mailer, words: Words) -> Iterator[tuple[str, str, str]]:
    filters = {"comment": hash_comment, "command": hash_command, "ini": ini}
    template = environment("sendspec.targets.grafana", filters).get_template("smtp.ini.j2")
    text = template.render(
        generated=GENERATED,
        words=words,
        smoke_test=smoke_test_note(app, SMOKE_TEST),
        settings=tuple(_settings(mailer)),
        headers=mailer.binding.route.endpoint.headers,
        has_name=bool(mailer.sender.display_name),
    )
    yield ".ini", text, f"{mailer.title}, for grafana.ini"


def _settings(mailer: Mailer) -> Iterator[tuple[str, str]]:
    endpoint = mailer.binding.route.endpoint
    yield "enabled", "true"
    yield "host", ini(f"{endpoint.host}:{endpoint.port}")  # there is no key for the port
    if endpoint.username is not None and endpoint.password is not None:
        yield "user", login(endpoint.username)
        yield "password", login(endpoint.password)
    yield "skip_verify", "false"
    yield "from_address", ini(mailer.sender.address)
    if mailer.sender.display_name:
        yield "from_name", ini(mailer.sender.display_name)
    if endpoint.tls in STARTTLS_POLICIES:
        yield "startTLS_policy", STARTTLS_POLICIES[endpoint.tls]
