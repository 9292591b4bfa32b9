"""An https server on loopback that answers for many hosts, and the ways in which a server can fail."""

import asyncio
import contextlib
import http
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.rehearse.smtp_conversation import PausedProtocol

Site = Callable[[ApiCall], ApiAnswer]
"""Answers every call to one host: `StandIn.answer`, or what a rehearsed webhook says."""

MAX_HEAD_OCTETS = 65_536
MAX_BODY_OCTETS = 50_000_000
IDLE_SECONDS = 30.0
CALLS_KEPT = 10_000
OVER = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError)
"""How a connection ends: the client left or waited too long (an OSError too), sent no head, or the server closes."""
HANDSHAKE_SECONDS, SHUTDOWN_SECONDS = 10.0, 1.0
TURNS = 5
"""Turns of the event loop from a connection that was accepted to its session, and from its end to the closed socket."""
NO_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER of 0 s: closing sends RST."""


class Misbehaviour(StrEnum):
    """How a host answers wrongly, whatever it is asked."""

    RESET = "closes the connection without an answer"
    HANG = "takes the call and never answers"
    SLOW = "answers late"
    ENDLESS_BODY = "answers without end"
    ENDLESS_HEAD = "sends headers without end"
    GARBAGE = "answers something that is not HTTP"


@dataclass(slots=True)
class HttpsServer:
    """A server for all of `sites`, by host name, on one port of loopback; open it as a context.

    Attributes:
        contexts: TLS settings by host name: each host shows a certificate of its own, in whatever way wrong.
        misbehaviours: By host name; may change while the server runs.
        slow_seconds: How late a slow host answers.
        calls: What was asked, in order; the first 10,000.
        port: 0 until it is open.
    """

    sites: Mapping[str, Site]
    contexts: Mapping[str, ssl.SSLContext]
    address: str = "127.0.0.1"
    misbehaviours: dict[str, Misbehaviour] = field(default_factory=dict)
    slow_seconds: float = 10.0
    calls: list[ApiCall] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _sessions: set[asyncio.Task[None]] = field(default_factory=set)
    _is_closing: bool = False

    async def __aenter__(self) -> Self:
        self._is_closing = False
        server = await asyncio.get_running_loop().create_server(self._protocol, self.address, self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._server = server
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Stop at once, whoever is still connected."""
        self._is_closing = True
        if self._server is not None:
            self._server.close()
        await _turn()
        sessions = tuple(self._sessions)
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await _turn()

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return PausedProtocol(asyncio.StreamReader(MAX_HEAD_OCTETS), self._accept)

    def _accept(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin a session; at once, so that none is open that closing does not know of."""
        if self._is_closing:
            writer.transport.abort()
            return
        session = asyncio.get_running_loop().create_task(self._serve(writer))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)

    def _context(self) -> ssl.SSLContext:
        """Give a context that turns into that of the host the client names (RFC 6066 section 3)."""
        first = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
            chosen = self.contexts.get(name or "")
            if chosen is None:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = chosen
            return None

        first.sni_callback = choose
        return first

    async def _serve(self, below: asyncio.StreamWriter) -> None:
        """Hold one session: handshake, then calls. `below` is the connection without TLS."""
        open_transport: asyncio.WriteTransport = below.transport
        try:
            with contextlib.suppress(*OVER):
                reader, writer = await self._with_tls(below)
                open_transport = writer.transport
                while await self._one_call(reader, writer):
                    pass
                writer.close()
                await writer.wait_closed()
        finally:
            open_transport.abort()

    async def _with_tls(self, below: asyncio.StreamWriter) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader = asyncio.StreamReader(MAX_HEAD_OCTETS)
        protocol = asyncio.StreamReaderProtocol(reader)
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(
            below.transport,
            protocol,
            self._context(),
            server_side=True,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=SHUTDOWN_SECONDS,
        )
        if transport is None:  # closed during the handshake
            raise ConnectionResetError
        protocol.connection_made(transport)
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _one_call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read a call and answer it. Gives whether another one may follow."""
        async with asyncio.timeout(IDLE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            call = _read_head(head)
            if call is None:
                await _write(writer, ApiAnswer(400))
                return False
            if call.headers.get("expect", "").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            call = await _with_body(call, reader)
        if call is None:
            await _write(writer, ApiAnswer(411))
            return False
        if len(self.calls) < CALLS_KEPT:
            self.calls.append(call)
        misbehaviour = self.misbehaviours.get(call.host)
        if misbehaviour is not None and not await self._misbehave(misbehaviour, writer):
            return False
        site = self.sites.get(call.host)
        await _write(writer, site(call) if site else ApiAnswer(421))  # RFC 9110 section 15.5.20: misdirected
        return call.headers.get("connection", "").lower() != "close"

    async def _misbehave(self, misbehaviour: Misbehaviour, writer: asyncio.StreamWriter) -> bool:
        """Misbehave. Gives whether an answer is to follow all the same."""
        match misbehaviour:
            case Misbehaviour.SLOW:
                await asyncio.sleep(self.slow_seconds)
                return True
            case Misbehaviour.HANG:
                await asyncio.Event().wait()
            case Misbehaviour.RESET:
                connection: socket.socket = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
                writer.transport.abort()
            case Misbehaviour.GARBAGE:
                writer.write(b"220 mail.example ESMTP\r\n\r\n")
                await writer.drain()
            case Misbehaviour.ENDLESS_BODY:
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
                )
                await _write_forever(writer, b"[" * 65_536)
            case Misbehaviour.ENDLESS_HEAD:
                writer.write(b"HTTP/1.1 200 OK\r\n")
                await _write_forever(writer, b"X-Padding: " + b"x" * 1_000 + b"\r\n")
        return False


async def _turn() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def _write_forever(writer: asyncio.StreamWriter, part: bytes) -> None:
    while True:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)


def _read_head(head: bytes) -> ApiCall | None:
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, target, version
        return None
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        if not colon:
            return None
        headers[name.strip().lower()] = value.strip()
    target = urlsplit(parts[1])
    host = headers.get("host", "").rpartition(":")[0] if ":" in headers.get("host", "") else headers.get("host", "")
    query = tuple(parse_qsl(target.query, keep_blank_values=True))
    return ApiCall(parts[0], host.lower(), target.path, query, headers)


async def _with_body(call: ApiCall, reader: asyncio.StreamReader) -> ApiCall | None:
    """Read the body; None where its length is not said or too large."""
    if "transfer-encoding" in call.headers:
        return None
    length = call.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY_OCTETS:
        return None
    body = await reader.readexactly(int(length))
    return ApiCall(call.method, call.host, call.path, call.query, call.headers, body)


async def _write(writer: asyncio.StreamWriter, answer: ApiAnswer) -> None:
    try:
        phrase = http.HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.status not in {204, 304}:
        lines.append(f"Content-Length: {len(answer.body)}")
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body)
    await writer.drain()
