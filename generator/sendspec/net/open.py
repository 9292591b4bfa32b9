"""Open the world for one run, and close it again."""

import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from sendspec.model.secret import Secrets
from sendspec.net.address import Dial, Server, dial_straight
from sendspec.net.deadline import Deadline
from sendspec.net.dns.client import TIMEOUTS_SECONDS, Client
from sendspec.net.dns.interface import Dns
from sendspec.net.dns.system import default_resolvers
from sendspec.net.dns.zones import ZoneFinder
from sendspec.net.http import LONGEST_SECONDS, Http, Reply
from sendspec.net.net import Net
from sendspec.net.smtp.exchange import Patience
from sendspec.net.tls import verifying_context

PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class NetSettings:
    """What of the world a run may choose.

    Attributes:
        deadline_seconds: After so long what is left is unknown.
        resolvers: Recursive resolvers; empty: the system's, then public ones.
        dial: Where to connect; a rehearsal answers elsewhere.
        authorities: PEM text to trust in TLS; empty: the system's.
        now: The time of day, in UTC.
        patience: How long SMTP servers are waited for.
        https_seconds: How long a call over https may take.
        dns_timeouts_seconds: How long name servers are waited for, each time a question is sent.
    """

    deadline_seconds: float = 600.0
    resolvers: Sequence[Server] = ()
    dial: Dial = dial_straight
    authorities: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    patience: Patience = PATIENCE
    https_seconds: float = LONGEST_SECONDS
    dns_timeouts_seconds: Sequence[float] = TIMEOUTS_SECONDS


@dataclass(slots=True)
class _LaterHttps:
    """The https client, loaded with the first call: its library takes as long to load as a hundred domains to check."""

    dns: Dns
    make_tls: Callable[[], ssl.SSLContext]
    settings: NetSettings
    deadline: Deadline
    client: Http | None = None

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        timeout_seconds: float = 15.0,
        max_octets: int = 1_000_000,
    ) -> Reply:
        """Make one call."""
        if self.client is None:
            from sendspec.net.https import HttpsClient

            settings = self.settings
            self.client = HttpsClient(
                self.dns,
                self.make_tls(),
                settings.dial,
                self.deadline,
                settings.now,
                longest_seconds=settings.https_seconds,
            )
        return await self.client.call(
            method, url, headers=headers, body=body, timeout_seconds=timeout_seconds, max_octets=max_octets
        )


@asynccontextmanager
async def open_net(settings: NetSettings, secrets: Callable[[Deadline], Secrets]) -> AsyncIterator[Net]:
    """Give the world of one run; every socket is closed at the end of the block. `secrets` end with the run too."""
    deadline = Deadline(settings.deadline_seconds)
    make_tls = cache(partial(verifying_context, settings.authorities))
    resolvers = tuple(settings.resolvers) or default_resolvers()
    timeouts = settings.dns_timeouts_seconds
    async with Client(resolvers, dial=settings.dial, deadline=deadline, timeouts_seconds=timeouts) as dns:
        yield Net(
            dns=dns,
            zones=ZoneFinder(dns),
            http=_LaterHttps(dns, make_tls, settings, deadline),
            secrets=secrets(deadline),
            make_tls=make_tls,
            dial=settings.dial,
            deadline=deadline,
            now=settings.now,
            patience=settings.patience,
        )
