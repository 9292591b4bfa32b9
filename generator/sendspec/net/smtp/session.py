"""A session with a submission server up to EHLO over verified TLS, each phase with its time and its own failures."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NoReturn

from sendspec.model.vocabulary import Tls
from sendspec.net.net import Net
from sendspec.net.smtp import failures
from sendspec.net.smtp.exchange import Exchange, Failure, Patience, Phase, Problem, Target
from sendspec.net.smtp.wire import (
    ConnectionEndedError,
    EarlyRecordError,
    EndlessReplyError,
    MalformedReplyError,
    PlainTextError,
    Reply,
    Wire,
)

SHOWN = 200
GREETING, READY, ACCEPTED = 220, 220, 250
SECONDS_A_DAY = 86_400


class SessionEndedError(Exception):
    """Ends a session; `running` catches it."""

    def __init__(self, failure: Failure, reply: str = "", detail: str = "") -> None:
        super().__init__(failure)
        self.failure, self.reply, self.detail = failure, reply, detail


class Session:
    """One session as it goes. Methods are called in the order of the phases.

    Attributes:
        phase: Where it is now.
        tokens: Forms of the login as they were sent: no reply shows them.
        has_said_quit: QUIT is on its way already.
    """

    def __init__(self, net: Net, target: Target) -> None:
        self.exchange = Exchange(target)
        self._net = net
        self.patience: Patience = net.patience
        self._target = target
        self._wire: Wire | None = None
        self.phase = Phase.CONNECT
        self.tokens: tuple[str, ...] = ()
        self.has_said_quit = False

    @property
    def wire(self) -> Wire:
        """Give the connection."""
        if self._wire is None:
            raise ConnectionEndedError
        return self._wire

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Turn whatever ends the session into its problem, and let go of the connection."""
        try:
            yield
        except SessionEndedError as end:
            self.exchange.problem = Problem(end.failure, self.phase, end.reply, end.detail)
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
                self.fail(Failure.STARTTLS_MISSING, detail=listed(self.exchange.plain_offer))
            await self.command(Phase.STARTTLS, "STARTTLS", READY)
            await self.start_tls(Failure.STARTTLS_INJECTED)
        self.exchange.offer = await self._say_hello(Phase.EHLO_TLS)

    async def connect(self) -> None:
        """Open the connection, where the run dials it."""
        if self._net.deadline.has_passed:
            self.fail(Failure.STOPPED, detail=self._net.deadline.reason)
        address, port = self._net.dial(self._target.address, self._target.port)
        try:
            async with self._timed(Phase.CONNECT, self.patience.connect, Failure.CONNECT_TIMEOUT):
                _, self._wire = await asyncio.get_running_loop().create_connection(Wire, address, port)
        except OSError as error:
            self.fail(failures.of_socket(error), detail=error.strerror or "")

    async def greet(self) -> None:
        """Read the greeting."""
        try:
            reply = await self.reply(Phase.BANNER)
        except SessionEndedError as end:
            if end.failure is Failure.TIMEOUT and self._target.tls is Tls.STARTTLS and await self._waits_for_tls():
                self.fail(Failure.TLS_EXPECTED)
            raise
        if reply.code != GREETING:
            self.refused(Phase.BANNER, reply)
        self.exchange.banner = self.shown(reply)

    async def _waits_for_tls(self) -> bool:
        """Tell a server that waits for a TLS handshake from one that hangs: do one, on the same connection."""
        try:
            async with self._net.deadline.limit(self.patience.connect):
                await self.wire.start_tls(self._net.tls, self._target.host, self.patience.connect)
        except (TimeoutError, ConnectionEndedError, PlainTextError):
            return False
        except EarlyRecordError:
            return True
        except ssl.SSLError as error:
            return error.reason not in failures.NOT_TLS
        return True

    async def start_tls(self, plain: Failure) -> None:
        """Do the handshake; `plain` is what octets before it mean."""
        try:
            async with self._timed(Phase.TLS, self.patience.reply):
                await self.wire.start_tls(self._net.tls, self._target.host, self.patience.reply)
        except PlainTextError:
            self.fail(plain)
        except EarlyRecordError as error:
            is_old = error.alert == failures.PROTOCOL_VERSION
            self.fail(Failure.TLS_VERSION if is_old else Failure.TLS_FAILED, detail=f"alert {error.alert} at once")
        except ConnectionEndedError:
            self.fail(Failure.CLOSED)
        except ssl.SSLError as error:
            detail = getattr(error, "verify_message", "") or (error.reason or "").lower().replace("_", " ")
            self.fail(failures.of_handshake(error, plain=plain), detail=self._short(detail))
        except (OSError, ValueError) as error:  # ValueError: a name that no certificate can be for
            self.fail(Failure.TLS_FAILED, detail=self._short(str(error)))
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
        reply = await self.command(phase, f"EHLO [{literal}]", ACCEPTED)
        offer: dict[str, str] = {}
        for line in reply.lines[1:]:
            keyword, _, parameters = line.replace("=", " ", 1).partition(" ")  # `AUTH=LOGIN` of servers before RFC 4954
            offer[keyword.upper()] = f"{offer.get(keyword.upper(), '')} {parameters}".strip().upper()
        return offer

    async def command(self, phase: Phase, command: str, *hoped_for: int) -> Reply:
        """Send one command and give its reply; fail with any other code."""
        self.phase = phase
        self.wire.send(command)
        reply = await self.reply(phase)
        if reply.code not in hoped_for:
            self.refused(phase, reply)
        return reply

    async def reply(self, phase: Phase, *, seconds: float | None = None, is_round_trip: bool = True) -> Reply:
        """Read one reply, within `seconds` or what a reply may take. `is_round_trip`: it answers the command just sent."""
        try:
            async with self._timed(phase, seconds or self.patience.reply):
                reply = await self.wire.reply()
        except ConnectionEndedError:
            self.fail(Failure.CLOSED_BEFORE_BANNER if phase is Phase.BANNER else Failure.CLOSED)
        except EndlessReplyError:
            self.fail(Failure.ENDLESS)
        except MalformedReplyError as error:
            self.fail(Failure.MALFORMED, detail=self._short(str(error)))
        if is_round_trip and phase is not Phase.BANNER:
            took = self.exchange.phases[-1][1]
            shortest = self.exchange.round_trip_seconds
            self.exchange.round_trip_seconds = min(took, shortest) if shortest else took
        return reply

    @asynccontextmanager
    async def _timed(self, phase: Phase, seconds: float, failure: Failure = Failure.TIMEOUT) -> AsyncIterator[None]:
        """Give a phase its time, and write down what it took."""
        self.phase = phase
        time = asyncio.get_running_loop().time
        began = time()
        try:
            async with self._net.deadline.limit(seconds):
                yield
        except TimeoutError:
            if self._net.deadline.has_passed:
                self.fail(Failure.STOPPED, detail=self._net.deadline.reason)
            self.fail(failure, detail=f"after {seconds:g} s")
        finally:
            self.exchange.phases.append((phase, time() - began))

    def refused(self, phase: Phase, reply: Reply) -> NoReturn:
        """End the session with what a reply's code means in this phase."""
        self.fail(failures.of_reply(phase, reply.code), self.shown(reply))

    def fail(self, failure: Failure, reply: str = "", detail: str = "") -> NoReturn:
        """End the session."""
        raise SessionEndedError(failure, reply, detail) from None

    def shown(self, reply: Reply) -> str:
        """Give a reply as it may be shown."""
        return self._short(reply.text)

    def _short(self, text: str) -> str:
        """Give what a server said without any secret, as it is and as it was sent, and not much of it."""
        for token in self.tokens:
            text = text.replace(token, "…")
        text = self._net.secrets.hide(text)
        return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def listed(offer: Mapping[str, str]) -> str:
    """Give the keywords of an EHLO as a clause."""
    names = " ".join(sorted(offer))
    return f"offers {names}"[:SHOWN] if names else "offers nothing"
