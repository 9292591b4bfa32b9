"""Real servers for real clients: SMTP with TLS and AUTH, and an HTTP stand-in for what an ESP's API answers.

They listen on 127.0.0.1 at a free port. Clients connect to the name `localhost`, so that certificate names are checked.
"""

import asyncio
import email
import email.header
import email.message
import email.policy
import email.utils
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sendspec.model.vocabulary import Tls

NASTY_PASSWORD = "p@ss w#rd$HOME\"'\\x+/=%41&!`id`"
"""Every character that some quoting gets wrong; ASCII, because SMTP libraries take no other."""
NASTY_USER = "AKIA+us/er$1#2"


class Authority:
    """A certificate authority of the test's own. `bundle` is its certificate as a file for clients to trust."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._certificate = self._authority.issue_cert("localhost", "127.0.0.1")
        self.bundle = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.bundle))

    def write_key_and_chain(self, path: Path) -> None:
        """Write what a server called localhost proves itself with: its key, then its certificate."""
        self._certificate.private_key_and_cert_chain_pem.write_to_path(str(path))

    def server_context(self) -> ssl.SSLContext:
        """Give the TLS settings of a server called localhost."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._certificate.configure_cert(context)
        return context


@dataclass(frozen=True)
class Message:
    """A message as the server took it: envelope, content, and who had logged in."""

    sender: str
    recipients: tuple[str, ...]
    content: email.message.EmailMessage
    user: str
    password: str
    over_tls: bool

    @property
    def author(self) -> tuple[str, str]:
        """Give name and address of From. `email.policy.default` keeps a blank between encoded words that RFC 2047 drops."""
        value = dict(self.content.raw_items())["From"]
        name, address = email.utils.parseaddr(re.sub(r"\s+", " ", value))
        return str(email.header.make_header(email.header.decode_header(name))), address


@dataclass
class SmtpServer:
    """What a running server saw. `answer` may refuse: phase (`AUTH`, `RCPT`, `DATA`) to SMTP reply, or None to accept."""

    port: int = 0
    connections: int = 0
    messages: list[Message] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    answer: Callable[[str], str | None] = lambda _phase: None

    @property
    def last(self) -> Message:
        """Give the last message taken."""
        return self.messages[-1]


class _Handler:
    def __init__(self, seen: SmtpServer, *, asks_for_login: bool = True) -> None:
        self.seen = seen
        self.asks_for_login = asks_for_login

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802 - aiosmtpd's name
        if self.asks_for_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = self.seen.answer("RCPT")
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        user, password = session.auth_data or ("", "")
        self.seen.messages.append(
            Message(
                sender=envelope.mail_from,
                recipients=tuple(envelope.rcpt_tos),
                content=email.message_from_bytes(envelope.original_content, policy=email.policy.default),
                user=user,
                password=password,
                over_tls=session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            )
        )
        refusal = self.seen.answer("DATA")
        if refusal == "close":  # the message is taken, and the client never hears of it
            server.transport.close()
        return refusal or "250 OK"


@contextmanager
def smtp_server(authority: Authority, tls: Tls, user: str, password: str) -> Iterator[SmtpServer]:
    """Run an SMTP server that takes mail over TLS and with this login only."""
    seen = SmtpServer()

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        login = (data.login.decode(), data.password.decode())
        seen.logins.append(login)
        if login != (user, password) or seen.answer("AUTH"):
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=login)

    context = authority.server_context()
    handler = _Handler(seen)

    def make() -> SMTP:
        return SMTP(
            handler,
            hostname="localhost",
            authenticator=authenticate,
            tls_context=context if tls is Tls.STARTTLS else None,
            require_starttls=tls is Tls.STARTTLS,
            auth_require_tls=tls is Tls.STARTTLS,  # aiosmtpd does not count TLS from the first byte as TLS
            loop=asyncio.get_running_loop(),
        )

    with _running(seen, make, context if tls is Tls.IMPLICIT else None):
        yield seen


@contextmanager
def open_smtp_server(authority: Authority) -> Iterator[SmtpServer]:
    """Run an SMTP server as relays and catchers are: it takes mail without a login, and offers STARTTLS to who wants it."""
    seen = SmtpServer()
    handler = _Handler(seen, asks_for_login=False)
    context = authority.server_context()

    def make() -> SMTP:
        return SMTP(handler, hostname="localhost", tls_context=context, loop=asyncio.get_running_loop())

    with _running(seen, make, None):
        yield seen


@contextmanager
def _running(seen: SmtpServer, make: Callable[[], SMTP], context: ssl.SSLContext | None) -> Iterator[None]:
    """Serve until the end of the block; `make` gives the protocol of one connection, `context` TLS from the first byte."""
    protocols: list[SMTP] = []

    def serve_one() -> SMTP:
        seen.connections += 1
        protocol = make()
        protocols.append(protocol)
        return protocol

    with _event_loop() as loop:
        starting = loop.create_server(serve_one, "127.0.0.1", 0, ssl=context)
        server = asyncio.run_coroutine_threadsafe(starting, loop).result(10)
        seen.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(_stop(server, protocols), loop).result(10)


async def _stop(server: asyncio.Server, protocols: Iterable[SMTP]) -> None:
    """Close the server, and the connections that a client keeps open for its next message."""
    server.close()
    for protocol in protocols:
        if protocol.transport is not None:
            protocol.transport.abort()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.01)  # a transport closes its socket in the loop's next round


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True)
class Request:
    """A request as the stand-in took it."""

    path: str
    headers: dict[str, str]
    body: dict[str, object]


ANSWERS = {
    "/email": (200, {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "SubmittedAt": "", "To": "you@customer.test"}),
    "/v3/mail/send": (202, {}),
    "/v2/email/outbound-emails": (200, {"MessageId": "1"}),
}


class _ApiHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(Request(self.path, dict(self.headers), json.loads(text)))
        status, answer = (self.server.broken, {}) if self.server.broken else ANSWERS[self.path]
        body = json.dumps(answer).encode() if answer else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class ApiServer(ThreadingHTTPServer):
    """Answers like the ESPs' sending calls, or with nothing but the status `broken`. `requests` holds what came in."""

    def __init__(self, broken: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _ApiHandler)
        self.broken = broken
        self.requests: list[Request] = []

    @property
    def url(self) -> str:
        """Give the base URL, without a trailing slash."""
        return f"http://localhost:{self.server_port}"


@contextmanager
def api_server(broken: int = 0) -> Iterator[ApiServer]:
    """Run the stand-in."""
    with ApiServer(broken) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
