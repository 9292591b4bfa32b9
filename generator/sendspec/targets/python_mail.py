"""What Python settings modules of libraries that speak SMTP share: values as source, and the routes that can be written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.header import Header
from typing import TypeAlias

from sendspec.model.app import App, Binding
from sendspec.model.credential import Credential, Literal, Login
from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Tls, Via
from sendspec.targets.app_bindings import by_stream, credentials_of, fixed_sender, message_parts, obstacle, route_names
from sendspec.targets.app_notes import (
    CUSTOMERS_SEND,
    GENERATED,
    UNSUBSCRIBE,
    answers_of_esps,
    failover_notes,
    way_notes,
    without_failover_notes,
)
from sendspec.targets.quoted_text import double_quoted

PythonValue: TypeAlias = "str | int | float | Credential | Mapping[str, PythonValue] | tuple[PythonValue, ...] | None"
"""What a settings module holds. A credential is written as a call that reads the environment: `_secret(name, kept_at)`."""


def python(value: PythonValue) -> str:
    """Give a Python expression for a value, on one line. A string's escapes are those of `double_quoted`."""
    if isinstance(value, str):
        return double_quoted(value)
    if isinstance(value, Credential):
        return f"_secret({double_quoted(value.env)}, {double_quoted(value.reference)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{double_quoted(key)}: {python(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(python(item) for item in value) + "]"
    return repr(value)  # a number, a truth value or None


def encoded_words(text: str) -> str:
    """Give a display name as encoded words (RFC 2047), none of them longer than 75 characters.

    For a name that looks like an encoded word itself: some readers decode it between quotes too.
    """
    return " ".join(Header(text, "utf-8").encode().split())


@dataclass(frozen=True, slots=True)
class SmtpRoute:
    """One route as a library sees it that speaks SMTP only. `problem` says why it cannot be written."""

    name: str
    binding: Binding
    problem: str

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"

    @property
    def sender(self) -> Mailbox | None:
        """Give From; None where each customer has one of its own."""
        return fixed_sender(self.binding.stream)

    @property
    def headers(self) -> Mapping[str, str]:
        """Give the headers by which the ESP knows the stream."""
        return dict(message_parts(self.binding).headers)

    @property
    def is_starttls(self) -> bool:
        """Tell whether the connection changes to TLS."""
        return self.binding.route.endpoint.tls is Tls.STARTTLS

    @property
    def is_implicit_tls(self) -> bool:
        """Tell whether TLS starts with the connection."""
        return self.binding.route.endpoint.tls is Tls.IMPLICIT

    @property
    def login(self) -> tuple[str | Credential, str | Credential] | None:
        """Give user and password; None for a server that asks for none."""
        endpoint = self.binding.route.endpoint
        if endpoint.username is None or endpoint.password is None:
            return None
        return _value(endpoint.username), _value(endpoint.password)

    @property
    def limits(self) -> Mapping[str, PythonValue]:
        """Give what workers need to know: how many at once, how many a second (0: no limit), and when to try again."""
        delivery = self.binding.route.delivery
        return {
            "workers": delivery.connections,
            "per_second": delivery.rate_per_second,
            "attempts": delivery.retry.attempts,
            "base_seconds": delivery.retry.base_seconds,
            "cap_seconds": delivery.retry.cap_seconds,
        }


def smtp_routes(app: App, library: str) -> tuple[SmtpRoute, ...]:
    """Give every route of an app, streams as declared, primary first."""
    names = route_names(app)
    return tuple(
        SmtpRoute(names[binding.route.id], binding, _problem(binding, library))
        for group in by_stream(app)
        for binding in group.bindings
    )


def default_of(routes: Iterable[SmtpRoute]) -> SmtpRoute | None:
    """Choose the stream of mail that names none.

    The first whose stream is not bulk, because a password reset that leaves with the newsletter shares its reputation,
    and of those one with a From of our own rather than customers'; else the first. None without any.
    """
    usable = [route for route in routes if not route.problem]
    ranked = sorted(usable, key=lambda route: (route.binding.stream.kind.is_bulk, route.sender is None))
    return ranked[0] if ranked else None


def module_context(app: App, routes: tuple[SmtpRoute, ...]) -> Mapping[str, object]:
    """Give what the template of every such module prints."""
    groups = by_stream(app)
    written = [route for route in routes if not route.problem]
    ways: dict[str, tuple[str, ...]] = {}
    for route in written:
        stream = route.binding.stream.id
        ways[stream] = (*ways.get(stream, ()), route.name)
    return {
        "generated": GENERATED,
        "app": app.title,
        "way": way_notes(app),
        "routes": routes,
        "written": written,
        "ways": ways,
        "uses_secrets": any(credentials_of(route.binding.route.endpoint) for route in written),
        "customers_send": CUSTOMERS_SEND,
        "of_customers": [group.stream.id for group in groups if fixed_sender(group.stream) is None],
        "unsubscribe_why": UNSUBSCRIBE,
        "unsubscribe": {
            group.stream.id: dict(group.stream.unsubscribe_headers)
            for group in groups
            if group.stream.unsubscribe_headers
        },
        "failover": failover_notes(groups),
        "ways_out": without_failover_notes(app, [route.name for route in written]),
        "answers": answers_of_esps(app),
    }


def _problem(binding: Binding, library: str) -> str:
    missing = obstacle(binding)
    if missing:
        return f"pending: {missing}"
    if binding.route.via is Via.API:
        return f"it goes over the ESP's API, and {library} speaks SMTP only; say `via: smtp`"
    return ""


def _value(login: Login) -> str | Credential:
    return login.value if isinstance(login, Literal) else login
