"""A stand-in for an ESP's submission server: asks for TLS and a login, refuses what an ESP refuses, keeps what it takes.

It plays faults (`smtp_faults`) that can be changed while it runs. It speaks to loopback only and keeps mail in memory.
"""

import asyncio
import base64
import binascii
import contextlib
import re
import ssl
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.smtp_conversation import LONGEST_LINE, Conversation, Heard, HungUpError, PausedProtocol
from sendspec.rehearse.smtp_faults import Act, SmtpFault

NAME = "smtp.rehearsal.invalid"
SIZE = 10_485_760
PATH = re.compile(r"(?:FROM|TO):\s*<([^>]*)>(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Received:
    """A message as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    user: str


def anybody(_user: str, _sender: str) -> bool:
    """Let every login send as anybody."""
    return True


@dataclass(eq=False)
class SmtpServer:
    """One submission server. `start` may be called for several addresses; `close` ends them all.

    Attributes:
        tls: What its port speaks.
        context: Its certificate. An expired one or one for another name is how those faults are played.
        logins: (user, password) of those who may log in.
        may_send: Takes user and sender; False gets 554, as for a sender that is not verified.
        faults: What is wrong with it now.
        received, heard, connections: What came so far.
    """

    tls: Tls
    context: ssl.SSLContext
    logins: Collection[tuple[str, str]] = ()
    may_send: Callable[[str, str], bool] = anybody
    faults: tuple[SmtpFault, ...] = ()
    name: str = NAME
    max_octets: int = SIZE
    received: list[Received] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    played: Counter[SmtpFault] = field(default_factory=Counter)
    _listeners: list[asyncio.Server] = field(default_factory=list)
    _sessions: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, address: str = "127.0.0.1", port: int = 0) -> int:
        """Listen, and give the port."""
        listener = await asyncio.get_running_loop().create_server(self._protocol, address, port)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and hang up on everybody."""
        for listener in self._listeners:
            listener.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        self._listeners.clear()

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        kind = PausedProtocol if self.tls is Tls.IMPLICIT else asyncio.StreamReaderProtocol
        return kind(asyncio.StreamReader(LONGEST_LINE), self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        session = asyncio.create_task(_Session(self, reader, writer).run())
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)
        with contextlib.suppress(asyncio.CancelledError):  # asyncio complains of a callback that is cancelled itself
            await asyncio.wait({session})


class _Session:
    """One client's session. Methods named after commands answer them."""

    def __init__(self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._talk = Conversation(reader, writer, lambda: server.faults, server.played, server.heard)
        self._user: str | None = None
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._has_greeted = False

    async def run(self) -> None:
        """Serve until the client goes, or until a fault ends it."""
        gone = (HungUpError, OSError, EOFError, ValueError, asyncio.LimitOverrunError, TimeoutError)
        try:
            if self._server.tls is Tls.IMPLICIT:
                await self._talk.start_tls(self._server.context)
            await self._talk.say(Phase.BANNER, f"220 {self._server.name} ESMTP ready")
            while True:
                await self._answer(await self._talk.line())
        except gone:
            pass
        finally:
            self._talk.hang_up()

    async def _answer(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        answers = {
            "EHLO": self._ehlo,
            "HELO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "QUIT": self._quit,
        }
        answer = answers.get(verb.upper())
        if answer is None:
            await self._talk.write("502 5.5.1 Command not implemented")
        else:
            await answer(rest)

    async def _ehlo(self, _rest: str) -> None:
        """Offer STARTTLS before TLS and AUTH after it (RFC 3207 section 4.2, RFC 4954 section 4)."""
        phase = Phase.EHLO_TLS if self._talk.is_hidden else Phase.EHLO
        offer = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", f"SIZE {self._server.max_octets}"]
        offer.append("AUTH PLAIN LOGIN" if self._talk.is_hidden else "STARTTLS")
        for fault in self._talk.faults(phase, Act.HIDE, Act.OFFER):
            keyword = fault.text.split()[0]
            offer = [line for line in offer if line.split()[0] != keyword]
            offer += [fault.text] * (fault.act is Act.OFFER)
        self._has_greeted, self._sender, self._recipients = True, None, []
        lines = (self._server.name, *offer)
        await self._talk.say(phase, "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    async def _starttls(self, _rest: str) -> None:
        if self._talk.is_hidden:
            await self._talk.write("503 5.5.1 TLS is on already")
        elif await self._talk.say(Phase.STARTTLS, "220 2.0.0 Ready to start TLS"):
            await self._talk.start_tls(self._server.context)
            self._has_greeted = False

    async def _auth(self, rest: str) -> None:
        if not self._talk.is_hidden:
            await self._talk.write("530 5.7.0 Must issue a STARTTLS command first")
            return
        mechanism, _, initial = rest.partition(" ")
        login = await self._read_login(mechanism.upper(), initial)
        if login is None:
            await self._talk.write("504 5.5.4 Mechanism or encoding not understood")
        elif login not in self._server.logins:
            await self._talk.say(Phase.AUTH, "535 5.7.8 Authentication credentials invalid")
        elif await self._talk.say(Phase.AUTH, "235 2.7.0 Authentication successful"):
            self._user = login[0]

    async def _read_login(self, mechanism: str, initial: str) -> tuple[str, str] | None:
        """Read user and password of AUTH PLAIN (RFC 4616) or AUTH LOGIN, with or without an initial response."""
        try:
            if mechanism == "PLAIN":
                _, user, password = _decoded(initial or await self._ask("")).split("\0")
            elif mechanism == "LOGIN":
                user = _decoded(initial or await self._ask("VXNlcm5hbWU6"))
                password = _decoded(await self._ask("UGFzc3dvcmQ6"))
            else:
                return None
        except ValueError:
            return None
        return user, password

    async def _ask(self, challenge: str) -> str:
        await self._talk.write(f"334 {challenge}")
        return await self._talk.line()

    async def _mail(self, rest: str) -> None:
        found = PATH.match(rest)
        if not self._talk.is_hidden:
            await self._talk.write("530 5.7.0 Must issue a STARTTLS command first")
        elif self._user is None:
            await self._talk.write("530 5.7.0 Authentication required")
        elif found is None or self._sender is not None or not self._has_greeted:
            await self._talk.write("503 5.5.1 Bad sequence or syntax")
        elif (size := re.search(r"SIZE=(\d{1,12})", found[2], re.IGNORECASE)) and int(
            size[1]
        ) > self._server.max_octets:
            await self._talk.write("552 5.3.4 Message too big")
        elif not self._server.may_send(self._user, found[1]):
            await self._talk.say(Phase.MAIL, f"554 5.7.1 Message rejected: {found[1]} is not verified")
        elif await self._talk.say(Phase.MAIL, "250 2.1.0 OK"):
            self._sender = found[1]

    async def _rcpt(self, rest: str) -> None:
        found = PATH.match(rest)
        if self._sender is None:
            await self._talk.write("503 5.5.1 MAIL first")
        elif found is None:
            await self._talk.write("501 5.1.3 Bad recipient")
        elif await self._talk.say(Phase.RCPT, "250 2.1.5 OK"):
            self._recipients.append(found[1])

    async def _data(self, _rest: str) -> None:
        if self._sender is None or self._user is None or not self._recipients:
            await self._talk.write("503 5.5.1 RCPT first")
            return
        if not await self._talk.say(Phase.DATA, "354 Go ahead"):
            return
        content = await self._talk.message(self._server.max_octets)
        message = Received(self._sender, tuple(self._recipients), content, self._user)
        self._sender, self._recipients = None, []
        if len(content) > self._server.max_octets:
            await self._talk.write("552 5.3.4 Message too big")
            return
        self._server.received.append(message)  # a server that hangs up now has taken it all the same
        if not await self._talk.say(Phase.MESSAGE, f"250 2.0.0 OK {len(self._server.received)}"):
            self._server.received.remove(message)

    async def _rset(self, _rest: str) -> None:
        self._sender, self._recipients = None, []
        await self._talk.say(Phase.RSET, "250 2.0.0 OK")

    async def _noop(self, _rest: str) -> None:
        await self._talk.write("250 2.0.0 OK")

    async def _quit(self, _rest: str) -> None:
        await self._talk.say(Phase.QUIT, "221 2.0.0 Bye")
        raise HungUpError


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except binascii.Error as error:
        raise ValueError("no base64") from error
