"""`apps/<app>/nodemailer.mail.mjs`: transports, defaults, the order of routes, and numbers for retries."""

import shlex
from collections.abc import Iterable, Iterator, Mapping

from sendspec.model.app import App, Binding
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.targets.app_bindings import apps_asking_for, by_stream, credentials_of, fixed_sender, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    comment,
    failover_notes,
    one_line,
    retry_notes,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.nodemailer.literals import Value, javascript
from sendspec.targets.nodemailer.transports import MILLISECONDS, Transport, transports_of
from sendspec.templating import environment

MODULE = "nodemailer.mail.mjs"


def slash_comment(text: object) -> str:
    """Give text as JavaScript comment lines."""
    return comment(text, "//")


def slash_command(text: object) -> str:
    """Give a command as one comment line, never wrapped, so that it can be copied."""
    return f"// {one_line(text)}"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the module for every app that asks for it."""
    filters = {"comment": slash_comment, "command": slash_command, "javascript": javascript}
    template = environment("sendspec.targets.nodemailer", filters).get_template(f"{MODULE}.j2")
    for app in apps_asking_for(setup, "nodemailer"):
        yield OutputFile(
            f"{app.folder}/{MODULE}",
            template.render(_context(app)),
            origins(app),
            f"nodemailer transports of {app.title}; secrets come from the environment",
        )


def _context(app: App) -> Mapping[str, object]:
    transports = transports_of(app)
    groups = by_stream(app)
    written = [transport for transport in transports if not transport.problem]
    example = next((transport for transport in written if fixed_sender(transport.binding.stream)), None)
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "example": example.name if example else "",
        "stream": example.binding.stream.id if example else "",
        "own_smoke_test": shlex.join(app.smoke_test),
        "transports": transports,
        "written": written,
        "imports": dict(sorted(_imports(written))),
        "uses_secrets": any(credentials_of(binding.route.endpoint) for binding in app.bindings),
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "unsubscribe_why": UNSUBSCRIBE,
        "unsubscribe": [
            (group.stream.id, dict(group.stream.unsubscribe_headers))
            for group in groups
            if group.stream.unsubscribe_headers
        ],
        "routes": [
            (group.stream.id, tuple(each.name for each in written if each.binding.stream is group.stream))
            for group in groups
        ],
        "retries": [(each.name, tuple(retry_notes(each.binding)), _retry(each.binding)) for each in written],
        "answers": answers_of_esps(app),
        "failover": failover_notes(groups),
        "ways_out": without_failover_notes(app, [transport.name for transport in written]),
    }


def _imports(transports: Iterable[Transport]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for transport in transports:
        yield from transport.imports


def _retry(binding: Binding) -> Mapping[str, Value]:
    """Give the numbers of a route's retries; HTTP statuses and headers only where there is HTTP."""
    retry = binding.route.delivery.retry
    numbers: dict[str, Value] = {
        "attempts": retry.attempts,
        "baseMs": int(retry.base_seconds * MILLISECONDS),
        "capMs": int(retry.cap_seconds * MILLISECONDS),
    }
    if binding.route.via is Via.API:
        numbers["statuses"] = retry.retry_status
        numbers["neverStatuses"] = retry.never_status
        numbers["retryAfterHeader"] = retry.retry_after_header
        numbers["idempotencyHeader"] = retry.idempotency_header
    return {name: value for name, value in numbers.items() if value not in {"", ()}}
