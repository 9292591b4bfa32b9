"""Routes as nodemailer transports: the options of one, and what goes with every message through it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template

from sendspec.esp.interface import Client, load_esp
from sendspec.model.app import App, Binding
from sendspec.model.credential import Literal, Login
from sendspec.model.vocabulary import Support, Tls, Via
from sendspec.targets.app_bindings import fixed_sender, obstacle, route_names
from sendspec.targets.nodemailer.literals import Value, javascript

LIBRARY = "nodemailer"
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Transport:
    """One route. `source` is set in place of `options` for a client that is made by source text of its own.

    `problem` says why the route cannot be written; then it has neither. `defaults` go with every message.
    """

    name: str
    binding: Binding
    options: tuple[tuple[str, Value], ...]
    defaults: tuple[tuple[str, Value], ...]
    source: str
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]
    problem: str

    @property
    def title(self) -> str:
        """Give the line a reader looks for: stream, kind, role, account and way."""
        route, stream = self.binding.route, self.binding.stream
        return f"{stream.id} ({stream.kind}), {route.role}: {self.binding.account.id} over {route.via}"


def transports_of(app: App) -> tuple[Transport, ...]:
    """Give a transport for each route of an app, streams as declared, primary first."""
    names = route_names(app)
    return tuple(_transport(names[binding.route.id], binding) for binding in app.bindings)


def _transport(name: str, binding: Binding) -> Transport:
    missing = obstacle(binding)
    if missing:
        return _unwritten(name, binding, f"pending: {missing}")
    if binding.route.via is Via.SMTP:
        notes = ("connections, messages and rate: " + "; ".join(binding.route.delivery.because),)
        defaults = (*_from(binding), *_headers(binding))
        return Transport(name, binding, tuple(_smtp_options(binding)), defaults, "", (), notes, "")
    client = load_esp(binding.account.kind).clients.get(LIBRARY)
    if client is None or client.supported is Support.NO or not client.source_text:
        title = binding.account.title
        return _unwritten(
            name,
            binding,
            f"nodemailer has no transport for the API of {title}: call it with its SDK, or say `via: smtp`",
        )
    return _api_transport(name, binding, client)


def _unwritten(name: str, binding: Binding, problem: str) -> Transport:
    return Transport(name, binding, (), tuple(_from(binding)), "", (), (), problem)


def _api_transport(name: str, binding: Binding, client: Client) -> Transport:
    options = {option.name: option.value for option in client.options(binding.route.endpoint, binding.route.delivery)}
    text = Template(client.source_text)
    named = {option: javascript(value) for option, value in options.items()}
    with_messages = tuple((option, value) for option, value in options.items() if option not in text.get_identifiers())
    notes = (f"needs {', '.join(client.requirements)}",) if client.requirements else ()
    return Transport(
        name,
        binding,
        (),
        (*_from(binding), *with_messages),
        text.substitute(named),
        client.imports,
        (*notes, *((client.note,) if client.note else ())),
        "",
    )


def _smtp_options(binding: Binding) -> Iterator[tuple[str, Value]]:
    endpoint, delivery = binding.route.endpoint, binding.route.delivery
    yield "host", endpoint.host
    yield "port", endpoint.port
    yield "secure", endpoint.tls is Tls.IMPLICIT
    yield "requireTLS", endpoint.tls is Tls.STARTTLS
    if endpoint.tls is Tls.NONE:
        yield "ignoreTLS", True  # else STARTTLS is used where it is offered, and its certificate checked
    else:
        yield "tls", {"minVersion": "TLSv1.2"}
    auth = {
        name: _login(login)
        for name, login in (("user", endpoint.username), ("pass", endpoint.password))
        if login is not None
    }
    if auth:
        yield "auth", auth
    yield "pool", True
    yield "maxConnections", delivery.connections
    yield "maxMessages", delivery.messages_per_connection
    yield "maxRequeues", delivery.retry.attempts
    if delivery.rate_per_second:
        yield "rateLimit", delivery.rate_per_second
        yield "rateDelta", MILLISECONDS
    connect = delivery.connect_timeout_seconds * MILLISECONDS
    yield "dnsTimeout", connect
    yield "connectionTimeout", connect
    yield "greetingTimeout", connect
    yield "socketTimeout", delivery.read_timeout_seconds * MILLISECONDS


def _login(login: Login) -> Value:
    return login.value if isinstance(login, Literal) else login


def _from(binding: Binding) -> Iterator[tuple[str, Value]]:
    """Give the From, in parts, so that nodemailer quotes and encodes the name itself."""
    mailbox = fixed_sender(binding.stream)
    if mailbox is not None:
        sender: Mapping[str, Value] = {"name": mailbox.display_name, "address": mailbox.address}
        yield "from", sender


def _headers(binding: Binding) -> Iterator[tuple[str, Value]]:
    headers = dict(binding.route.endpoint.headers)
    if headers:
        yield "headers", headers
