"""`apps/<app>/rails_mail.rb`: an initializer with one delivery method a route."""

from collections.abc import Iterable, Mapping

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.targets.app_bindings import apps_asking_for, by_stream, credentials_of, fixed_sender, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    smoke_test_note,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.rails.routes import MailRoute, default_of, routes_of
from sendspec.targets.ruby_text import ruby
from sendspec.templating import environment

FILE = "rails_mail.rb"
SMOKE_TEST = (
    'bin/rails runner -e production \'ActionMailer::Base.mail(to: "YOU@EXAMPLE.ORG", subject: "smoke test",'
    ' body: "sent by hand").deliver_now\''
)


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the initializer for every app that asks for it."""
    filters = {"comment": hash_comment, "command": hash_command, "ruby": ruby}
    template = environment("sendspec.targets.rails", filters).get_template(f"{FILE}.j2")
    for app in apps_asking_for(setup, "rails"):
        yield OutputFile(
            f"{app.folder}/{FILE}",
            template.render(_context(app)),
            origins(app),
            f"Mail settings of {app.title} for Rails, an initializer; secrets come from the environment",
        )


def _context(app: App) -> Mapping[str, object]:
    routes = routes_of(app)
    written = [route for route in routes if not route.problem]
    groups = by_stream(app)
    default = default_of(routes)
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "default": default,
        "smoke_test": smoke_test_note(app, SMOKE_TEST) if default and fixed_sender(default.binding.stream) else "",
        "routes": routes,
        "written": written,
        "streams": _routes_of_streams(written),
        "uses_secrets": any(credentials_of(route.binding.route.endpoint) for route in written),
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "unsubscribe_why": UNSUBSCRIBE,
        "unsubscribe": [
            (group.stream.id, dict(group.stream.unsubscribe_headers))
            for group in groups
            if group.stream.unsubscribe_headers
        ],
        "retry": _retry(written),
        "answers": answers_of_esps(app),
        "failover": failover_notes(groups),
        "ways_out": without_failover_notes(app, [route.name for route in written]),
    }


def _routes_of_streams(written: Iterable[MailRoute]) -> list[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for route in written:
        found.setdefault(route.binding.stream.id, []).append(route.name)
    return [(stream, tuple(names)) for stream, names in found.items()]


def _retry(written: Iterable[MailRoute]) -> Mapping[str, int | float]:
    """Give the numbers of ActiveJob, which has one set for all mail: those of the most patient route."""
    found = [route.binding.route.delivery.retry for route in written]
    if not found:
        return {}
    return {
        "attempts": max(retry.attempts for retry in found),
        "base": max(retry.base_seconds for retry in found),
        "cap": max(retry.cap_seconds for retry in found),
    }
