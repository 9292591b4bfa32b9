"""Routes as ActionMailer delivery methods: a name and the settings of `Mail::SMTP`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.credential import Literal, Login
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import by_stream, fixed_sender, message_parts, obstacle, route_names
from sendspec.targets.ruby_text import RubyValue, Symbol


@dataclass(frozen=True, slots=True)
class MailRoute:
    """One route as Rails sees it.

    Attributes:
        name: What the app calls it: `codes-fallback`.
        method: Its delivery method: `mail_codes_fallback`. ActionMailer makes a method of it, so no dash and no dot.
        settings: Of `Mail::SMTP`, in the order to write.
        defaults: From and headers of every message.
        problem: Why it cannot be written; then it has no settings.
    """

    name: str
    method: Symbol
    binding: Binding
    settings: tuple[tuple[str, RubyValue], ...]
    defaults: Mapping[str, RubyValue]
    problem: str

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{self.name}: {stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"


def routes_of(app: App) -> tuple[MailRoute, ...]:
    """Give every route of an app, streams as declared, primary first."""
    names = route_names(app)
    return tuple(_route(names[binding.route.id], binding) for each in by_stream(app) for binding in each.bindings)


def default_of(routes: tuple[MailRoute, ...]) -> MailRoute | None:
    """Choose what sends a mailer that names no stream.

    The first primary whose stream is not bulk, because a password reset that leaves with the newsletter shares its
    reputation, and of those one with a From of our own rather than customers'; else the first. None without any.
    """
    usable = [route for route in routes if not route.problem]
    ranked = sorted(
        usable, key=lambda route: (route.binding.stream.kind.is_bulk, fixed_sender(route.binding.stream) is None)
    )
    return ranked[0] if ranked else None


def _route(name: str, binding: Binding) -> MailRoute:
    method = Symbol("mail_" + name.replace(".", "__").replace("-", "_"))
    problem = _problem(binding)
    return MailRoute(
        name,
        method,
        binding,
        () if problem else tuple(_settings(binding)),
        {} if problem else dict(_defaults(binding)),
        problem,
    )


def _problem(binding: Binding) -> str:
    missing = obstacle(binding)
    if missing:
        return f"pending: {missing}"
    if binding.route.via is Via.API:
        return f"ActionMailer itself speaks SMTP only: call the API of {binding.account.title} with its SDK, or say `via: smtp`"
    return ""


def _settings(binding: Binding) -> Iterator[tuple[str, RubyValue]]:
    """Give the settings; TLS in the words that mail 2.7 and 2.8 both understand, and never two of them.

    mail 2.8 takes `tls` and `enable_starttls` together for a mistake (ArgumentError), 2.7 lets `enable_starttls_auto`
    default to true.
    """
    endpoint, delivery = binding.route.endpoint, binding.route.delivery
    yield "address", endpoint.host
    yield "port", endpoint.port
    sender = fixed_sender(binding.stream)
    if sender is not None:
        yield "domain", sender.domain  # EHLO says `localhost.localdomain` otherwise
    if endpoint.tls is Tls.STARTTLS:
        yield "enable_starttls", True
    elif endpoint.tls is Tls.IMPLICIT:
        yield "tls", True
        yield "enable_starttls_auto", False
    else:
        yield "enable_starttls", False
        yield "enable_starttls_auto", False
    if endpoint.tls is not Tls.NONE:
        yield "openssl_verify_mode", "peer"
    if endpoint.username is not None and endpoint.password is not None:
        yield "authentication", Symbol("plain")
        yield "user_name", _login(endpoint.username)
        yield "password", _login(endpoint.password)
    yield "open_timeout", delivery.connect_timeout_seconds
    yield "read_timeout", delivery.read_timeout_seconds


def _login(login: Login) -> RubyValue:
    return login.value if isinstance(login, Literal) else login


def _defaults(binding: Binding) -> Iterator[tuple[str, RubyValue]]:
    parts = message_parts(binding)
    if parts.sender is not None:
        yield "from", parts.sender.to_text()
    yield from parts.headers
