"""`apps/<app>/discourse.conf`, and `discourse.env` with one more such file for each further route."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sendspec.model.app import App
from sendspec.model.credential import Credential, Literal
from sendspec.model.output_file import OutputFile
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.app_bindings import apps_asking_for, by_stream, credentials_of, fixed_sender, origins
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    answers_of_esps,
    failover_notes,
    hash_command,
    hash_comment,
    kept_at,
    smoke_test_note,
    way_notes,
)
from sendspec.targets.discourse.quoting import conf_text, conf_value, env_value, ruby_in_erb
from sendspec.targets.first_stream import FirstStream, ServerRoute, first_stream, headers_note, starttls_note
from sendspec.targets.interface import LeftOut
from sendspec.templating import environment

SYSTEM = "Discourse"
NO_CONF = "cannot be written in discourse.conf: none of its quotes can hold it"
NO_ENV = "cannot be written in discourse.env: not all that read it would agree on it"
WAY_OUT = "write another one in the spec, with letters, digits and . _ + - alone; or set it by hand, as the file's comment has it"
SMOKE_TEST = "RAILS_ENV=production bundle exec rake 'emails:test[YOU@EXAMPLE.ORG]'"
"""In the folder of an installation from source, as its user. lib/tasks/emails.rake, read 2026-11-26."""
IMAGE_SMOKE_TEST = "docker exec app rake 'emails:test[YOU@EXAMPLE.ORG]'"
"""`app` is the container that launcher starts; its own `rake` changes to Discourse's folder and user (templates/web.template.yml, read 2026-11-26)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One setting: the line that sets it, or (`line` empty) what to say in its place."""

    line: str
    instead: str = ""


def render(setup: Setup) -> Iterable[OutputFile]:
    """Give the files for every app that asks for them."""
    comments = {"comment": hash_comment, "command": hash_command}
    in_conf = {
        "comment": lambda text: conf_text(hash_comment(text)),
        "command": lambda text: conf_text(hash_command(text)),
        "ruby": ruby_in_erb,
    }
    conf = environment("sendspec.targets.discourse", in_conf).get_template("discourse.conf.j2")
    env = environment("sendspec.targets.discourse", comments).get_template("discourse.env.j2")
    for app in apps_asking_for(setup, "discourse"):
        stream = first_stream(app, SYSTEM)
        routes = stream.routes
        context = _context(app, stream)
        files = {"discourse.conf": conf.render(context, routes=[_in_conf(route) for route in routes])}
        for route in routes or (None,):
            name = f"discourse.{route.name}.env" if route and route is not routes[0] else "discourse.env"
            files[name] = env.render(context, route=_in_env(route) if route else None)
        for name, content in sorted(files.items()):
            yield OutputFile(f"{app.folder}/{name}", content, origins(app), _why(app, name))


def leaves_out(app: App) -> tuple[LeftOut, ...]:
    """Give the streams that Discourse's one server keeps out, and the values that its files cannot hold."""
    chosen = first_stream(app, SYSTEM)
    return (*chosen.other_streams, *(left for route in chosen.routes for left in _values_left_out(route)))


def _values_left_out(route: ServerRoute) -> Iterator[LeftOut]:
    binding, sender = route.binding, fixed_sender(route.binding.stream)
    for name, value in _settings(route):
        if isinstance(value, Credential):
            continue
        at = binding.stream.senders[0].origin if sender and value in (sender.address, sender.domain) else None
        for write, key, problem in ((conf_value, name, NO_CONF), (env_value, f"DISCOURSE_{name.upper()}", NO_ENV)):
            if write(value) is None:
                yield LeftOut((binding,), f"{key} {problem}", WAY_OUT, is_whole=False, at=at or binding.route.origin)


def _why(app: App, name: str) -> str:
    way = "for an installation from source" if name.endswith(".conf") else "as variables of its image"
    return f"Mail settings of {app.title} for Discourse, {way}"


def _context(app: App, chosen: FirstStream) -> Mapping[str, object]:
    routes = chosen.routes
    stream = routes[0].binding.stream if routes else None
    sender = fixed_sender(stream) if stream else None
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "smoke_test": smoke_test_note(app, SMOKE_TEST) if routes else "",
        "image_smoke_test": smoke_test_note(app, IMAGE_SMOKE_TEST) if routes else "",
        "names": [route.name for route in routes],
        "left_out": chosen.left_out,
        "sender_name": sender.display_name if sender else "",
        "of_customers": f"{stream.id} has {CUSTOMERS_SEND}" if stream and sender is None else "",
        "unsubscribe": stream.unsubscribe_headers if stream else (),
        "uses_secrets": any(credentials_of(route.binding.route.endpoint) for route in routes),
        "failover": failover_notes(by_stream(app)),
        "answers": answers_of_esps(app),
    }


def _in_conf(route: ServerRoute) -> Mapping[str, object]:
    lines = [_conf_line(name, value) for name, value in _settings(route)]
    return {"name": route.name, "title": route.title, "notes": tuple(_notes(route)), "lines": lines}


def _in_env(route: ServerRoute) -> Mapping[str, object]:
    lines = [_env_line(f"DISCOURSE_{name.upper()}", value) for name, value in _settings(route)]
    return {"name": route.name, "title": route.title, "notes": tuple(_notes(route)), "lines": lines}


def _conf_line(name: str, value: str | Credential) -> Line:
    if isinstance(value, Credential):
        return Line(f"{name} = <%= secret.call({ruby_in_erb(value.env)}, {ruby_in_erb(value.reference)}) %>")
    written = conf_value(value)
    if written is None:
        return Line("", f"{name} {NO_CONF}. Its value is: {value}")
    return Line(f"{name} = {written}")


def _env_line(name: str, value: str | Credential) -> Line:
    if isinstance(value, Credential):
        return Line("", f"{name}: secret, {kept_at(value)}; give it to the container under this name, from {value.env}")
    written = env_value(value)
    if written is None:
        return Line("", f"{name} {NO_ENV}. Its value is: {value}")
    return Line(f"{name}={written}")


def _notes(route: ServerRoute) -> Iterator[str]:
    yield from filter(None, (starttls_note(route, SYSTEM), headers_note(route, SYSTEM)))


def _settings(route: ServerRoute) -> Iterator[tuple[str, str | Credential]]:
    """Give settings by their names in discourse.conf."""
    endpoint, delivery = route.binding.route.endpoint, route.binding.route.delivery
    sender = fixed_sender(route.binding.stream)
    yield "smtp_address", endpoint.host
    yield "smtp_port", str(endpoint.port)
    if sender is not None:
        yield "smtp_domain", sender.domain
    if endpoint.username is not None and endpoint.password is not None:
        yield "smtp_authentication", "plain"
        for name, login in (("smtp_user_name", endpoint.username), ("smtp_password", endpoint.password)):
            yield name, login.value if isinstance(login, Literal) else login
    yield "smtp_enable_start_tls", str(endpoint.tls is Tls.STARTTLS).lower()
    yield "smtp_force_tls", str(endpoint.tls is Tls.IMPLICIT).lower()
    if endpoint.tls is not Tls.NONE:
        yield "smtp_openssl_verify_mode", "peer"
    yield "smtp_open_timeout", str(delivery.connect_timeout_seconds)
    yield "smtp_read_timeout", str(delivery.read_timeout_seconds)
    if sender is not None:
        yield "notification_email", sender.address
