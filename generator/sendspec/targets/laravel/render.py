"""`apps/<app>/laravel/`: mail.php for config/, a block for .env, and a listener where streams have headers."""

import re
from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import apps_asking_for, by_stream, fixed_sender, obstacle, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    kept_at,
    retry_notes,
    smoke_test_note,
    way_notes,
)
from sendspec.targets.laravel.mailers import StreamMailers, streams_of
from sendspec.targets.php import Value, lost_names, php, php_string, slash_command, slash_comment
from sendspec.templating import Filter, environment

FILES = {
    "SetMailHeaders.php": "the listener that sets the headers by which ESPs know a stream, for app/Listeners/",
    "mail.env": "a block for .env: which mailer is the default, and which secrets there are",
    "mail.php": "Laravel's mailers, for config/; secrets come from the environment",
}


def from_environment(credential: Credential) -> str:
    """Give the expression that reads a secret in a file below `config/`."""
    return f"env({php_string(credential.env)})"


def entry(value: Value, columns: int = 8) -> str:
    """Give a value as an entry of the configuration array."""
    return php(value, from_environment, columns)


FILTERS: Mapping[str, Filter] = {
    "comment": hash_comment,
    "hash_command": hash_command,
    "slash": slash_comment,
    "command": slash_command,
    "php": entry,
}


def dotenv_string(text: str) -> str:
    """Give a printable text as Laravel's reader of .env takes it, in double quotes, where `$` would name a variable."""
    return '"' + re.sub(r'(["\\$])', r"\\\1", text) + '"'


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the folder of every app that asks for it."""
    templates = environment("sendspec.targets.laravel", FILTERS)
    for app in apps_asking_for(setup, "laravel"):
        yield from _files(app, templates)


def _files(app: App, templates: Environment) -> Iterator[OutputFile]:
    streams = streams_of(app)
    context = _context(app, streams)
    for name, why in FILES.items():
        if name != "SetMailHeaders.php" or any(stream.headers for stream in streams):
            content = templates.get_template(f"{name}.j2").render(context)
            yield OutputFile(f"{app.folder}/laravel/{name}", content, origins(app), f"{app.title}: {why}")


def _context(app: App, streams: tuple[StreamMailers, ...]) -> Mapping[str, object]:
    written = [stream for stream in streams if stream.name]
    example = next((stream for stream in written if fixed_sender(stream.group.stream)), None)
    return {
        "generated": GENERATED,
        "app": app.title,
        "ways": way_notes(app),
        "lost_names": lost_names(app),
        "smoke_test": smoke_test_note(app, _smoke_test(example)) if example or app.smoke_test else "",
        "streams": streams,
        "default": written[0].name if written else "",
        "default_from": _default_from(streams),
        "headers": {mailer: headers for stream in written for mailer, headers in stream.headers.items()},
        "unsubscribe": {
            stream.group.stream.id: dict(stream.group.stream.unsubscribe_headers)
            for stream in streams
            if stream.group.stream.unsubscribe_headers
        },
        "unsubscribe_why": UNSUBSCRIBE,
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [stream.group.stream.id for stream in streams if fixed_sender(stream.group.stream) is None],
        "secrets": [(each.env, kept_at(each)) for each in app.credentials()],
        "stock": list(_stock(streams)),
        "retries": [(binding.route.id, tuple(retry_notes(binding))) for binding in app.bindings],
        "retry": streams[0].group.bindings[0].route.delivery.retry if streams else None,
        "failover": failover_notes(by_stream(app)),
        "answers": answers_of_esps(app),
    }


def _smoke_test(example: StreamMailers | None) -> str:
    if example is None:
        return ""
    code = (
        f'Mail::mailer("{example.name}")->raw("sent by hand",'
        ' fn ($message) => $message->to("YOU@EXAMPLE.ORG")->subject("smoke test"));'
    )
    return f"php artisan tinker --execute='{code}'"


def _default_from(streams: tuple[StreamMailers, ...]) -> Mapping[str, Value] | None:
    """Give the From of mail without a stream (notifications, password resets); None where all is customers'."""
    senders = [fixed_sender(stream.group.stream) for stream in streams if not stream.group.stream.kind.is_bulk]
    sender = next((each for each in senders if each), None)
    return {"address": sender.address, "name": sender.display_name} if sender else None


def _stock(streams: tuple[StreamMailers, ...]) -> Iterator[tuple[str, str]]:
    """Give the variables of Laravel's own config/mail.php for the default stream's primary, where it is SMTP."""
    binding = _stock_binding(streams)
    if binding is None:
        return
    endpoint, sender = binding.route.endpoint, fixed_sender(binding.stream)
    yield "MAIL_MAILER", "smtp"
    yield "MAIL_SCHEME", "smtps" if endpoint.tls is Tls.IMPLICIT else "smtp"
    yield "MAIL_HOST", endpoint.host
    yield "MAIL_PORT", str(endpoint.port)
    for name, login in (("MAIL_USERNAME", endpoint.username), ("MAIL_PASSWORD", endpoint.password)):
        if login is not None:
            yield name, f'"${{{login.env}}}"' if isinstance(login, Credential) else dotenv_string(login.value)
    if sender is not None:
        yield "MAIL_FROM_ADDRESS", dotenv_string(sender.address)
        if sender.display_name.isprintable():
            yield "MAIL_FROM_NAME", dotenv_string(sender.display_name)


def _stock_binding(streams: tuple[StreamMailers, ...]) -> Binding | None:
    first = streams[0].group.bindings[0] if streams else None
    return first if first and first.route.via is Via.SMTP and not obstacle(first) else None
