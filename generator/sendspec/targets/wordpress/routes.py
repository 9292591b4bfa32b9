"""Streams and routes as the must-use plugin keeps them, and the first stream as constants of WP Mail SMTP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from sendspec.esp.interface import load_esp
from sendspec.model.app import App, Binding
from sendspec.model.vocabulary import Support, Tls, Via
from sendspec.targets.app_bindings import (
    StreamBindings,
    credentials_of,
    fixed_sender,
    message_parts,
    obstacle,
    route_names,
)
from sendspec.targets.app_notes import kept_at
from sendspec.targets.php import Value, default_first, login_value

LIBRARY = "wp-mail-smtp"
SECURE: Mapping[Tls, str] = {Tls.STARTTLS: "tls", Tls.IMPLICIT: "ssl", Tls.NONE: ""}
"""PHPMailer's `SMTPSecure` and the plugin's `WPMS_SSL`: `tls` is STARTTLS and fails where the server has none."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route, by the name under which it can be switched off. `problem` says why it is not written."""

    name: str
    title: str
    notes: tuple[str, ...]
    settings: Mapping[str, Value]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StreamRoutes:
    """One stream: what goes with its mail, and its routes, primary first."""

    group: StreamBindings
    sender: Value
    unsubscribe: Mapping[str, Value]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Constants:
    """What wp-config.php defines for WP Mail SMTP, in order. `problem` says why there is nothing."""

    title: str
    values: tuple[tuple[str, Value], ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


def streams_of(app: App) -> tuple[StreamRoutes, ...]:
    """Give the streams of an app, the default first."""
    names = route_names(app)
    return tuple(_stream(group, names) for group in default_first(app))


def _stream(group: StreamBindings, names: Mapping[str, str]) -> StreamRoutes:
    sender = fixed_sender(group.stream)
    headers = group.stream.unsubscribe_headers
    return StreamRoutes(
        group,
        (sender.address, sender.display_name) if sender else None,
        {} if any("{" in value for _, value in headers) else dict(headers),
        tuple(_route(names[binding.route.id], binding) for binding in group.bindings),
    )


def title_of(binding: Binding) -> str:
    """Give the line a reader looks for: stream, kind, role, account and way."""
    route, stream = binding.route, binding.stream
    return f"{stream.id} ({stream.kind}), {route.role}: {binding.account.id} over {route.via}"


def _route(name: str, binding: Binding) -> Route:
    missing = obstacle(binding)
    if missing:
        return Route(name, title_of(binding), (), {}, f"pending: {missing}")
    if binding.route.via is Via.API:
        return Route(name, title_of(binding), (), {}, "PHPMailer speaks SMTP only: say `via: smtp`")
    endpoint, delivery, sender = binding.route.endpoint, binding.route.delivery, fixed_sender(binding.stream)
    settings: dict[str, Value] = {
        "host": endpoint.host,
        "port": endpoint.port,
        "secure": SECURE[endpoint.tls],
        "user": login_value(endpoint.username) or "",
        "password": login_value(endpoint.password) or "",
        "secrets": {each.env: kept_at(each) for each in credentials_of(endpoint)},
        "helo": sender.address.rpartition("@")[2] if sender else "",
        "connect": delivery.connect_timeout_seconds,
        "answer": delivery.read_timeout_seconds,
        "headers": dict(message_parts(binding).headers),
    }
    return Route(name, title_of(binding), delivery.because, settings)


def constants_of(app: App) -> Constants:
    """Give the constants for the primary route of the default stream: the plugin knows one sender and one way."""
    streams = default_first(app)
    if not streams:
        return Constants("", problem="the app sends no stream")
    binding = streams[0].bindings[0]
    title = title_of(binding)
    missing = obstacle(binding)
    if missing:
        return Constants(title, problem=f"pending: {missing}")
    secrets = tuple(f"{each.env}: secret, {kept_at(each)}" for each in credentials_of(binding.route.endpoint))
    if binding.route.via is Via.SMTP:
        return Constants(title, (*_common(binding), *_smtp(binding)), secrets)
    client = load_esp(binding.account.kind).clients.get(LIBRARY)
    if client is None or client.supported is Support.NO:
        why = f"WP Mail SMTP has no mailer for the API of {binding.account.title} that sendspec knows of"
        return Constants(title, problem=f"{why}; say `via: smtp`")
    options = {option.name: option.value for option in client.options(binding.route.endpoint, binding.route.delivery)}
    if "problem" in options:
        return Constants(title, problem=f"{options['problem']}; say `via: smtp`")
    given: list[tuple[str, Value]] = [("WPMS_MAILER", client.title)]
    given += [(client.setting_prefix + name.upper(), cast("Value", value)) for name, value in options.items()]
    return Constants(title, (*_common(binding), *given), (*secrets, *((client.note,) if client.note else ())))


def _common(binding: Binding) -> Iterator[tuple[str, Value]]:
    sender = fixed_sender(binding.stream)
    yield "WPMS_ON", True
    if sender is not None:
        yield "WPMS_MAIL_FROM", sender.address
        yield "WPMS_MAIL_FROM_FORCE", True
        if sender.display_name:
            yield "WPMS_MAIL_FROM_NAME", sender.display_name
            yield "WPMS_MAIL_FROM_NAME_FORCE", True
    yield "WPMS_SET_RETURN_PATH", True


def _smtp(binding: Binding) -> Iterator[tuple[str, Value]]:
    endpoint = binding.route.endpoint
    yield "WPMS_MAILER", "smtp"
    yield "WPMS_SMTP_HOST", endpoint.host
    yield "WPMS_SMTP_PORT", endpoint.port
    yield "WPMS_SSL", SECURE[endpoint.tls]
    yield "WPMS_SMTP_AUTOTLS", endpoint.tls is not Tls.NONE
    yield "WPMS_SMTP_AUTH", endpoint.password is not None
    if endpoint.password is not None:
        yield "WPMS_SMTP_USER", login_value(endpoint.username)
        yield "WPMS_SMTP_PASS", login_value(endpoint.password)
