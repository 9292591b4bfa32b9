"""Walk through a submission phase by phase: `look` never sends a message, `deliver` sends one.

No login leaves before the certificate is verified, for the name in the spec although the connection goes to an address.
Nothing raises for what the world does, and no wait outlasts the deadline of the run.
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import NoReturn

from sendspec.model.vocabulary import Tls
from sendspec.net.net import Net
from sendspec.net.smtp import failures
from sendspec.net.smtp.exchange import (
    Envelope,
    Exchange,
    Failure,
    Login,
    Patience,
    Phase,
    Problem,
    Target,
    Tried,
)
from sendspec.net.smtp.wire import (
    ConnectionEndedError,
    EndlessReplyError,
    MalformedReplyError,
    PlainTextError,
    Reply,
    Wire,
)

SHOWN = 200
GREETING, READY, ACCEPTED, LOGGED_IN, CONTINUE, GO_AHEAD = 220, 220, 250, 235, 334, 354
WILL_FORWARD = 251
SECONDS_A_DAY = 86_400


async def look(net: Net, target: Target, login: Login | None, envelopes: Sequence[Envelope]) -> Exchange:
    """Go through a session up to RCPT for each envelope, then RSET and QUIT. Without a login it ends before AUTH.

    A refused envelope does not end the session; the others are tried all the same.
    """
    session = _Session(net, target)
    async with session.running():
        await session.open()
        if login is not None:
            await session.log_in(login)
            await session.try_all(envelopes)
        await session.quit()
    return session.exchange


async def deliver(net: Net, target: Target, login: Login, envelope: Envelope, message: bytes) -> Exchange:
    """Send one message: for `smoke`, with consent. `message` is RFC 5322 text; line ends and dots are seen to here."""
    session = _Session(net, target)
    async with session.running():
        await session.open()
        await session.log_in(login)
        await session.hand_over(envelope, message)
        await session.quit()
    return session.exchange


async def greets(net: Net, target: Target) -> bool:
    """Tell whether anybody takes a connection there and speaks first, or speaks TLS."""
    session = _Session(net, target)
    async with session.running():
        await session.connect()
        if target.tls is Tls.IMPLICIT:
            await session.start_tls(Failure.PLAIN_TEXT)
        await session.greet()
    return session.exchange.problem is None


class _FailedError(Exception):
    """Ends a session; `running` catches it."""

    def __init__(self, failure: Failure, reply: str = "", detail: str = "") -> None:
        super().__init__(failure)
        self.failure, self.reply, self.detail = failure, reply, detail


class _Session:
    """One session as it goes. Methods are called in the order of the phases."""

    def __init__(self, net: Net, target: Target) -> None:
        self.exchange = Exchange(target)
        self._net = net
        self._patience: Patience = net.patience
        self._target = target
        self._wire: Wire | None = None
        self._phase = Phase.CONNECT
        self._tokens: tuple[str, ...] = ()

    @property
    def wire(self) -> Wire:
        if self._wire is None:
            raise ConnectionEndedError
        return self._wire

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Turn whatever ends the session into its problem, and let go of the connection."""
        try:
            if self._net.deadline.has_passed:
                self._fail(Failure.STOPPED)
            yield
        except _FailedError as end:
            self.exchange.problem = Problem(end.failure, self._phase, end.reply, end.detail)
        finally:
            if self._wire is not None:
                self._wire.close()

    async def open(self) -> None:
        """Connect and come to EHLO over verified TLS."""
        await self.connect()
        if self._target.tls is Tls.IMPLICIT:
            await self.start_tls(Failure.PLAIN_TEXT)
            await self.greet()
        else:
            await self.greet()
            self.exchange.plain_offer = await self._say_hello(Phase.EHLO)
            if "STARTTLS" not in self.exchange.plain_offer:
                self._fail(Failure.STARTTLS_MISSING, detail=_listed(self.exchange.plain_offer))
            await self._command(Phase.STARTTLS, "STARTTLS", READY)
            await self.start_tls(Failure.STARTTLS_INJECTED)
        self.exchange.offer = await self._say_hello(Phase.EHLO_TLS)

    async def connect(self) -> None:
        """Open the connection, where the run dials it."""
        address, port = self._net.dial(self._target.address, self._target.port)
        try:
            async with self._timed(Phase.CONNECT, self._patience.connect, Failure.CONNECT_TIMEOUT):
                _, self._wire = await asyncio.get_running_loop().create_connection(Wire, address, port)
        except OSError as error:
            self._fail(failures.of_socket(error), detail=error.strerror or "")

    async def greet(self) -> None:
        """Read the greeting."""
        try:
            reply = await self._reply(Phase.BANNER)
        except _FailedError as end:
            if end.failure is Failure.TIMEOUT and self._target.tls is Tls.STARTTLS and await self._waits_for_tls():
                self._fail(Failure.TLS_EXPECTED)
            raise
        if reply.code != GREETING:
            self._refused(Phase.BANNER, reply)
        self.exchange.banner = self._shown(reply)

    async def _waits_for_tls(self) -> bool:
        """Tell a server that waits for a TLS handshake from one that hangs: do one, on the same connection."""
        try:
            async with self._net.deadline.limit(self._patience.connect):
                await self.wire.start_tls(self._net.tls, self._target.host, self._patience.connect)
        except (TimeoutError, ConnectionEndedError, PlainTextError):
            return False
        except ssl.SSLError as error:
            return error.reason not in failures.NOT_TLS
        return True

    async def start_tls(self, plain: Failure) -> None:
        """Do the handshake; `plain` is what octets before it mean."""
        try:
            async with self._timed(Phase.TLS, self._patience.reply):
                await self.wire.start_tls(self._net.tls, self._target.host, self._patience.reply)
        except PlainTextError:
            self._fail(plain)
        except ConnectionEndedError:
            self._fail(Failure.CLOSED)
        except ssl.SSLError as error:
            detail = getattr(error, "verify_message", "") or (error.reason or "").lower().replace("_", " ")
            self._fail(failures.of_handshake(error, plain=plain), detail=self._short(detail))
        except (OSError, ValueError) as error:  # ValueError: a name that no certificate can be for
            self._fail(Failure.TLS_FAILED, detail=self._short(str(error)))
        self._read_session()

    def _read_session(self) -> None:
        transport = self.wire.transport
        tls = transport.get_extra_info("ssl_object")
        self.exchange.tls_version = tls.version() or ""
        certificate = transport.get_extra_info("peercert") or {}
        if "notAfter" in certificate:
            ends = ssl.cert_time_to_seconds(certificate["notAfter"])
            self.exchange.certificate_days = int((ends - self._net.now().timestamp()) // SECONDS_A_DAY)

    async def _say_hello(self, phase: Phase) -> dict[str, str]:
        """Say EHLO with our address (RFC 5321 section 4.1.3), and give what the server offers."""
        address = self.wire.transport.get_extra_info("sockname")[0].partition("%")[0]
        literal = f"IPv6:{address}" if ":" in address else address
        reply = await self._command(phase, f"EHLO [{literal}]", ACCEPTED)
        offer: dict[str, str] = {}
        for line in reply.lines[1:]:
            keyword, _, parameters = line.replace("=", " ", 1).partition(" ")  # `AUTH=LOGIN` of servers before RFC 4954
            offer[keyword.upper()] = f"{offer.get(keyword.upper(), '')} {parameters}".strip().upper()
        return offer

    async def log_in(self, login: Login) -> None:
        """AUTH PLAIN, or LOGIN where only that is offered (RFC 4616; draft-murchison-sasl-login)."""
        if not self.exchange.tls_version:
            raise AssertionError("a login leaves over TLS only")
        self._phase = Phase.AUTH
        offer = self.exchange.offer
        if "AUTH" not in offer:
            self._fail(Failure.AUTH_MISSING, detail=_listed(offer))
        user, password = login.user.reveal().encode(), login.password.reveal().encode()
        plain, *parts = (base64.b64encode(each).decode() for each in (b"\0%b\0%b" % (user, password), user, password))
        self._tokens = (plain, *sorted(parts, key=len, reverse=True))
        mechanisms = offer["AUTH"].split()
        if "PLAIN" in mechanisms:
            await self._command(Phase.AUTH, f"AUTH PLAIN {plain}", LOGGED_IN)
        elif "LOGIN" in mechanisms:
            await self._command(Phase.AUTH, "AUTH LOGIN", CONTINUE)
            await self._command(Phase.AUTH, parts[0], CONTINUE)
            await self._command(Phase.AUTH, parts[1], LOGGED_IN)
        else:
            self._fail(Failure.AUTH_MECHANISM, detail=f"offers {' '.join(mechanisms)}"[:SHOWN])
        self.exchange.has_logged_in = True

    async def try_all(self, envelopes: Sequence[Envelope]) -> None:
        """MAIL, RCPT and RSET for each envelope; in one go where the server takes them so (RFC 2920)."""
        for envelope in envelopes:
            commands = self._commands(envelope)
            problem: Problem | None = Problem(Failure.SMTPUTF8_MISSING, Phase.MAIL)
            if commands is not None:
                problem = await self._transact((*commands, (Phase.RSET, "RSET")))
            self.exchange.tried.append(Tried(envelope, problem))

    def _commands(self, envelope: Envelope) -> tuple[tuple[Phase, str], ...] | None:
        """Give MAIL and RCPT of an envelope; None for addresses that this server cannot take."""
        is_ascii = f"{envelope.sender}{envelope.recipient or ''}".isascii()
        if not is_ascii and "SMTPUTF8" not in self.exchange.offer:
            return None
        mail = (Phase.MAIL, f"MAIL FROM:<{envelope.sender}>{'' if is_ascii else ' SMTPUTF8'}")
        return (mail,) if envelope.recipient is None else (mail, (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>"))

    async def _transact(self, commands: Sequence[tuple[Phase, str]]) -> Problem | None:
        """Run commands and give the first one's problem. The last is RSET: it runs whatever came before."""
        first: Problem | None = None
        is_pipelined = "PIPELINING" in self.exchange.offer
        if is_pipelined:
            self.wire.send(*(command for _, command in commands))
        for number, (phase, command) in enumerate(commands):
            if first is not None and not is_pipelined and phase is not Phase.RSET:
                continue
            if not is_pipelined:
                self.wire.send(command)
            reply = await self._reply(phase, is_round_trip=number == 0 or not is_pipelined)
            if reply.code not in {ACCEPTED, WILL_FORWARD}:
                problem = Problem(failures.of_reply(phase, reply.code), phase, self._shown(reply))
                if problem.failure is Failure.CLOSING:
                    self._fail(problem.failure, problem.reply)
                first = first or problem
        return first

    async def hand_over(self, envelope: Envelope, message: bytes) -> None:
        """MAIL, RCPT, DATA and the message. A session that breaks after the final dot leaves its fate unknown."""
        commands = self._commands(envelope)
        if commands is None:
            self._phase = Phase.MAIL
            self._fail(Failure.SMTPUTF8_MISSING)
        for phase, command in commands:
            await self._command(phase, command, ACCEPTED, WILL_FORWARD)
        await self._command(Phase.DATA, "DATA", GO_AHEAD)
        self.wire.send_message(message)
        try:
            reply = await self._reply(Phase.MESSAGE, seconds=self._patience.message, is_round_trip=False)
        except _FailedError as end:
            self._fail(Failure.DATA_LOST, detail=str(end.failure))
        if reply.code != ACCEPTED:
            self._refused(Phase.MESSAGE, reply)
        self.exchange.accepted = self._shown(reply)

    async def quit(self) -> None:
        """Say goodbye. A server that hangs up instead of answering has done nothing wrong that matters."""
        with suppress(_FailedError):
            self.wire.send("QUIT")
            await self._reply(Phase.QUIT, seconds=min(self._patience.reply, self._patience.slow), is_round_trip=False)

    async def _command(self, phase: Phase, command: str, *hoped_for: int) -> Reply:
        """Send one command and give its reply; fail with any other code."""
        self._phase = phase
        self.wire.send(command)
        reply = await self._reply(phase)
        if reply.code not in hoped_for:
            self._refused(phase, reply)
        return reply

    async def _reply(self, phase: Phase, *, seconds: float | None = None, is_round_trip: bool = True) -> Reply:
        try:
            async with self._timed(phase, seconds or self._patience.reply):
                reply = await self.wire.reply()
        except ConnectionEndedError:
            self._fail(Failure.CLOSED_BEFORE_BANNER if phase is Phase.BANNER else Failure.CLOSED)
        except EndlessReplyError:
            self._fail(Failure.ENDLESS)
        except MalformedReplyError as error:
            self._fail(Failure.MALFORMED, detail=self._short(str(error)))
        if is_round_trip and phase is not Phase.BANNER:
            took = self.exchange.phases[-1][1]
            shortest = self.exchange.round_trip_seconds
            self.exchange.round_trip_seconds = min(took, shortest) if shortest else took
        return reply

    @asynccontextmanager
    async def _timed(self, phase: Phase, seconds: float, failure: Failure = Failure.TIMEOUT) -> AsyncIterator[None]:
        """Give a phase its time, and write down what it took."""
        self._phase = phase
        with self._clock(phase):
            try:
                async with self._net.deadline.limit(seconds):
                    yield
            except TimeoutError:
                detail = f"after {seconds:g} s"
                if self._net.deadline.has_passed:
                    self._fail(Failure.STOPPED, detail=self._net.deadline.reason)
                self._fail(failure, detail=detail)

    @contextmanager
    def _clock(self, phase: Phase) -> Iterator[None]:
        time = asyncio.get_running_loop().time
        began = time()
        try:
            yield
        finally:
            self.exchange.phases.append((phase, time() - began))

    def _refused(self, phase: Phase, reply: Reply) -> NoReturn:
        self._fail(failures.of_reply(phase, reply.code), self._shown(reply))

    def _fail(self, failure: Failure, reply: str = "", detail: str = "") -> NoReturn:
        raise _FailedError(failure, reply, detail) from None

    def _shown(self, reply: Reply) -> str:
        return self._short(reply.text)

    def _short(self, text: str) -> str:
        """Give what a server said without any secret, as it is and as it was sent, and not much of it."""
        for token in self._tokens:
            text = text.replace(token, "…")
        text = self._net.secrets.hide(text)
        return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _listed(offer: Mapping[str, str]) -> str:
    names = " ".join(sorted(offer))
    return f"offers {names}"[:SHOWN] if names else "offers nothing"
