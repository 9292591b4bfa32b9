"""One conversation with a client: lines in, replies out, TLS in between, and the faults that are played on the way."""

import asyncio
import socket
import ssl
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.smtp_faults import Act, SmtpFault

SECONDS_IDLE = 300.0
LONGEST_LINE = 65_536


@dataclass(frozen=True, slots=True)
class Heard:
    """A line that a client sent, and whether TLS hid it. What AUTH sends stands here as it came: tests look for it."""

    line: str
    is_hidden: bool


class PausedProtocol(asyncio.StreamReaderProtocol):
    """Leaves what a client sends first to the handshake."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read nothing yet."""
        if isinstance(transport, asyncio.ReadTransport):
            transport.pause_reading()
        super().connection_made(transport)


class HungUpError(Exception):
    """The session is over."""


class Conversation:
    """What goes back and forth with one client.

    Attributes:
        is_hidden: TLS is on.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        faults: Callable[[], tuple[SmtpFault, ...]],
        played: Counter[SmtpFault],
        heard: list[Heard],
    ) -> None:
        self.is_hidden = False
        self._reader, self._writer = reader, writer
        self._below: asyncio.StreamWriter | None = None
        self._current_faults = faults
        self._played = played
        self._heard = heard

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Do the handshake with a new reader: what a client sent in plain text before it is forgotten."""
        await self._play(Phase.TLS)
        reader = asyncio.StreamReader(LONGEST_LINE)
        protocol = asyncio.StreamReaderProtocol(reader)
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self._writer.transport, protocol, context, server_side=True)
        if transport is None:
            raise HungUpError
        protocol.connection_made(transport)
        self._below = self._writer  # since Python 3.13 a writer that nobody holds closes its connection
        self._reader, self._writer = reader, asyncio.StreamWriter(transport, protocol, reader, loop)
        self.is_hidden = True

    async def line(self) -> str:
        """Read one line, without its end."""
        async with asyncio.timeout(SECONDS_IDLE):
            line = (await self._reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip("\r\n")
        self._heard.append(Heard(line, self.is_hidden))
        return line

    async def say(self, phase: Phase, reply: str) -> bool:
        """Give the right reply, or play the fault of this phase. Tells whether a good reply was given."""
        said = await self._play(phase) or reply
        for fault in self.faults(phase, Act.INJECT):
            said = f"{said}\r\n{fault.text}"
        seconds = sum(fault.seconds for fault in self.faults(phase, Act.TARPIT))
        for octet in said if seconds else "":
            self._writer.write(octet.encode())
            await asyncio.sleep(seconds / len(said))
        await self.write("" if seconds else said)
        if said.startswith("421"):
            raise HungUpError
        return said[0] in "23"

    def faults(self, phase: Phase, *acts: Act) -> list[SmtpFault]:
        """Give the faults to play now, and count them."""
        played = self._played
        found = [
            fault
            for fault in self._current_faults()
            if fault.act in acts and fault.at in {phase, None} and (fault.times is None or played[fault] < fault.times)
        ]
        played.update(found)
        return found

    async def _play(self, phase: Phase) -> str | None:
        """Play the faults of a phase. Gives another reply to say, if there is one; some faults never come back."""
        for fault in self.faults(phase, *(set(Act) - {Act.HIDE, Act.OFFER, Act.TARPIT, Act.INJECT})):
            match fault.act:
                case Act.SAY:
                    return fault.text
                case Act.HANG:
                    await asyncio.sleep(SECONDS_IDLE)
                case Act.RESET:
                    linger = struct.pack("ii", 1, 0)  # closing sends a reset: socket(7), SO_LINGER
                    self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                case Act.ENDLESS:
                    while True:
                        await self.write("\r\n".join([fault.text] * 100))
                        await asyncio.sleep(0)
                case _:
                    pass
            raise HungUpError
        return None

    async def write(self, reply: str) -> None:
        """Say something whatever the faults are."""
        self._writer.write(f"{reply}\r\n".encode())
        await self._writer.drain()

    async def message(self, max_octets: int) -> bytes:
        """Read to the final dot. Of a message that is too big one octet more than allowed is kept."""
        content = bytearray()
        while (line := await self._reader.readuntil(b"\r\n")) != b".\r\n":
            content += line.removeprefix(b".")
            del content[max_octets + 1 :]
        return bytes(content)

    def hang_up(self) -> None:
        """Let go of the connection at once."""
        self._writer.transport.abort()
