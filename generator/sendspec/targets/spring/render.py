"""`apps/<app>/application-mail.yml`, and `apps/<app>/<route>.mail.properties` for each route."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    hash_command,
    hash_comment,
    kept_at,
    retry_notes,
    smoke_test_note,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.spring.quoting import BACKSLASH, DOLLAR, property_value, yaml_value
from sendspec.targets.spring.routes import MILLISECONDS, MailRoute, Value, default_of, routes_of
from sendspec.templating import Filter, environment

YAML = "application-mail.yml"
SMOKE_TEST = "java -jar APP.jar --spring.mail.test-connection=true"


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the files for every app that asks for them."""
    filters: Mapping[str, Filter] = {
        "comment": hash_comment,
        "command": hash_command,
        "yaml": yaml_value,
        "property": property_value,
        "kept_at": kept_at,
    }
    templates = environment("sendspec.targets.spring", filters)
    for app in apps_asking_for(setup, "spring"):
        routes = routes_of(app)
        context = _context(app)
        content = templates.get_template(f"{YAML}.j2").render(context, **_of_spring(app, routes))
        files = [
            OutputFile(
                f"{app.folder}/{YAML}",
                content,
                origins(app),
                f"Mail settings of {app.title} for Spring Boot 3; secrets come from the environment",
            )
        ]
        for route in routes:
            if not route.problem:
                content = templates.get_template("mail.properties.j2").render(
                    context, **_of_jakarta(app, route, routes)
                )
                why = f"The route {route.name} of {app.title} for plain Jakarta Mail; the login comes from the environment"
                files.append(OutputFile(f"{app.folder}/{route.name}.mail.properties", content, origins(app), why))
        yield from sorted(files, key=lambda file: file.path)


def _context(app: App) -> Mapping[str, object]:
    groups = by_stream(app)
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "customers_send": CUSTOMERS_SEND,
        "unsubscribe_why": UNSUBSCRIBE,
        "failover": failover_notes(groups),
        "answers": answers_of_esps(app),
    }


def _of_spring(app: App, routes: tuple[MailRoute, ...]) -> Mapping[str, object]:
    written = [route for route in routes if not route.problem]
    default = default_of(routes)
    groups = by_stream(app)
    credentials = list(_credentials(written))
    return {
        "ways_out": _ways_out(app, default, written, "MAIL_ROUTE={other} in the environment"),
        "smoke_test": smoke_test_note(app, SMOKE_TEST) if default else "",
        "is_own_smoke_test": bool(app.smoke_test),
        "default": default.name if default else "",
        "routes": [(route, tuple(_entries(route))) for route in routes],
        "properties": [name for name, _ in default.properties] if default else [],
        "dollar": (DOLLAR, BACKSLASH),
        "secrets": credentials,
        "streams": [
            (group.stream.id, [route.name for route in written if route.binding.stream is group.stream])
            for group in groups
        ],
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "unsubscribe": [
            (group.stream.id, group.stream.unsubscribe_headers) for group in groups if group.stream.unsubscribe_headers
        ],
        "retries": [(route, tuple(retry_notes(route.binding))) for route in written],
    }


def _ways_out(app: App, route: MailRoute | None, routes: Sequence[MailRoute], change: str) -> tuple[str, ...]:
    """Give the ways from a route to the other one of its stream; `change` says by hand how."""
    names = [each.name for each in routes if route and not each.problem and each.binding.stream is route.binding.stream]
    by_relay = without_failover_notes(app, ())
    if route is None or len(names) < 2:  # noqa: PLR2004 - a primary and a fallback
        return by_relay
    other = names[1] if route.name == names[0] else names[0]
    return (f"by hand, without new code: {change.format(name=route.name, other=other)}, then restart", *by_relay)


def _of_jakarta(app: App, route: MailRoute, routes: Sequence[MailRoute]) -> Mapping[str, object]:
    endpoint = route.binding.route.endpoint
    settings: list[tuple[str, Value]] = [
        ("mail.transport.protocol", "smtp"),
        ("mail.smtp.host", endpoint.host),
        ("mail.smtp.port", endpoint.port),
    ]
    settings += [(name, value) for name, value in route.properties if value != ""]
    if isinstance(route.username, str) and route.username:
        settings.append(("mail.smtp.user", route.username))
    logins: list[tuple[str, Credential]] = [
        (name, login)
        for name, login in (("login.user.env", route.username), ("login.password.env", route.password))
        if isinstance(login, Credential)
    ]
    return {
        "route": route,
        "ways_out": _ways_out(app, route, routes, "{other}.mail.properties in place of {name}.mail.properties"),
        "settings": settings,
        "logins": logins,
        "is_of_customers": fixed_sender(route.binding.stream) is None,
        "stream": route.binding.stream,
        "retry": tuple(retry_notes(route.binding)),
        "delivery": route.binding.route.delivery,
    }


def _credentials(written: Iterable[MailRoute]) -> Iterator[Credential]:
    seen: set[str] = set()
    for route in written:
        for login in (route.username, route.password):
            if isinstance(login, Credential) and login.env not in seen:
                seen.add(login.env)
                yield login


def _entries(route: MailRoute) -> Iterator[tuple[str, str | int | bool | Credential]]:
    """Give what stands below `mail.routes.<name>` before its properties."""
    if route.problem:
        return
    endpoint, retry = route.binding.route.endpoint, route.binding.route.delivery.retry
    yield "host", endpoint.host
    yield "port", endpoint.port
    yield "username", route.username
    yield "password", route.password
    sender = fixed_sender(route.binding.stream)
    if sender is not None:
        yield "from-name", sender.display_name
        yield "from-address", sender.address
    yield "retry-attempts", retry.attempts
    yield "retry-base-ms", int(retry.base_seconds * MILLISECONDS)
    yield "retry-cap-ms", int(retry.cap_seconds * MILLISECONDS)
