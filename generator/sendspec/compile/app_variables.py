"""Variables of an app: everything one route of one stream is used with, secrets by name only."""

from collections.abc import Iterator

from sendspec.model.app import Variable
from sendspec.model.credential import Credential, Literal, Login
from sendspec.model.origin import Origin
from sendspec.model.route import Delivery, Endpoint, Route
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Tls, Via

REQUIRED = "always required, never opportunistic (RFC 8314 section 4.1)"
TLS_REASONS = {
    Tls.STARTTLS: REQUIRED,
    Tls.IMPLICIT: REQUIRED,
    Tls.NONE: "plain text, because mail stays on this machine or in a private network",
}
PORT_NAMES = {
    Tls.STARTTLS: "submission port (RFC 6409)",
    Tls.IMPLICIT: "submissions port: TLS from the first byte (RFC 8314 section 3.3)",
    Tls.NONE: "SMTP port",
}


def upper(text: str) -> str:
    """Give a name as a part of a variable's."""
    return text.upper().replace("-", "_")


def stream_variables(stream: Stream) -> Iterator[Variable]:
    """Give what goes with every message of a stream, whatever way it leaves."""
    sender = stream.senders[0]
    if len(stream.senders) == 1 and not sender.key:
        text = sender.mailbox.to_text()
        yield Variable(f"MAIL_{upper(stream.id)}_FROM", text, None, "header From", sender.origin)
    for name, value in stream.unsubscribe_headers:
        because = f"set the header {name} on every message of this stream (RFC 8058 section 3.1)"
        because += "; what stands in braces is the app's to fill in" if "{" in value else ""
        place = stream.origin.key("unsubscribe", "one_click")
        yield Variable(f"MAIL_{upper(stream.id)}_HEADER_{upper(name)}", value, None, because, place)


def route_variables(route: Route, prefix: str) -> Iterator[Variable]:
    """Give the variables of one route in the order people read them: where, login, headers, numbers."""
    origin, endpoint = route.origin, route.endpoint

    def plain(name: str, value: object, because: str) -> Variable:
        return Variable(f"{prefix}_{name}", str(value), None, because, origin)

    yield plain("VIA", route.via, f"{route.role} route through {route.account}")
    if route.via is Via.SMTP:
        yield plain("HOST", endpoint.host, endpoint.source)
        yield plain("PORT", endpoint.port, PORT_NAMES[endpoint.tls])
        yield plain("TLS", endpoint.tls, TLS_REASONS[endpoint.tls])
        yield from _login(endpoint, prefix, origin)
        for name, value in endpoint.headers:
            yield plain(f"HEADER_{upper(name)}", value, f"set the header {name} on every message of this route")
    else:
        yield plain("API_URL", endpoint.base_url, endpoint.source)
        yield from _api_key(endpoint, prefix, origin)
    for name, value in sorted(endpoint.options.items()):
        yield plain(upper(name.replace(" ", "_")), value, f"{name} of this route, as the ESP calls it")
    yield from _numbers(route.delivery, route.via, prefix, origin)


def _login(endpoint: Endpoint, prefix: str, origin: Origin) -> Iterator[Variable]:
    for what, login in (("USER", endpoint.username), ("PASSWORD", endpoint.password)):
        yield from _reference(what, login, prefix, origin)


def _api_key(endpoint: Endpoint, prefix: str, origin: Origin) -> Iterator[Variable]:
    if endpoint.username is not None:
        yield from _reference("API_USER", endpoint.username, prefix, origin)
    yield from _reference("API_KEY", endpoint.password, prefix, origin)


def _reference(what: str, login: Login | None, prefix: str, origin: Origin) -> Iterator[Variable]:
    """A literal is set; a credential is named by `…_ENV` and stays unset itself, so that it shadows nothing."""
    if isinstance(login, Literal):
        yield Variable(f"{prefix}_{what}", login.value, None, "the same for every customer of this ESP", origin)
    elif isinstance(login, Credential):
        yield Variable(f"{prefix}_{what}_ENV", login.env, None, f"{login.env} holds it", login.origin)
        yield Variable(login.env, None, login, f"kept at {login.reference}", login.origin)


def _numbers(delivery: Delivery, via: Via, prefix: str, origin: Origin) -> Iterator[Variable]:
    because = "; ".join(delivery.because)
    retry = delivery.retry

    def number(name: str, value: object, why: str) -> Variable:
        return Variable(f"{prefix}_{name}", str(value), None, why, origin)

    yield number("CONNECT_TIMEOUT", delivery.connect_timeout_seconds, "seconds")
    twice = (
        "shorter ones send twice (RFC 1047)" if via is Via.SMTP else "a call given up may have been taken all the same"
    )
    yield number("READ_TIMEOUT", delivery.read_timeout_seconds, f"seconds; {twice}")
    yield number("MAX_CONNECTIONS", delivery.connections, because)
    if via is Via.SMTP:
        yield number("MAX_MESSAGES_PER_CONNECTION", delivery.messages_per_connection, "then reconnect")
    else:
        yield number("BATCH_SIZE", delivery.batch_size, "messages a call")
    unit = "messages" if via is Via.SMTP else "calls"
    yield number("RATE_PER_SECOND", delivery.rate_per_second, f"{unit} a second at most; 0 means no limit")
    yield number("RETRY_ATTEMPTS", retry.attempts, "tries in all; full jitter: wait random(0, min(cap, base * 2^n))")
    yield number("RETRY_BASE", f"{retry.base_seconds:g}", "seconds")
    yield number("RETRY_CAP", f"{retry.cap_seconds:g}", "seconds")
    if via is Via.API:
        statuses = ",".join(str(status) for status in retry.retry_status)
        yield number("RETRY_STATUS", statuses, "HTTP statuses worth another try; any other 4xx never")
        if retry.retry_after_header:
            yield number(
                "RETRY_AFTER_HEADER", retry.retry_after_header, "honour it before the backoff; below: what it counts"
            )
        if retry.idempotency_header:
            yield number("IDEMPOTENCY_HEADER", retry.idempotency_header, "one key a message, the same on every try")
