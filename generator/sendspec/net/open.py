"""Open the world for one run, and close it again."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sendspec.model.secret import Secrets
from sendspec.net.address import Dial, Server, dial_straight
from sendspec.net.deadline import Deadline
from sendspec.net.dns.client import Client
from sendspec.net.dns.system import default_resolvers
from sendspec.net.dns.zones import ZoneFinder
from sendspec.net.https import HttpsClient
from sendspec.net.net import Net
from sendspec.net.tls import verifying_context


@dataclass(frozen=True, slots=True)
class NetSettings:
    """What of the world a run may choose.

    Attributes:
        deadline_seconds: After so long what is left is unknown.
        resolvers: Recursive resolvers; empty: the system's, then public ones.
        dial: Where to connect; a rehearsal answers elsewhere.
        authorities: PEM text to trust in TLS; empty: the system's.
        now: The time of day, in UTC.
    """

    deadline_seconds: float = 600.0
    resolvers: Sequence[Server] = ()
    dial: Dial = dial_straight
    authorities: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@asynccontextmanager
async def open_net(settings: NetSettings, secrets: Secrets) -> AsyncIterator[Net]:
    """Give the world of one run; every socket is closed at the end of the block."""
    deadline = Deadline(settings.deadline_seconds)
    tls = verifying_context(settings.authorities)
    resolvers = tuple(settings.resolvers) or default_resolvers()
    async with Client(resolvers, dial=settings.dial, deadline=deadline) as dns:
        http = HttpsClient(dns=dns, tls=tls, dial=settings.dial, deadline=deadline)
        async with http:
            yield Net(
                dns=dns,
                zones=ZoneFinder(dns),
                http=http,
                secrets=secrets,
                tls=tls,
                dial=settings.dial,
                deadline=deadline,
                now=settings.now,
            )
