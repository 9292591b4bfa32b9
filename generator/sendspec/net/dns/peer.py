"""One name server as the UDP client sees it: its sockets, what is open with it, and how much it bears."""

import asyncio
import errno
import os
import socket
from collections import deque
from collections.abc import Callable

from sendspec.net.address import Dial, Server
from sendspec.net.dns.answer import Status
from sendspec.net.dns.wire import Question

QUESTIONS_A_PORT = 128
"""So many answers fit a socket's buffer of the usual size (212,992 octets) even if they all come at once."""
MOST_PORTS = 16
_BUFFER_OCTETS = 1 << 20
_RANDOM_OCTETS = 512
_BURST_SECONDS = 0.05
FIRST_WINDOW = 128
SMALLEST_WINDOW = 8
ENOUGH_SILENCE = 8
"""After so many questions without any answer, each asked to the end, the others are not asked."""
SURE_SECONDS = 0.3
"""A server is unreachable when it is said twice, so far apart: it may just be starting again."""

SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

Outcome = bytes | Status | None
"""What came of a question: the answer's octets, a trouble, or None: the answer expected."""


SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


def resolve_numeric(address: str, port: int) -> tuple[int, SocketAddress]:
    """Give family and socket address of an IP address, which may have a scope (`fe80::1%eth0`); asks nobody.

    Raises:
        OSError: It is none.
        ValueError: Far from being one.
    """
    family, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
    return family, place


class Pending:
    """A question that is open. No dataclass: there are 80,000 of them, one after the other.

    `port` is None once it is done, so that timers pass it by.
    """

    __slots__ = (
        "attempt",
        "done",
        "due",
        "has_edns",
        "id",
        "is_garbled",
        "message",
        "peer",
        "port",
        "question",
        "section",
        "tag",
    )

    def __init__(
        self,
        peer: "Peer",
        message: bytes,
        section: bytes,
        question: Question | None,
        done: Callable[["Pending", Outcome], None],
        tag: object,
        *,
        has_edns: bool = True,
    ) -> None:
        self.peer = peer
        self.message = message
        self.section = section
        self.question = question
        self.done = done
        self.tag = tag
        self.has_edns = has_edns
        self.id = b""
        self.port: Port | None = None
        self.attempt = 0
        self.due = 0.0
        self.is_garbled = False


class Port:
    """One connected socket: the kernel lets nothing through but what comes from the server, and its ICMP errors."""

    __slots__ = ("_random", "_random_at", "peer", "socket", "waiting")

    def __init__(self, peer: "Peer", family: int, address: SocketAddress) -> None:
        self.peer = peer
        self.waiting: dict[bytes, Pending] = {}
        self._random, self._random_at = b"", 0
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_OCTETS)
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise

    def free_id(self) -> bytes:
        """Give two random octets that no open question has."""
        while True:
            at = self._random_at
            if at == len(self._random):
                self._random, at = os.urandom(_RANDOM_OCTETS), 0
            self._random_at = at + 2
            octets = self._random[at : at + 2]
            if octets not in self.waiting:
                return octets


class Peer:
    """A server, and what it bears.

    Args:
        most: How many questions it may have at a time, at most.
        pace: How many it may get in a second; None: as many as it answers.

    Attributes:
        window: How many questions it may have at a time: grows by one with each answer and halves where more than one
            in eight gets lost, so that a small server, or one that limits rates, is asked as fast as it answers.
        unanswered: Questions given up since it last answered.
        trouble: What the system said when it last could not be reached; empty once it answers.
        is_garbled: It has sent something that is no DNS answer at all, since it last answered.
        has_no_edns: It answered FORMERR or the like to a question with EDNS.
    """

    def __init__(self, server: Server, dial: Dial, most: int, pace: float | None) -> None:
        self.server = server
        self.ports: list[Port] = []
        self.queue: deque[Pending] = deque()
        self.outstanding = 0
        self.window = min(FIRST_WINDOW, most)
        self.unanswered = 0
        self.trouble = ""
        self.is_garbled = False
        self.has_no_edns = False
        self.is_suspect = False
        self._troubled_at = 0.0
        self._answered = 0
        self._lost = 0
        self._dial, self._most, self._pace = dial, most, pace
        self._credit, self._credited_at = 0.0, 0.0
        self._next = 0

    @property
    def is_silent(self) -> bool:
        """Tell whether there is no sense in asking it more than one question at a time."""
        return self.unanswered >= ENOUGH_SILENCE

    def wants_port(self) -> bool:
        """Tell whether one socket more would do good."""
        count = len(self.ports)
        return count == 0 or (count < MOST_PORTS and self.outstanding >= count * QUESTIONS_A_PORT)

    def open_port(self) -> Port:
        """Open one socket more, from a port that the kernel chooses.

        Raises:
            OSError: This host has no way to that address, or no socket left.
        """
        port = self._make_port()
        self.ports.append(port)
        return port

    def _make_port(self) -> Port:
        try:
            return Port(self, *resolve_numeric(*self._dial(self.server.address, self.server.port)))
        except (ValueError, OverflowError) as error:  # octets that no address has, a port out of bounds
            raise OSError(errno.EINVAL, str(error)) from error

    def try_port(self) -> None:
        """Open a socket and close it again.

        Raises:
            OSError: As `open_port`.
        """
        if not self.ports:
            self._make_port().socket.close()

    def may_send(self, now: float) -> bool:
        """Tell whether one question more keeps the pace, and count it."""
        if self._pace is None:
            return True
        earned = (now - self._credited_at) * self._pace
        self._credit, self._credited_at = min(self._credit + earned, self._pace * _BURST_SECONDS + 1), now
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def next_port(self) -> Port:
        """Give the sockets in turn."""
        self._next = (self._next + 1) % len(self.ports)
        return self.ports[self._next]

    def answered(self) -> None:
        """Note an answer."""
        self._answered += 1
        if self.window < self._most and self.outstanding * 2 >= self.window:
            self.window += 1
        if self.is_suspect:
            self.is_suspect = self.is_garbled = False
            self.unanswered, self.trouble, self._troubled_at = 0, "", 0.0

    def lost(self) -> None:
        """Note a datagram that was not answered in time."""
        self._lost += 1
        if self._lost * 8 > self._answered + 16:
            self.window = max(self.window // 2, min(SMALLEST_WINDOW, self._most))
            self._answered = self._lost = 0
        elif self._answered > 1024:  # noqa: PLR2004 - forget what is long ago
            self._answered, self._lost = self._answered // 2, self._lost // 2

    def babbled(self) -> None:
        """Note something that is no DNS answer at all."""
        self.is_garbled = self.is_suspect = True

    def gave_up(self) -> None:
        """Note a question that was asked to the end."""
        self.unanswered += 1
        self.is_suspect = True

    def troubled(self, error: OSError) -> bool:
        """Note that the system says it cannot be reached; tell whether that is sure."""
        now = asyncio.get_running_loop().time()
        self.trouble = error.strerror or str(error)
        self.is_suspect = True
        self.window = 1
        if not self._troubled_at:
            self._troubled_at = now
        return now - self._troubled_at > SURE_SECONDS
