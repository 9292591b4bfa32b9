"""Streams and routes as entries of `mailers` in config/mail.php, and the headers that a listener sets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from sendspec.esp.interface import Client, load_esp
from sendspec.model.app import App, Binding
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Support, Tls, Via
from sendspec.targets.app_bindings import StreamBindings, credentials_of, fixed_sender, message_parts, obstacle
from sendspec.targets.app_notes import kept_at
from sendspec.targets.php import Value, default_first, login_value

LIBRARY = "laravel"
PING_SECONDS = 5
"""SES closes a connection that was idle for 10 s (symfony-docs mailer.rst, 2026-11-26); NOOP finds out before MAIL."""
RETRY_AFTER_SECONDS = 60
"""Laravel's default. Another value here would not count: MailManager reads it from the last of `mailers` (seen in 13)."""
NOT_OPTIONS = frozenset({"unsaid"})


@dataclass(frozen=True, slots=True)
class Mailer:
    """One entry of `mailers`; `options` in the order to write. `problem` says why there are none."""

    name: str
    title: str
    notes: tuple[str, ...]
    options: Mapping[str, Value]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StreamMailers:
    """The mailers of one stream: the one that the app names, then those it consists of, primary first.

    Attributes:
        name: The mailer that the app names: the stream's own; empty while none of its routes can be written.
        headers: By which the ESPs know the stream, by mailer; those of the whole are for all its routes together.
    """

    group: StreamBindings
    mailers: tuple[Mailer, ...]
    name: str
    headers: Mapping[str, Mapping[str, Value]]


def streams_of(app: App) -> tuple[StreamMailers, ...]:
    """Give the streams of an app, the default first."""
    return tuple(_stream(group) for group in default_first(app))


def _stream(group: StreamBindings) -> StreamMailers:
    stream = group.stream
    pairs = [(binding, _mailer(binding)) for binding in group.bindings]
    written = [(binding, each) for binding, each in pairs if not each.problem]
    if len(written) == 1:
        ((only, whole),) = written
        mailers = tuple(replace(each, name=stream.id) if each is whole else each for _, each in pairs)
        return StreamMailers(group, mailers, stream.id, _headers({stream.id: [only]}))
    mailers = tuple(each for _, each in pairs)
    if not written:
        return StreamMailers(group, mailers, "", {})
    options: dict[str, Value] = {
        "transport": "failover",
        "mailers": tuple(each.name for _, each in written),
        "retry_after": RETRY_AFTER_SECONDS,
        **_from(stream),
    }
    sets = {stream.id: [binding for binding, _ in written], **{each.name: [binding] for binding, each in written}}
    together = Mailer(stream.id, f"{stream.id} ({stream.kind})", (), options)
    return StreamMailers(group, (together, *mailers), stream.id, _headers(sets))


def _headers(sets: Mapping[str, Iterable[Binding]]) -> Mapping[str, Mapping[str, Value]]:
    """Give the headers of mailers that have any; where two routes want one header differently, the first has its way."""
    found: dict[str, dict[str, Value]] = {}
    for mailer, bindings in sets.items():
        for binding in bindings:
            for name, value in message_parts(binding).headers:
                found.setdefault(mailer, {}).setdefault(name, value)
    return found


def _from(stream: Stream) -> Mapping[str, Value]:
    """Give the From of a mailer; null where the app gives it, else Laravel takes the one of the whole app."""
    sender = fixed_sender(stream)
    if sender is None:
        return {"from": None}
    return {"from": {"address": sender.address, "name": sender.display_name}}


def _mailer(binding: Binding) -> Mailer:
    route, stream = binding.route, binding.stream
    name = route.id.replace(".", "_")  # a dot would lead into the array; no stream's name has a `_`
    title = f"{stream.id} ({stream.kind}), {route.role}: {binding.account.id} over {route.via}"
    missing = obstacle(binding)
    if missing:
        return Mailer(name, title, (), {}, f"pending: {missing}")
    secrets = tuple(f"{each.env}: secret, {kept_at(each)}" for each in credentials_of(route.endpoint))
    if route.via is Via.SMTP:
        return Mailer(name, title, (*secrets, *route.delivery.because), {**dict(_smtp(binding)), **_from(stream)})
    client = load_esp(binding.account.kind).clients.get(LIBRARY)
    if client is None or client.supported is Support.NO:
        why = (
            f"Laravel has no transport for the API of {binding.account.title}: call it with its SDK, or say `via: smtp`"
        )
        return Mailer(name, title, (), {}, why)
    return _api(name, title, binding, client, secrets)


def _smtp(binding: Binding) -> Iterator[tuple[str, Value]]:
    """Give the options of an SMTP mailer; Laravel hands those that it does not know to Symfony's transport."""
    endpoint, delivery, sender = binding.route.endpoint, binding.route.delivery, fixed_sender(binding.stream)
    yield "transport", "smtp"
    yield "scheme", "smtps" if endpoint.tls is Tls.IMPLICIT else "smtp"
    if endpoint.tls is Tls.STARTTLS:
        yield "require_tls", True
    if endpoint.tls is Tls.NONE:
        yield "auto_tls", False  # else STARTTLS is used where it is offered, and its certificate checked
    yield "host", endpoint.host
    yield "port", endpoint.port
    yield "username", login_value(endpoint.username)
    yield "password", login_value(endpoint.password)
    yield "timeout", delivery.read_timeout_seconds
    if sender is not None:
        yield "local_domain", sender.address.rpartition("@")[2]
    yield "restart_threshold", delivery.messages_per_connection
    yield "ping_threshold", PING_SECONDS
    if delivery.rate_per_second:
        yield "max_per_second", delivery.rate_per_second


def _api(name: str, title: str, binding: Binding, client: Client, secrets: tuple[str, ...]) -> Mailer:
    options = {option.name: option.value for option in client.options(binding.route.endpoint, binding.route.delivery)}
    notes = [f"needs {', '.join(client.requirements)}", *secrets]
    if client.note:
        notes.append(client.note)
    if "unsaid" in options:
        notes.append(f"the transport has no way to say {options['unsaid']}: there the ESP's own settings count")
    given = {key: cast("Value", value) for key, value in options.items() if key not in NOT_OPTIONS}
    return Mailer(name, title, tuple(notes), {"transport": client.title, **given, **_from(binding.stream)})
