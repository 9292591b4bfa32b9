"""`mail.sdk.env`, `mail_sdk.mjs` and `mail_sdk.py` of an app."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping

from sendspec.esp.interface import OptionValue
from sendspec.model.app import App, Binding
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.targets.app_bindings import apps_asking_for, by_stream, credentials_of, origins, route_names
from sendspec.targets.app_notes import (
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    comment,
    failover_notes,
    hash_comment,
    retry_notes,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.dotenv_text import WAY_OUT, quote, unsayable
from sendspec.targets.dotenv_text import comment as dotenv_comment
from sendspec.targets.env_file import Dialect, env_file, values_left_out
from sendspec.targets.interface import LeftOut
from sendspec.targets.sdk_env.clients import SdkClient, clients_of
from sendspec.targets.sdk_env.literals import javascript, python
from sendspec.targets.sdk_env.variables import groups_of
from sendspec.templating import environment

SDK_ENV = Dialect(
    name="a dotenv file",
    head=(
        "# The ESPs' own SDKs read the names of the first lines of each route; the app reads the others.",
        "# For dotenv readers, `node --env-file` and shells (set -a; . ./mail.sdk.env; set +a).",
        "# No secret is in this file. A comment names each one and where its value is kept, and leaves the variable unset.",
    ),
    quote=quote,
    unsayable=unsayable,
    secrets="left unset here so that the real environment counts",
    way_out=WAY_OUT,
    comment=dotenv_comment,
)


def slash_comment(text: object) -> str:
    """Give text as JavaScript comment lines."""
    return comment(text, "//")


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the env file, and a module for each language where a route goes through an API."""
    for app in apps_asking_for(setup, "sdk-env"):
        why = f"Mail settings of {app.title} for the ESPs' own SDKs"
        yield OutputFile(f"{app.folder}/mail.sdk.env", env_file(app, SDK_ENV, groups_of(app)), origins(app), why)
        if any(binding.route.via is Via.API for binding in app.bindings):
            yield _module(app, "mail_sdk.mjs", "sdk-node", slash_comment, javascript)
            yield _module(app, "mail_sdk.py", "sdk-python", hash_comment, python)


def leaves_out(app: App) -> Iterable[LeftOut]:
    """Give the values that some reader of dotenv files would misread."""
    return values_left_out(SDK_ENV, groups_of(app))


def _module(
    app: App, file: str, library: str, say: Callable[[object], str], spell: Callable[[OptionValue], str]
) -> OutputFile:
    template = environment("sendspec.targets.sdk_env", {"comment": say, "spell": spell}).get_template(f"{file}.j2")
    clients = clients_of(app, library, spell)
    return OutputFile(
        f"{app.folder}/{file}",
        template.render(_context(app, clients)),
        origins(app),
        f"clients of the ESPs' own SDKs for {app.title}; secrets come from the environment",
    )


def _context(app: App, clients: tuple[SdkClient, ...]) -> Mapping[str, object]:
    groups, names = by_stream(app), route_names(app)
    written = [client for client in clients if client.lines]
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "smoke_test": shlex.join(app.smoke_test)
        or "let the app itself send one message, by its production code, to an address whose mail you can read.",
        "clients": clients,
        "imports": dict(sorted(_imports(written))),
        "uses_secrets": any(
            credentials_of(binding.route.endpoint) for binding in app.bindings if binding.route.via is Via.API
        ),
        "unsubscribe_why": UNSUBSCRIBE,
        "unsubscribe": [
            (group.stream.id, dict(group.stream.unsubscribe_headers))
            for group in groups
            if group.stream.unsubscribe_headers
        ],
        "routes": [(group.stream.id, tuple(names[binding.route.id] for binding in group.bindings)) for group in groups],
        "retries": [
            (names[binding.route.id], tuple(retry_notes(binding)), _retry(binding))
            for binding in app.bindings
            if binding.route.via is Via.API
        ],
        "answers": answers_of_esps(app),
        "failover": failover_notes(groups),
        "ways_out": without_failover_notes(app, [client.name for client in clients if client.lines]),
    }


def _imports(clients: Iterable[SdkClient]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for client in clients:
        yield from client.imports


def _retry(binding: Binding) -> Mapping[str, OptionValue]:
    """Give the numbers of a route's retries, in whole milliseconds."""
    retry = binding.route.delivery.retry
    numbers: dict[str, OptionValue] = {
        "attempts": retry.attempts,
        "base_ms": int(retry.base_seconds * 1000),
        "cap_ms": int(retry.cap_seconds * 1000),
        "statuses": retry.retry_status,
        "never_statuses": retry.never_status,
        "retry_after_header": retry.retry_after_header,
        "idempotency_header": retry.idempotency_header,
    }
    return {name: value for name, value in numbers.items() if value not in {"", ()}}
