"""`apps/<app>/wordpress/`: a must-use plugin, and constants for wp-config.php as the other way."""

from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment

from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, by_stream, fixed_sender, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    failover_notes,
    retry_notes,
    smoke_test_note,
    way_notes,
)
from sendspec.targets.php import Value, lost_names, php, php_string, slash_command, slash_comment
from sendspec.targets.wordpress.routes import constants_of, streams_of
from sendspec.templating import Filter, environment

FILES = {
    "mail-settings.php": "a must-use plugin that sends each stream's mail its way, for wp-content/mu-plugins/",
    "wp-config-mail.php": "constants for the plugin WP Mail SMTP, for sites that use it in place of the must-use plugin",
}


def in_plugin(value: Value, columns: int = 4) -> str:
    """Give a value of the must-use plugin; a secret is read when WordPress starts."""
    return php(value, lambda credential: f"$secret({php_string(credential.env)})", columns)


def in_constants(value: Value) -> str:
    """Give a value of wp-config.php, which the plugin knows nothing of yet."""

    def from_environment(credential: Credential) -> str:
        return f"getenv({php_string(credential.env)})"

    return php(value, from_environment)


FILTERS: Mapping[str, Filter] = {
    "slash": slash_comment,
    "command": slash_command,
    "php": in_plugin,
    "constant": in_constants,
}


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the folder of every app that asks for it."""
    templates = environment("sendspec.targets.wordpress", FILTERS)
    for app in apps_asking_for(setup, "wordpress"):
        yield from _files(app, templates)


def _files(app: App, templates: Environment) -> Iterator[OutputFile]:
    context = _context(app)
    for name, why in FILES.items():
        content = templates.get_template(f"{name}.j2").render(context)
        yield OutputFile(f"{app.folder}/wordpress/{name}", content, origins(app), f"{app.title}: {why}")


def _context(app: App) -> Mapping[str, object]:
    streams = streams_of(app)
    command = 'wp eval \'var_dump(wp_mail("YOU@EXAMPLE.ORG", "smoke test", "sent by hand"));\''
    can_try = any(not route.problem for route in streams[0].routes) if streams else False
    return {
        "generated": GENERATED,
        "app": app.title,
        "ways": way_notes(app),
        "lost_names": lost_names(app),
        "smoke_test": smoke_test_note(app, command) if app.smoke_test or (can_try and streams[0].sender) else "",
        "streams": streams,
        "switch": ",".join(
            [route.name for stream in streams for route in stream.routes if not route.problem][:2]  # an example
        ),
        "default": streams[0].group.stream.id if streams else "",
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [stream.group.stream.id for stream in streams if fixed_sender(stream.group.stream) is None],
        "unsubscribe_why": UNSUBSCRIBE,
        "unsubscribe": [
            (stream.group.stream.id, stream.group.stream.unsubscribe_headers)
            for stream in streams
            if stream.group.stream.unsubscribe_headers and not stream.unsubscribe
        ],
        "constants": constants_of(app),
        "retries": [
            (route.name, tuple(retry_notes(binding)))
            for stream in streams
            for route, binding in zip(stream.routes, stream.group.bindings, strict=True)
        ],
        "failover": failover_notes(by_stream(app)),
        "answers": answers_of_esps(app),
    }
