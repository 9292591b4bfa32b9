"""A receiver for the posts of ESPs: plain HTTP, to stand behind a tunnel or a proxy that ends TLS, or in a rehearsal.

Whoever can reach it may send it anything, so everything is bounded: connections, header lines, body, time. What is not an
event of the message in question is answered and forgotten.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sendspec.errors import SendspecError
from sendspec.model.sending import Fetch, Posted, Proof, Sending, Verification
from sendspec.smoke.events.sought import Came, Forged, News, Sought

MAX_BODY, MAX_LINE, MAX_HEADERS = 1_048_576, 16_384, 100
MAX_CONNECTIONS = 64
IDLE_SECONDS = 10.0
SIGNATURES_KEPT = 10_000
POSTS_KEPT, LONGEST_KEPT = 200, 65_536
"""Of posts about other messages: one may prove to be about ours once its id is known."""
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 405: "Method Not Allowed", 413: "Content Too Large"}
REFUSED = 401
"""Not 403: that makes Postmark give up on the event at once, where 401 makes it try again."""


@dataclass(frozen=True, slots=True)
class Source:
    """An ESP that may post here, with its accounts."""

    sending: Sending
    accounts: tuple[str, ...]


class _RefusedError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Receiver:
    """Listens while it is open as a context. `tell` hears what came."""

    def __init__(
        self,
        place: tuple[str, int],
        sources: Sequence[Source],
        sought: Sought,
        key: str,
        now: Callable[[], datetime],
        fetch: Fetch,
        tell: Callable[[News], None],
    ) -> None:
        self._place, self._sources, self._sought, self._key = place, sources, sought, key
        self._now, self._fetch, self._tell = now, fetch, tell
        self._server: asyncio.Server | None = None
        self._room = asyncio.Semaphore(MAX_CONNECTIONS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: dict[str, None] = {}  # digests of signed posts, oldest first
        self._passed: deque[Posted] = deque(maxlen=POSTS_KEPT)

    @property
    def port(self) -> int:
        """Give the port, also where any was asked for."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server and self._server.sockets else 0

    async def look_for(self, message_id: str) -> None:
        """Recognise events by this id, too: those that come, and the last ones that came."""
        self._sought = Sought(self._sought.marker, (*self._sought.message_ids, message_id))
        passed = tuple(self._passed)
        self._passed.clear()
        for posted in passed:
            await self._take(posted)

    def _remember(self, posted: Posted) -> None:
        if len(posted.body) <= LONGEST_KEPT:
            self._passed.append(posted)

    async def __aenter__(self) -> Self:
        host, port = self._place
        try:
            self._server = await asyncio.start_server(self._serve, host, port, limit=MAX_LINE)
        except OSError as error:
            raise SendspecError(
                f"cannot listen on {host}:{port}: {(error.strerror or 'refused').lower()}", "choose another --listen"
            ) from None
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            if self._room.locked():
                return
            async with self._room, asyncio.timeout(IDLE_SECONDS):
                status = await self._answer(reader)
                line = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                writer.write(line.encode())
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # whoever hangs up, dawdles or is still there at the end gets no answer
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> int:
        try:
            return await self._take(await _read_post(reader))
        except _RefusedError as refused:
            return refused.status

    async def _take(self, posted: Posted) -> int:
        for source in self._sources:
            events = source.sending.read_events(posted)
            if events is None:
                continue
            url = source.sending.confirm(posted)
            wanted = [seen for seen in events if self._sought.fits(seen)]
            if not (wanted or url):
                self._remember(posted)
                return 200  # somebody else's mail as far as anybody knows: not ours to judge
            proof = await self._proof(source.sending, posted)
            if proof in {Proof.BAD, Proof.STALE} or (proof is Proof.MISSING and self._key):
                self._tell(Forged(proof))
                return REFUSED
            if url and proof is Proof.GOOD:
                await self._fetch(url)
            for seen in wanted:
                self._tell(Came(seen, source.accounts, "posted here", proof))
            return 200
        return 400

    async def _proof(self, sending: Sending, posted: Posted) -> Proof:
        proof = await sending.verify(posted, Verification(self._key, self._now(), self._fetch))
        if proof is not Proof.GOOD:
            return proof
        digest = hashlib.sha256(repr(sorted(posted.headers.items())).encode() + posted.body).hexdigest()
        if digest in self._seen:
            return Proof.STALE  # signed, but for another post: this one is a copy
        self._seen[digest] = None
        if len(self._seen) > SIGNATURES_KEPT:
            del self._seen[next(iter(self._seen))]
        return proof


async def _read_post(reader: asyncio.StreamReader) -> Posted:
    """Read one request (RFC 9112). Raises _RefusedError with the status to answer."""
    method = (await _line(reader)).partition(" ")[0]
    headers: dict[str, str] = {}
    while line := await _line(reader):
        name, colon, value = line.partition(":")
        if not colon or len(headers) >= MAX_HEADERS:
            raise _RefusedError(400)
        headers[name.strip().lower()] = value.strip()
    if method != "POST":
        raise _RefusedError(405)
    return Posted(headers, await _body(reader, headers))


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise _RefusedError(413) from None
    return line.rstrip(b"\r\n").decode("latin-1")


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _chunks(reader)
    length = _number(headers.get("content-length", ""), 10)
    return await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """Read a body in pieces, as tunnels send it (RFC 9112 section 7.1)."""
    body = bytearray()
    while size := _number((await _line(reader)).partition(";")[0], 16):
        if len(body) + size > MAX_BODY:
            raise _RefusedError(413)
        body += await reader.readexactly(size)
        await _line(reader)
    return bytes(body)


def _number(text: str, base: int) -> int:
    digits = "0123456789abcdef"[:base]
    stripped = text.strip().lower()
    if not stripped or len(stripped) > 10 or stripped.strip(digits):  # noqa: PLR2004 - no body is that long
        raise _RefusedError(400)
    number = int(stripped, base)
    if number > MAX_BODY:
        raise _RefusedError(413)
    return number
