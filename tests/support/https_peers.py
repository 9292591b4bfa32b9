"""HTTPS in tests: a name service that knows a few hosts, servers under a private authority, a client that trusts it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import trustme

from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.net.address import Dial, Server
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Answer, Expected, Status
from sendspec.net.https import HttpsClient
from sendspec.rehearse.https_server import HttpsServer, Misbehaviour, Site

RESOLVER = Server("192.0.2.251", "resolver.example")
PUBLIC = "192.0.2.80"
"""Where every host of a test is said to be."""
AUTHORITY = trustme.CA()


@dataclass
class KnownHosts:
    """Name service of a test: addresses by host; a status for a host that cannot be looked up."""

    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    statuses: Mapping[str, Status] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def resolvers(self) -> Sequence[Server]:
        return (RESOLVER,)

    async def ask(self, server: Server, name: str, rtype: str, *, is_recursive: bool = False) -> Answer:
        return await self.lookup(name, rtype)

    async def lookup(self, name: str, rtype: str) -> Answer:
        self.asked.append((name, rtype))
        if name in self.statuses:
            return Answer(self.statuses[name], name, rtype, RESOLVER)
        family = ":" if rtype == "AAAA" else "."
        found = tuple(address for address in self.addresses.get(name, ()) if family in address)
        if found:
            return Answer(Status.ANSWER, name, rtype, RESOLVER, values=found)
        return Answer(Status.NODATA if name in self.addresses else Status.NXDOMAIN, name, rtype, RESOLVER)

    async def ask_all(self, questions: Iterable[Expected]) -> AsyncIterator[tuple[Expected, Answer | None]]:
        for question in questions:
            yield question, await self.lookup(question.name, question.type)


def server_context(*hosts: str, authority: trustme.CA = AUTHORITY, not_after: datetime | None = None) -> ssl.SSLContext:
    """Give a server's TLS settings with a certificate for these hosts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts, not_after=not_after).configure_cert(context)
    return context


def client_context(authority: trustme.CA = AUTHORITY) -> ssl.SSLContext:
    """Give TLS settings that trust the tests' authority and nobody else."""
    context = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def dial_to(port: int, address: str = "127.0.0.1") -> Dial:
    """Lead every address of documentation to a port of loopback, and leave all others alone."""
    return lambda there, at: (address, port) if there.startswith(("192.0.2.", "2001:db8:")) else (there, at)


@dataclass
class Peer:
    """A client with a server behind every host it knows."""

    client: HttpsClient
    server: HttpsServer
    names: KnownHosts
    deadline: Deadline
    tls: ssl.SSLContext
    dial: Dial


@asynccontextmanager
async def serving(
    sites: Mapping[str, Site],
    *,
    contexts: Mapping[str, ssl.SSLContext] | None = None,
    names: KnownHosts | None = None,
    deadline_seconds: float = 30.0,
    misbehaviours: Mapping[str, Misbehaviour] | None = None,
    slow_seconds: float = 10.0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Peer]:
    """Give a client and a server for `sites`, each host with a good certificate unless `contexts` has another one."""
    shared = server_context(*sites) if sites else server_context("nobody.example")
    chosen = dict.fromkeys(sites, shared) | dict(contexts or {})
    names = names or KnownHosts(dict.fromkeys(sites, (PUBLIC,)))
    server = HttpsServer(sites, chosen, misbehaviours=dict(misbehaviours or {}), slow_seconds=slow_seconds)
    async with server:
        deadline = Deadline(deadline_seconds)
        tls, dial = client_context(), dial_to(server.port)
        async with HttpsClient(names, tls, dial, deadline, now) as client:
            yield Peer(client, server, names, deadline, tls, dial)


def always(status: int, body: bytes = b"", headers: tuple[tuple[str, str], ...] = ()) -> Site:
    """Give a site that answers everything alike."""
    return lambda _call: ApiAnswer(status, headers, body)


def echo(call: ApiCall) -> ApiAnswer:
    """Answer with the call as it came."""
    lines = [f"{call.method} {call.path}", *(f"{name}: {value}" for name, value in sorted(call.headers.items()))]
    return ApiAnswer(200, (), "\n".join(lines).encode() + b"\n\n" + call.body)


def run(work):
    """Run one coroutine to its end."""
    return asyncio.run(work)
