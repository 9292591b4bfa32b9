"""`apps/<app>/alertmanager/`: the configuration with a receiver for each route, and the script that completes it."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from jinja2 import Environment

from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.alertmanager.quoting import password, placeholder, templated, user
from sendspec.targets.app_bindings import apps_asking_for, by_stream, credentials_of, origins
from sendspec.targets.app_notes import (
    GENERATED,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    smoke_test_note,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.interface import LeftOut
from sendspec.targets.mail_text import ascii_mailbox
from sendspec.targets.one_server import Mailer, Mailers, System, mailers_of, nothing_written
from sendspec.targets.quoted_text import double_quoted
from sendspec.templating import Filter, environment

SYSTEM = System("alertmanager", "Alertmanager", sets_headers=True, implicit_is_port_465=True)
FILTERS: Mapping[str, Filter] = {"comment": hash_comment, "command": hash_command, "shell": shlex.quote}
FILES = {
    "alertmanager.yml": "one receiver a route; to be completed by the script",
    "fill-alertmanager.sh": "writes the finished configuration and the password files, on the machine itself",
}
RECIPIENTS, RECEIVER = "ALERTMANAGER_TO", "ALERTMANAGER_RECEIVER"
RELOAD = "curl -X POST http://localhost:9093/-/reload"
"""https://prometheus.io/docs/alerting/latest/management_api/, read 2026-11-26; SIGHUP does the same."""
OTHERWISE = (
    LeftOut(
        (),
        "no time limits are written: Alertmanager has none, and a server that hangs holds its receiver up",
        "write `through:` a relay on the same machine, which has them",
        is_whole=False,
        is_left_to_app=True,
    ),
    LeftOut(
        (),
        "an address that is refused (550) is tried again too, until the group's next notification",
        "give it addresses that exist, or write `through:` a relay, which tries again as it should",
        is_whole=False,
        is_left_to_app=True,
    ),
)
SMOKE_TEST = "amtool alert add --alertmanager.url=http://localhost:9093 smoke_test --annotation=summary='sent by hand'"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the folder of every app that asks for it; the reasons alone where Alertmanager can use no route."""
    templates = environment("sendspec.targets.alertmanager", FILTERS)
    for app in apps_asking_for(setup, SYSTEM.id):
        mailers = mailers_of(app, SYSTEM)
        if mailers.written:
            yield from _files(app, mailers, templates)
        else:
            yield nothing_written(app, mailers, SYSTEM)


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the routes that Alertmanager has no words for, and what it does otherwise than the spec's numbers say."""
    mailers = mailers_of(app, SYSTEM)
    bindings = tuple(mailer.binding for mailer in mailers.written if mailer.binding.account.is_esp)
    if not bindings:
        return mailers.left_out
    return (*mailers.left_out, *(replace(each, bindings=bindings) for each in OTHERWISE))


def _files(app: App, mailers: Mailers, templates: Environment) -> Iterator[OutputFile]:
    context = _context(app, mailers)
    for file_name, why in FILES.items():
        content = templates.get_template(f"{file_name}.j2").render(context)
        yield OutputFile(f"{app.folder}/alertmanager/{file_name}", content, origins(app), f"{app.title}: {why}")


def _context(app: App, mailers: Mailers) -> Mapping[str, object]:
    endpoints = [mailer.binding.route.endpoint for mailer in mailers.written]
    credentials = list(dict.fromkeys(each for endpoint in endpoints for each in credentials_of(endpoint)))
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "smoke_test": smoke_test_note(app, SMOKE_TEST),
        "recipients": RECIPIENTS,
        "receiver": RECEIVER,
        "names": [mailer.name for mailer in mailers.written],
        "reload": RELOAD,
        "switches": tuple(_switches(mailers)),
        "receivers": [
            (mailer.title, double_quoted(mailer.name), tuple(_settings(mailer))) for mailer in mailers.written
        ],
        "headers": {mailer.title: tuple(_headers(mailer)) for mailer in mailers.written},
        "refused": mailers.refused,
        "credentials": credentials,
        "users": [each.username for each in endpoints if isinstance(each.username, Credential)],
        "passwords": [each.password for each in endpoints if isinstance(each.password, Credential)],
        "failover": failover_notes(by_stream(app)),
        "ways_out": without_failover_notes(app, ()),  # its first way names the mailers of a library
        "answers": answers_of_esps(app),
        "accounts": {mailer.binding.account.id for mailer in mailers.written},
    }


def _switches(mailers: Mailers) -> Iterator[tuple[str, str]]:
    """Give the receiver of each stream's first route and that of its second."""
    for stream in dict.fromkeys(mailer.binding.stream.id for mailer in mailers.written):
        names = [mailer.name for mailer in mailers.written if mailer.binding.stream.id == stream]
        if len(names) > 1:
            yield names[0], names[1]


def _settings(mailer: Mailer) -> Iterator[tuple[str, str]]:
    """Give the keys of one receiver. All are written, so that none is taken from a `global:` of another ESP."""
    endpoint = mailer.binding.route.endpoint
    yield "to", placeholder(RECIPIENTS)
    # Alertmanager encodes a From that is not ASCII as a whole, address included.
    yield "from", templated(ascii_mailbox(mailer.sender))
    yield "smarthost", double_quoted(f"{endpoint.host}:{endpoint.port}")
    yield "require_tls", "true" if endpoint.tls is Tls.STARTTLS else "false"  # port 465 speaks TLS already
    if endpoint.username is not None and endpoint.password is not None:
        yield "auth_username", user(endpoint.username)
        yield password(endpoint.password)


def _headers(mailer: Mailer) -> Iterator[tuple[str, str]]:
    for name, value in mailer.binding.route.endpoint.headers:
        yield double_quoted(name), templated(value)
