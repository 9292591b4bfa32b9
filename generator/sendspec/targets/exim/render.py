"""`apps/<app>/exim/`: a whole configuration for Exim, and the script that gives it its secrets."""

import shlex
from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment

from sendspec.model.app import App
from sendspec.model.credential import Credential, Login
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, by_stream, fixed_sender, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    smoke_test_note,
    way_notes,
)
from sendspec.targets.exim.quoting import interface, shell_check
from sendspec.targets.exim.streams import Relay, relay_of
from sendspec.templating import Filter, environment

FILTERS: Mapping[str, Filter] = {
    "comment": hash_comment,
    "command": hash_command,
    "shell_check": shell_check,
    "interface": interface,
}
FILES = {
    "exim4.conf": "the configuration of Exim; secrets come from files that it reads",
    "fill-secrets.sh": "writes those files from the environment, on the machine itself",
}


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the folder of every app that asks for it; `exim4.conf` alone, with the reasons, where Exim can do nothing."""
    templates = environment("sendspec.targets.exim", FILTERS)
    for app in apps_asking_for(setup, "exim"):
        yield from _files(app, templates)


def _files(app: App, templates: Environment) -> Iterator[OutputFile]:
    relay = relay_of(app)
    context = _context(app, relay)
    for file_name, why in FILES.items():
        if relay.streams or file_name == "exim4.conf":
            content = templates.get_template(f"{file_name}.j2").render(context)
            yield OutputFile(f"{app.folder}/exim/{file_name}", content, origins(app), f"{app.title}: {why}")


def _context(app: App, relay: Relay) -> Mapping[str, object]:
    groups = by_stream(app)
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "refused": relay.refused,
        "streams": relay.streams,
        "schedule": relay.schedule,
        "listens": app.listens,
        "credentials": list(dict.fromkeys(credential for stream in relay.streams for credential in stream.credentials)),
        "users": _credentials(user for stream in relay.streams for user, _ in stream.logins),
        "passwords": _credentials(password for stream in relay.streams for _, password in stream.logins),
        "user_choices": [choice for stream in relay.streams for choice in stream.user_choices],
        "password_choices": [choice for stream in relay.streams for choice in stream.password_choices],
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "failover": failover_notes([stream.stream for stream in relay.streams if len(stream.hosts) > 1]),
        "answers": answers_of_esps(app),
        "smoke_test": _smoke_test(app, relay),
    }


def _credentials(logins: Iterable[Login]) -> list[Credential]:
    return [login for login in dict.fromkeys(logins) if isinstance(login, Credential)]


def _smoke_test(app: App, relay: Relay) -> str:
    """Give the command for the first stream whose From is known; empty without one."""
    senders = [fixed_sender(stream.stream.stream) for stream in relay.streams]
    address = next((sender.address for sender in senders if sender), "")
    if not address:
        return ""
    lines = (f"From: {address}", "To: YOU@EXAMPLE.ORG", "Subject: smoke test", "", "sent by hand")
    message = " ".join(shlex.quote(line) for line in lines)
    return smoke_test_note(app, f"printf '%s\\n' {message} | sendmail -i -f {shlex.quote(address)} YOU@EXAMPLE.ORG")
