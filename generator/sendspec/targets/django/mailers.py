"""Routes as Django mailers: a backend's class path and the options it is created with."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.esp.interface import Client, load_esp
from sendspec.model.app import App, Binding
from sendspec.model.credential import Literal, Login
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Support, Tls, Via
from sendspec.targets.app_bindings import by_stream, fixed_sender, obstacle, route_names
from sendspec.targets.django.literals import Value

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
API_LIBRARY = "django-anymail"
FLAT_SMTP = {
    "host": "EMAIL_HOST",
    "port": "EMAIL_PORT",
    "username": "EMAIL_HOST_USER",
    "password": "EMAIL_HOST_PASSWORD",
    "use_tls": "EMAIL_USE_TLS",
    "use_ssl": "EMAIL_USE_SSL",
    "timeout": "EMAIL_TIMEOUT",
}
"""Names of the SMTP backend's options as settings before Django 6.1."""
FLAT_API = {"timeout": "REQUESTS_TIMEOUT", "requests_timeout": "REQUESTS_TIMEOUT"}
"""Options of every anymail backend: their settings carry no ESP's prefix (anymail.dev, "Anymail settings reference")."""


@dataclass(frozen=True, slots=True)
class Mailer:
    """One route as Django sees it. `problem` says why it cannot be written; then it has neither backend nor options.

    `flat` are the same options as settings of the time before `MAILERS`: (name, value), for the default mailer.
    """

    name: str
    binding: Binding
    backend: str
    options: tuple[tuple[str, Value], ...]
    flat: tuple[tuple[str, Value], ...]
    flat_in_anymail: bool
    notes: tuple[str, ...]
    problem: str

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route = self.binding.route
        stream = self.binding.stream
        return f"{stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"


def mailers_of(app: App) -> tuple[Mailer, ...]:
    """Give a mailer for each route of an app, streams as declared, primary first."""
    names = route_names(app)
    return tuple(_mailer(names[binding.route.id], binding) for routes in by_stream(app) for binding in routes.bindings)


def default_of(mailers: tuple[Mailer, ...]) -> Mailer | None:
    """Choose what Django uses for its own mail (error reports, `send_mail` without a mailer).

    A mailer that is called `default` already; else the first whose stream is not bulk, because a password reset that
    leaves with the newsletter shares its reputation, and of those one with a From of our own rather than customers';
    else the first. None when none can be written.
    """
    usable = [mailer for mailer in mailers if not mailer.problem]
    ranked = sorted(
        usable,
        key=lambda mailer: (
            mailer.name != "default",
            mailer.binding.stream.kind.is_bulk,
            fixed_sender(mailer.binding.stream) is None,
        ),
    )
    return ranked[0] if ranked else None


def _mailer(name: str, binding: Binding) -> Mailer:
    missing = obstacle(binding)
    if missing:
        return _unwritten(name, binding, f"pending: {missing}")
    if binding.route.via is Via.SMTP:
        options = tuple(_smtp_options(binding))
        flat = tuple((FLAT_SMTP[option], value) for option, value in options)
        return Mailer(name, binding, SMTP_BACKEND, options, flat, flat_in_anymail=False, notes=(), problem="")
    client = load_esp(binding.account.kind).clients.get(API_LIBRARY)
    if client is None or client.supported is Support.NO:
        why = f": {client.note}" if client else ""
        return _unwritten(
            name,
            binding,
            f"{API_LIBRARY} has no backend for {binding.account.title}{why}; call its API with its own SDK, or say `via: smtp`",
        )
    return _api_mailer(name, binding, client)


def _unwritten(name: str, binding: Binding, problem: str) -> Mailer:
    return Mailer(name, binding, "", (), (), flat_in_anymail=False, notes=(), problem=problem)


def _api_mailer(name: str, binding: Binding, client: Client) -> Mailer:
    options = tuple(
        (option.name, option.value) for option in client.options(binding.route.endpoint, binding.route.delivery)
    )
    flat = tuple((FLAT_API.get(option, f"{client.setting_prefix}{option.upper()}"), value) for option, value in options)
    notes = (f"needs {', '.join(client.requirements)}",) if client.requirements else ()
    return Mailer(
        name,
        binding,
        client.title,
        options,
        flat,
        flat_in_anymail=True,
        notes=(*notes, *((client.note,) if client.note else ())),
        problem="",
    )


def _smtp_options(binding: Binding) -> Iterator[tuple[str, Value]]:
    """Give the SMTP backend's options; both TLS switches, because an unsaid one falls back to the default mailer's."""
    endpoint = binding.route.endpoint
    yield "host", endpoint.host
    yield "port", endpoint.port
    yield from _login(endpoint)
    yield "use_tls", endpoint.tls is Tls.STARTTLS
    yield "use_ssl", endpoint.tls is Tls.IMPLICIT
    # One number for connecting and for every answer; the longer one, because giving up after the final dot sends twice.
    yield "timeout", binding.route.delivery.read_timeout_seconds


def _login(endpoint: Endpoint) -> Iterator[tuple[str, Value]]:
    """Give user and password, empty where there is none: an unsaid one falls back to the default mailer's."""
    logins: tuple[tuple[str, Login | None], ...] = (("username", endpoint.username), ("password", endpoint.password))
    for name, login in logins:
        yield name, login.value if isinstance(login, Literal) else login or ""
