"""Settings modules of an app: `django_mail.py` for Django before 6.1, `django_mailers.py` from 6.1."""

import shlex
from collections.abc import Iterable, Mapping

from sendspec.model.app import App
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.targets.app_bindings import apps_asking_for, by_stream, credentials_of, fixed_sender, origins, timeouts_of
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    retry_notes,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.django.data import data_of
from sendspec.targets.django.literals import python
from sendspec.targets.django.mailers import Mailer, default_of, mailers_of
from sendspec.templating import environment

FILES = {
    "django_mail.py": "before 6.1: EMAIL_* for the default mailer, and one named connection a route",
    "django_mailers.py": "from 6.1 on: one mailer a route in MAILERS",
}
"""Templates, and what each is for. Django 6.1 refuses to start with MAILERS and EMAIL_HOST together."""
SEND = {
    "django_mail.py": "{route}{message}, connection=get_connection(**settings.MAIL_CONNECTIONS[route])).send()",
    "django_mailers.py": "{route}{message}).send(using=route)",
}
"""How a message is sent with each file, once it is made."""
MESSAGE = "EmailMessage({content}, settings.MAIL_FROM[{stream}], {to}, headers=settings.MAIL_HEADERS[route]"
ROUTE = "route = settings.MAIL_ROUTE[{stream}]; "
IMPORTS = {
    "django_mail.py": "from django.conf import settings; from django.core.mail import EmailMessage, get_connection",
    "django_mailers.py": "from django.conf import settings; from django.core.mail import EmailMessage",
}
"""What the smoke test imports; 6.1 deprecates `get_connection`."""


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give both settings modules for every app that asks for them."""
    templates = environment(
        "sendspec.targets.django", {"comment": hash_comment, "python": python, "command": hash_command}
    )
    for app in apps_asking_for(setup, "django"):
        mailers = mailers_of(app)
        context = _context(app, mailers)
        for file_name, versions in FILES.items():
            yield OutputFile(
                f"{app.folder}/{file_name}",
                templates.get_template(f"{file_name}.j2").render(context, **_usage(file_name, default_of(mailers))),
                origins(app),
                f"Mail settings of {app.title} for Django {versions}; secrets come from the environment",
            )


def _usage(file_name: str, default: Mailer | None) -> Mapping[str, str]:
    """Give the two ways to send, in code and by hand, for the default mailer; empty when none can be written."""
    if default is None or fixed_sender(default.binding.stream) is None:
        return {"send": "", "smoke": ""}
    stream = python(default.binding.stream.id)
    route = ROUTE.format(stream=stream)
    in_code = MESSAGE.format(content="subject, body", to="[to]", stream=stream)
    by_hand = MESSAGE.format(content='"smoke test", "sent by hand"', to='["YOU@EXAMPLE.ORG"]', stream=stream)
    return {
        "send": SEND[file_name].format(message=in_code, route=route),
        "smoke": f"python manage.py shell -c '{IMPORTS[file_name]}; {SEND[file_name].format(message=by_hand, route=route)}'",
    }


def _context(app: App, mailers: tuple[Mailer, ...]) -> Mapping[str, object]:
    groups = by_stream(app)
    default = default_of(mailers)
    default_from = fixed_sender(default.binding.stream) if default else None
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "own_smoke_test": shlex.join(app.smoke_test),
        "mailers": mailers,
        "default": default,
        "default_from": default_from.to_text() if default_from else "",
        "uses_secrets": any(credentials_of(binding.route.endpoint) for binding in app.bindings),
        "timeouts": _api_timeouts(app),
        "data": tuple(data_of(app)),
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "retries": [(mailer.name, tuple(retry_notes(mailer.binding))) for mailer in mailers],
        "answers": answers_of_esps(app),
        "failover": failover_notes(groups),
        "ways_out": without_failover_notes(app, [mailer.name for mailer in mailers if not mailer.problem]),
    }


def _api_timeouts(app: App) -> tuple[int, ...]:
    """Give (connect, read) seconds for anymail, the longest of all API routes; empty without one.

    anymail has one setting for all its backends that speak HTTP themselves; an ESP's own SDK brings its own timeouts.
    """
    over_api = [binding for binding in app.bindings if binding.route.via is Via.API]
    return timeouts_of(over_api) if over_api else ()
