"""Routes as Spring's MailProperties and as properties of Jakarta Mail."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential, Literal, Login
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import by_stream, fixed_sender, message_parts, obstacle, route_names
from sendspec.targets.spring.quoting import from_header

MILLISECONDS = 1000
Value = str | int | bool


@dataclass(frozen=True, slots=True)
class MailRoute:
    """One route. `problem` says why it cannot be written; then it has no properties.

    `properties` are those of Jakarta Mail that Spring does not set itself, in the order to write.
    """

    name: str
    binding: Binding
    properties: tuple[tuple[str, Value], ...]
    problem: str

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{self.name}: {stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"

    @property
    def username(self) -> Value | Credential:
        """Give the user; empty where there is no login, which Spring takes for none."""
        return _login(self.binding.route.endpoint.username)

    @property
    def password(self) -> Value | Credential:
        """Give the password; empty where there is no login."""
        return _login(self.binding.route.endpoint.password)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Give the headers by which the ESP knows the stream."""
        return message_parts(self.binding).headers


def routes_of(app: App) -> tuple[MailRoute, ...]:
    """Give every route of an app, streams as declared, primary first."""
    names = route_names(app)
    return tuple(_route(names[binding.route.id], binding) for each in by_stream(app) for binding in each.bindings)


def default_of(routes: tuple[MailRoute, ...]) -> MailRoute | None:
    """Choose the route of `spring.mail`.

    The first whose stream is not bulk, because a password reset that leaves with the newsletter shares its reputation,
    and of those one with a From of our own rather than customers'; else the first. None when none can be written.
    """
    usable = [route for route in routes if not route.problem]
    ranked = sorted(
        usable, key=lambda route: (route.binding.stream.kind.is_bulk, fixed_sender(route.binding.stream) is None)
    )
    return ranked[0] if ranked else None


def _route(name: str, binding: Binding) -> MailRoute:
    missing = obstacle(binding)
    if missing:
        return MailRoute(name, binding, (), f"pending: {missing}")
    if binding.route.via is Via.API:
        title = binding.account.title
        return MailRoute(
            name, binding, (), f"JavaMail speaks SMTP only: call the API of {title} with its SDK, or say `via: smtp`"
        )
    return MailRoute(name, binding, tuple(_properties(binding)), "")


def _properties(binding: Binding) -> Iterator[tuple[str, Value]]:
    """Give the properties; every switch always, because a route takes the place of another one key by key.

    Always `mail.smtp.*`: with the protocol `smtps` Jakarta Mail reads `mail.smtps.*` and none of these.
    """
    endpoint, delivery = binding.route.endpoint, binding.route.delivery
    parts = message_parts(binding)
    yield "mail.smtp.auth", endpoint.username is not None and endpoint.password is not None
    yield "mail.smtp.starttls.enable", endpoint.tls is Tls.STARTTLS
    yield "mail.smtp.starttls.required", endpoint.tls is Tls.STARTTLS
    yield "mail.smtp.ssl.enable", endpoint.tls is Tls.IMPLICIT
    yield "mail.smtp.ssl.checkserveridentity", endpoint.tls is not Tls.NONE  # off by default before Jakarta Mail 2.1
    yield "mail.smtp.connectiontimeout", delivery.connect_timeout_seconds * MILLISECONDS
    yield "mail.smtp.timeout", delivery.read_timeout_seconds * MILLISECONDS
    yield "mail.smtp.writetimeout", delivery.read_timeout_seconds * MILLISECONDS
    yield "mail.smtp.from", parts.envelope_sender
    yield "mail.smtp.localhost", parts.sender.domain if parts.sender else "localhost"
    yield "mail.from", from_header(parts.sender) if parts.sender else ""


def _login(login: Login | None) -> Value | Credential:
    return login.value if isinstance(login, Literal) else login or ""
