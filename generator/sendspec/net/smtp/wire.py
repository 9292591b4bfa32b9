"""One SMTP connection: lines go out, replies come in, and what comes is bounded in size.

Why not aiosmtplib 5.1: it throws away what stands between STARTTLS and the handshake without a word, and that is a
finding here; its replies come one command at a time, where a server that offers PIPELINING (RFC 2920) can save three
round trips of ten; and with TLS from the first byte, connection, handshake and greeting are one call without times.
"""

import asyncio
import re
import ssl
from dataclasses import dataclass
from typing import cast

MOST_OCTETS = 32_768
"""Of one reply, and of what nobody asked for. RFC 5321 section 4.5.3.1.5 allows 512 a line; an EHLO has few lines."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?\Z", re.DOTALL)
TLS_RECORDS = (b"\x15\x03", b"\x16\x03")  # an alert or a handshake in TLS 1.x: RFC 8446 section 5.1
ALERT = 6  # where an alert's description stands: after a header of five octets and the level


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: its code, and the text of each line."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Give it in one line: `535 5.7.8 Authentication failed`."""
        return f"{self.code} {' / '.join(self.lines)}".rstrip()


class ConnectionEndedError(Exception):
    """The other side closed or reset the connection."""


class EndlessReplyError(Exception):
    """A reply grew larger than any reply is."""


class MalformedReplyError(Exception):
    """What came is no reply; the message says what it is."""


class PlainTextError(Exception):
    """Octets came before the handshake that should have been its first."""


class EarlyRecordError(Exception):
    """TLS came before the handshake that it should have waited for: an alert of a server that can do none.

    `alert` is its description (RFC 8446 section 6).
    """

    def __init__(self, alert: int) -> None:
        super().__init__(alert)
        self.alert = alert


class Wire(asyncio.Protocol):
    """One connection. Not for several tasks at once."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._octets = bytearray()
        self._start = 0  # of the line that is read next
        self._lines: list[str] = []  # of the reply that is read
        self._waiter: asyncio.Future[None] | None = None
        self._has_ended = False
        self._transport: asyncio.Transport | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """Give the transport; there is one from the first moment on."""
        return cast("asyncio.Transport", self._transport)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take no more than a reply can be; whoever sends more is not read any further."""
        room = MOST_OCTETS + 1 - len(self._octets)
        self._octets += data[:room]
        if len(data) >= room:
            self.transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell whoever waits."""
        self._has_ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def send(self, *commands: str) -> None:
        """Send commands, in one piece. What came before, unasked for, is dropped: no later command may take it as its own."""
        if any(CONTROL.search(command) for command in commands):
            raise ValueError("a command holds a control character")
        self._drop()
        self.transport.write("".join(f"{command}\r\n" for command in commands).encode())

    def send_message(self, message: bytes) -> None:
        """Send a message with its final dot (RFC 5321 section 4.5.2)."""
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
        ended = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
        self._drop()
        self.transport.write(re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n")

    def _drop(self) -> None:
        self._octets.clear()
        self._lines.clear()
        self._start = 0

    async def reply(self) -> Reply:
        """Read one reply. Waits without limit: the caller has the clock.

        Raises:
            ConnectionEndedError, EndlessReplyError, MalformedReplyError: instead of a reply.
        """
        while True:
            found = self._take()
            if found is not None:
                return found
            if len(self._octets) > MOST_OCTETS:
                raise EndlessReplyError
            if self._has_ended:
                raise ConnectionEndedError
            self._waiter = self._loop.create_future()
            await self._waiter

    def _take(self) -> Reply | None:
        """Read on where the last look ended, so that a server that dribbles costs no more than one that does not."""
        while (end := self._octets.find(b"\n", self._start)) >= 0:
            line = bytes(self._octets[self._start : end]).rstrip(b"\r")
            self._start = end + 1
            found = LINE.match(line)
            if found is None:
                raise MalformedReplyError(_what_it_is(line))
            self._lines.append((found[3] or b"").decode("utf-8", "backslashreplace").strip())
            if found[2] != b"-":
                reply = Reply(int(found[1]), tuple(self._lines))
                del self._octets[: self._start]
                self._start = 0
                self._lines = []
                return reply
        if self._octets.startswith(TLS_RECORDS):
            raise MalformedReplyError(_what_it_is(bytes(self._octets)))
        return None

    async def start_tls(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """Do the handshake, with the certificate checked for `host`.

        Raises:
            PlainTextError, EarlyRecordError: something came already.
            ConnectionEndedError: the connection is closed.
            ssl.SSLError: as the handshake ends.
        """
        if self._octets.startswith(TLS_RECORDS):
            raise EarlyRecordError(self._octets[ALERT] if len(self._octets) > ALERT else 0)
        if self._octets:
            raise PlainTextError
        if self._has_ended or self.transport.is_closing():
            raise ConnectionEndedError
        try:
            transport = await self._loop.start_tls(
                self.transport, self, context, server_hostname=host, ssl_handshake_timeout=seconds
            )
        except ConnectionAbortedError as error:  # asyncio's word for a handshake that takes too long
            raise TimeoutError from error
        except (ConnectionError, EOFError) as error:
            raise ConnectionEndedError from error
        if transport is None:
            raise ConnectionEndedError
        self._transport = transport

    def close(self) -> None:
        """Let go of the connection at once."""
        self.transport.abort()


def _what_it_is(octets: bytes) -> str:
    if octets.startswith(TLS_RECORDS):
        return "a TLS record"
    return ascii(octets[:60].decode("latin-1"))
