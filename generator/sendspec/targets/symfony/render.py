"""`apps/<app>/symfony/`: mailer.yaml with a DSN a stream, a class for what YAML cannot say, and php-mail.ini."""

from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, by_stream, fixed_sender, origins, timeouts_of
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    comment,
    failover_notes,
    hash_command,
    hash_comment,
    retry_notes,
    smoke_test_note,
    way_notes,
)
from sendspec.targets.php import Value, lost_names, php, slash_comment
from sendspec.targets.symfony.messages import Messages, messages_of
from sendspec.targets.symfony.transports import StreamTransports, streams_of
from sendspec.templating import Filter, environment

MILLISECONDS = 1000
FILES = {
    "MailStreams.php": "the class that gives each stream's mail its From and headers, for src/Mail/",
    "mailer.yaml": "Symfony Mailer's transports, for config/packages/; secrets come from the environment",
    "php-mail.ini": "timeouts, for the folder of PHP's ini files",
}


def semicolon_comment(text: object) -> str:
    """Give text as comment lines of an ini file."""
    return comment(text, ";")


def yaml_string(text: str) -> str:
    """Give a printable text as a YAML scalar in single quotes, where only `'` means something."""
    return "'" + text.replace("'", "''") + "'"


def class_constant(value: Value) -> str:
    """Give a value of a class constant; none holds a secret."""
    return php(value, lambda _credential: "null", columns=4)


FILTERS: Mapping[str, Filter] = {
    "comment": hash_comment,
    "command": hash_command,
    "ini_comment": semicolon_comment,
    "slash": slash_comment,
    "yaml": yaml_string,
    "php": class_constant,
}


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the folder of every app that asks for it."""
    templates = environment("sendspec.targets.symfony", FILTERS)
    for app in apps_asking_for(setup, "symfony"):
        yield from _files(app, templates)


def _files(app: App, templates: Environment) -> Iterator[OutputFile]:
    streams = streams_of(app)
    messages = messages_of(streams)
    context = _context(app, streams, messages)
    for name, why in FILES.items():
        if name != "MailStreams.php" or messages.needs_class:
            content = templates.get_template(f"{name}.j2").render(context)
            yield OutputFile(f"{app.folder}/symfony/{name}", content, origins(app), f"{app.title}: {why}")


def _context(app: App, streams: tuple[StreamTransports, ...], messages: Messages) -> Mapping[str, object]:
    written = [stream for stream in streams if stream.written]
    example = next((stream for stream in written if fixed_sender(stream.group.stream)), None)
    return {
        "generated": GENERATED,
        "app": app.title,
        "ways": way_notes(app),
        "lost_names": lost_names(app),
        "smoke_test": smoke_test_note(app, _smoke_test(example)) if example or app.smoke_test else "",
        "streams": streams,
        "has_transports": bool(written),
        "messages": messages,
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [stream.group.stream.id for stream in streams if fixed_sender(stream.group.stream) is None],
        "unsubscribe_why": UNSUBSCRIBE,
        "retries": [(each.name, tuple(retry_notes(each.binding))) for stream in streams for each in stream.transports],
        "retry": streams[0].group.bindings[0].route.delivery.retry if streams else None,
        "milliseconds": MILLISECONDS,
        "timeout": timeouts_of(app.bindings)[1] if app.bindings else 0,
        "answers": answers_of_esps(app),
        "failover": failover_notes(by_stream(app)),
    }


def _smoke_test(example: StreamTransports | None) -> str:
    """Give the command of Symfony 6.2 and later that sends one message."""
    sender = fixed_sender(example.group.stream) if example else None
    if example is None or sender is None:
        return ""
    return f"php bin/console mailer:test --transport={example.dsns[0][0]} --from={sender.address} YOU@EXAMPLE.ORG"
