"""What failover is measured with: servers that fail in every way the table in the docs has, and who took the message when."""

import asyncio
import email
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from mail_servers import Authority

from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.https_server import Misbehaviour
from sendspec.rehearse.smtp_faults import SmtpFault, hang, reset, say
from sendspec.rehearse.smtp_server import Received, SmtpServer

USER = PASSWORD = "both-user-and-password"
BEGAN = "X-Began"
"""The header in which a message says when it was handed over: seconds, as `time.time()` counts them."""
LATEST = 4.0
"""How many seconds more than its longest wait a client may take before a failover test fails."""


class Absence(Enum):
    """How a server is not there."""

    REFUSES = "nobody listens at its port"
    SILENT = "nobody answers its address, as behind a firewall that drops packets"


TABLE_SMTP: Mapping[str, SmtpFault | Absence] = {
    "421 at the banner": say(Phase.BANNER, "421 4.3.2 Too many connections"),
    "535 at AUTH": say(Phase.AUTH, "535 5.7.8 Authentication credentials invalid"),
    "451 at RCPT": say(Phase.RCPT, "451 4.7.1 Greylisted"),
    "451 at DATA": say(Phase.MESSAGE, "451 4.3.0 Try again later"),
    "550 at RCPT": say(Phase.RCPT, "550 5.1.1 No such mailbox"),
    "550 at DATA": say(Phase.MESSAGE, "550 5.7.1 Content refused"),
    "resets at MAIL": reset(Phase.MAIL),
    "hangs at MAIL": hang(Phase.MAIL),
    "resets behind the final dot": reset(Phase.MESSAGE),
    "hangs behind the final dot": hang(Phase.MESSAGE),
    "refuses the connection": Absence.REFUSES,
    "does not answer the connection": Absence.SILENT,
}
REFUSALS = ("550 at RCPT", "550 at DATA", "HTTP 422")
"""What a second ESP must not be asked to do again."""
TABLE_API: Mapping[str, int | Misbehaviour | Absence] = {
    "HTTP 401": 401,
    "HTTP 422": 422,
    "HTTP 429": 429,
    "HTTP 500": 500,
    "API resets the call": Misbehaviour.RESET,
    "API hangs in the call": Misbehaviour.HANG,
    "API refuses the connection": Absence.REFUSES,
    "API does not answer the connection": Absence.SILENT,
}
SLOW = tuple(fault for fault in (*TABLE_SMTP, *TABLE_API) if "hangs" in fault or "does not answer" in fault)
"""Faults that a client waits for."""


@dataclass(frozen=True)
class Wait:
    """How long a client waits for something.

    Attributes:
        name: What it waits for, as the docs call it.
        shipped: Seconds that the generated files say.
        played: Seconds in the test.
    """

    name: str
    shipped: int
    played: float


def said(pattern: str, text: str) -> int:
    """Give the number that a generated file says where a pattern first matches."""
    found = re.search(pattern, text)
    assert found, pattern
    return int(found[1])


class Timed(list[Received]):
    """Messages, and the time at which each was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[Received, float] = {}

    def append(self, message: Received) -> None:
        """Take a message."""
        self.times[message] = time.time()
        super().append(message)


@dataclass
class FaultyServers:
    """Servers that fail, each in its own way, and one that is well, in an event loop of their own thread.

    Attributes:
        ports: Of the failing servers, by the name of the fault.
        silent: A port that answers no connection.
        port: Of the one that is well.
    """

    ports: dict[str, int] = field(default_factory=dict)
    silent: int = 0
    port: int = 0
    failing: dict[str, SmtpServer] = field(default_factory=dict)
    well: SmtpServer | None = None
    taken: Timed = field(default_factory=Timed)

    def delivered(self, fault: str, waits: Sequence[Wait]) -> dict[str, object]:
        """Give what became of the message to `address_for(fault)`, as a row of the failover table."""
        recipient = address_for(fault)
        trouble = TABLE_SMTP.get(fault)
        assert not isinstance(trouble, SmtpFault) or self.failing[fault].played[trouble], f"{fault} was not met"
        primary = self.failing[fault].received if fault in self.failing else []
        second = [message for message in self.taken if recipient in message.recipients]
        first = [message for message in primary if recipient in message.recipients]
        assert len(second) < 2, f"{fault}: the fallback got the message more than once"
        by = "fallback" if second else "primary" if first else "nobody"
        wait = self._waited(second[0], waits) if second else None
        in_doubt = first or isinstance(TABLE_API.get(fault), Misbehaviour)  # the primary had it all and did not say no
        return {
            "fault": fault,
            "delivered_by": by,
            "after": wait.name if wait else None,
            "seconds": wait.shipped if wait else None,
            "resent_after_refusal": bool(second) and fault in REFUSALS,
            "perhaps_twice": bool(second and in_doubt),
        }

    def _waited(self, message: Received, waits: Sequence[Wait]) -> Wait:
        """Give the wait that a message sat through: the longest for which the time measured is enough."""
        began = email.message_from_bytes(message.content)[BEGAN]
        seconds = self.taken.times[message] - float(began)
        assert seconds < max(wait.played for wait in waits) + LATEST, (
            f"{message.recipients} arrived after {seconds:.1f} s"
        )
        passed = [wait for wait in waits if wait.played <= seconds]
        return max(passed, key=lambda wait: wait.played, default=Wait("at once", 0, 0))


def address_for(fault: str) -> str:
    """Give the recipient whose message meets a fault."""
    return "".join(character if character.isalnum() else "-" for character in fault.lower()) + "@customer.test"


@contextmanager
def in_thread() -> Iterator[Callable[..., object]]:
    """Give a function that runs a coroutine in the event loop of a thread and waits for it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def failing_server(authority: Authority, fault: SmtpFault) -> Iterator[tuple[SmtpServer, int]]:
    """Run one server with a fault, and give it with its port."""
    server = SmtpServer(Tls.STARTTLS, authority.server_context(), [(USER, PASSWORD)], faults=(fault,))
    with in_thread() as run:
        try:
            yield server, run(server.start())
        finally:
            run(server.close())


@contextmanager
def silent_port() -> Iterator[int]:
    """Give a port whose queue of connections is full, so that Linux drops every further one without an answer."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@contextmanager
def faulty_servers(authority: Authority, tls: Tls = Tls.STARTTLS) -> Iterator[FaultyServers]:
    """Run a server for each fault of SMTP, and one that is well."""
    context = authority.server_context()
    found = FaultyServers()

    def make(*faults: SmtpFault) -> SmtpServer:
        return SmtpServer(tls, context, [(USER, PASSWORD)], faults=faults)

    with in_thread() as run, silent_port() as found.silent:
        found.well = make()
        found.well.received = found.taken
        found.port = run(found.well.start())
        for name, fault in TABLE_SMTP.items():
            if fault is Absence.SILENT:
                found.ports[name] = found.silent
                continue
            server = make(*([fault] if isinstance(fault, SmtpFault) else []))
            found.ports[name] = run(server.start())
            found.failing[name] = server
            if fault is Absence.REFUSES:
                run(server.close())
        try:
            yield found
        finally:
            for server in (found.well, *found.failing.values()):
                run(server.close())


def compare_golden(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Compare a table with its file; `WRITE_GOLDEN=1` writes it."""
    text = "[\n" + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]\n"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
