"""`apps/<app>/postfix/`: parts of main.cf and master.cf, tables, and the script that completes them with secrets."""

import shlex
from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment

from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, origins
from sendspec.targets.app_notes import GENERATED, failover_notes, hash_command, hash_comment, way_notes
from sendspec.targets.postfix.quoting import header_pattern, header_text, network, shell_check, shell_word
from sendspec.targets.postfix.schedule import schedule_of
from sendspec.targets.postfix.services import Relay, Service, relay_of
from sendspec.templating import Filter, environment

FILTERS: Mapping[str, Filter] = {
    "comment": hash_comment,
    "command": hash_command,
    "shell": shlex.quote,
    "shell_word": shell_word,
    "shell_check": shell_check,
}
FILES = {
    "main.cf": "parameters for Postfix's main.cf",
    "master.cf": "one delivery service a stream, for Postfix's master.cf",
    "transports": "which sender's mail goes to which service",
    "fill-sasl.sh": "writes Postfix's password tables from the environment, on the machine itself",
}


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the folder of every app that asks for it; `main.cf` alone, with the reasons, where Postfix can do nothing."""
    templates = environment("sendspec.targets.postfix", FILTERS)
    for app in apps_asking_for(setup, "postfix"):
        yield from sorted(_files(app, templates), key=lambda file: file.path)


def _files(app: App, templates: Environment) -> Iterator[OutputFile]:
    relay = relay_of(app)
    context = _context(app, relay)
    for file_name, why in FILES.items():
        if relay.services or file_name == "main.cf":
            content = templates.get_template(f"{file_name}.j2").render(context)
            yield OutputFile(f"{app.folder}/postfix/{file_name}", content, origins(app), f"{app.title}: {why}")
    for service in relay.services:
        if service.headers:
            stream = service.stream.stream
            content = templates.get_template("headers.j2").render(context, service=service, lines=_headers(service))
            yield OutputFile(
                f"{app.folder}/postfix/headers.{stream.id}",
                content,
                (app.origin, stream.origin),
                f"{app.title}: headers by which an ESP knows {stream.id}, set by Postfix",
            )


def _context(app: App, relay: Relay) -> Mapping[str, object]:
    first = relay.services[0] if relay.services else None
    users = [line.user for service in relay.services for line in service.password_lines]
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "own_smoke_test": shlex.join(app.smoke_test),
        "smoke_sender": first.stream.stream.senders[0].mailbox.address if first else "",
        "listens": app.listens,
        "clients": ",".join(map(network, app.listens.allowed)),
        "services": relay.services,
        "refused": relay.refused,
        "senders": relay.senders,
        "schedule": schedule_of(relay.services) if relay.services else None,
        "failover": failover_notes([service.stream for service in relay.services if service.fallbacks]),
        "credentials": list(
            dict.fromkeys(credential for service in relay.services for credential in service.credentials)
        ),
        "user_credentials": [user for user in dict.fromkeys(users) if isinstance(user, Credential)],
    }


def _headers(service: Service) -> list[tuple[str, str]]:
    """Give (pattern, action): first the app's own headers of these names go, then ours are put in."""
    dropped = [(header_pattern(header.name), "IGNORE") for header in service.headers]
    added = [
        (header_pattern(header.trigger), f"PREPEND {header_text(header.name, header.value)}")
        for header in service.headers
    ]
    return [*dropped, *added]
