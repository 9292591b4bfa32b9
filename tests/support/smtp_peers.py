"""SMTP in tests: the world as one value, with a name service that knows a few hosts, and the stand-in in the same loop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from https_peers import KnownHosts, client_context, dial_to, server_context

from sendspec.model.credential import Credential
from sendspec.model.secret import Secret, Unresolved
from sendspec.model.vocabulary import Tls
from sendspec.net.address import Dial
from sendspec.net.deadline import Deadline
from sendspec.net.net import Net
from sendspec.net.smtp.exchange import Envelope, Login, Patience, Target
from sendspec.rehearse.smtp_faults import SmtpFault
from sendspec.rehearse.smtp_server import SmtpServer

HOST = "smtp.mail.example"
ADDRESS = "192.0.2.25"
USER, PASSWORD = "AKIAEXAMPLE", "s3cret/+=%&word"
ENVELOPE = Envelope("no-reply@auth.northwind.example", "sink@mail.example")
UNHURRIED = Patience(connect=15, reply=15, message=15, slow=10)
"""For whatever does answer, on a busy machine too."""
QUICK = Patience(connect=0.5, reply=0.5, message=0.5, slow=0.3)
"""For whatever never answers."""


@dataclass
class KnownSecrets:
    """Secrets of a test, by credential id; all others cannot be had."""

    values: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def get(self, credential: Credential) -> Secret | Unresolved:
        self.asked.append(credential.id)
        if credential.id in self.values:
            return Secret(self.values[credential.id])
        return Unresolved(f"{credential.id} is not set", "set it")

    def hide(self, text: str) -> str:
        for value in (*self.values.values(), PASSWORD):
            text = text.replace(value, "…")
        return text


def world(
    *,
    dial: Dial,
    hosts: KnownHosts | None = None,
    secrets: KnownSecrets | None = None,
    patience: Patience = UNHURRIED,
    deadline_seconds: float = 60.0,
) -> Net:
    """Give the world of a test. To be called in its event loop."""
    return Net(
        dns=hosts or KnownHosts({HOST: (ADDRESS,)}),
        zones=None,
        http=None,
        secrets=secrets or KnownSecrets(),
        make_tls=cache(client_context),
        dial=dial,
        deadline=Deadline(deadline_seconds),
        now=lambda: datetime.now(UTC),
        patience=patience,
    )


def target(tls: Tls = Tls.STARTTLS, host: str = HOST) -> Target:
    return Target(host, ADDRESS, 465 if tls is Tls.IMPLICIT else 587, tls)


def login(user: str = USER, password: str = PASSWORD) -> Login:
    return Login(Secret(user), Secret(password))


@asynccontextmanager
async def stand_in(
    tls: Tls = Tls.STARTTLS, *faults: SmtpFault, **more: object
) -> AsyncIterator[tuple[SmtpServer, int]]:
    """Run the stand-in; give it and its port."""
    known = {"context": server_context(HOST), "logins": {(USER, PASSWORD)}} | more
    server = SmtpServer(tls, faults=faults, **known)
    port = await server.start()
    try:
        yield server, port
    finally:
        await server.close()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def peer(serve: Serve) -> AsyncIterator[int]:
    """Run a server that does whatever `serve` does with a connection; give its port. It hangs up when `serve` returns."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


__all__ = [
    "ADDRESS",
    "ENVELOPE",
    "HOST",
    "KnownHosts",
    "KnownSecrets",
    "dial_to",
    "login",
    "peer",
    "stand_in",
    "target",
    "world",
]
