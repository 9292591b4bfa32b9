"""The real client behind `Http`: one connection a call, looked up and dialled as the run says, bounded in every way.

One connection a call, because what is measured is then what a cold client sees, and because there are few calls. No
redirect is followed: the answer is the redirect, and a server cannot send us to a file or to this machine. No proxy is
used, whatever the environment says: what is checked is the way that needs none, as for SMTP and DNS.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Self

import httpcore

from sendspec.model.trouble import Trouble
from sendspec.net.address import Dial
from sendspec.net.deadline import Deadline
from sendspec.net.dns.interface import Dns
from sendspec.net.http import LONGEST_SECONDS, Reply
from sendspec.net.https_request import Request, read_request
from sendspec.net.https_trouble import DETAIL_LENGTH, trouble_of, unresolved
from sendspec.net.public import may_dial

CONNECT_SECONDS = 5.0
"""For one address, so that a dead one leaves time for the next."""
CONNECTIONS = 32
DAY_SECONDS = 86_400


class HttpsClient:
    """Calls over https. Use it as a context; every call closes its own connection.

    No call takes longer than `longest_seconds`, whatever it is given.
    """

    def __init__(
        self,
        dns: Dns,
        tls: ssl.SSLContext,
        dial: Dial,
        deadline: Deadline,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._longest_seconds = longest_seconds
        self._dns = dns
        self._tls = tls
        self._dial = dial
        self._deadline = deadline
        self._now = now
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Nothing stays open between calls."""

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
        """Make one call. Credentials in the URL are not sent; what is compressed stays compressed."""
        request = read_request(method, url, headers, body)
        if isinstance(request, Reply):
            return request
        async with self._slots:
            if self._deadline.has_passed:
                return Reply(None, Trouble.STOPPED, detail=self._deadline.reason)
            exchange = _Exchange(request, self._tls, _Dialler(self._dial), max_octets, self._now)
            try:
                async with self._deadline.limit(min(timeout_seconds, self._longest_seconds)):
                    addresses = await self._addresses(request.host, request.port)
                    if isinstance(addresses, Reply):
                        return addresses
                    return await exchange.run(addresses)
            except TimeoutError:
                return exchange.fail(*self._late(exchange.stage))
            finally:
                await exchange.aclose()

    def _late(self, stage: str) -> tuple[Trouble, str]:
        if self._deadline.has_passed:
            return Trouble.STOPPED, self._deadline.reason
        return Trouble.TIMEOUT, stage

    async def _addresses(self, host: str, port: int) -> Sequence[str] | Reply:
        """Give the addresses of a host, IPv4 first; or why it may not be called.

        One address that is not public is enough to refuse: a name that points here too is not to be trusted.
        """
        if _is_address(host):
            found: Sequence[str] = (host.strip("[]"),)
        else:
            answers = await asyncio.gather(self._dns.lookup(host, "A"), self._dns.lookup(host, "AAAA"))
            found = tuple(address for answer in answers for address in answer.texts)
            if not found:
                return unresolved(host, answers)
        refused = [address for address in found if not may_dial(address, port, self._dial)]
        if refused:
            return Reply(None, Trouble.NOT_PUBLIC, detail=f"{host} is at {', '.join(refused[:4])}", address=refused[0])
        return found


class _Dialler(httpcore.AsyncNetworkBackend):
    """Connects to the addresses it was given, wherever the run says they are; never looks a name up itself."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._tcp = httpcore.AnyIOBackend()
        self.addresses: Sequence[str] = ()
        self.address = ""
        self.stream: httpcore.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name in the URL, looked up already
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - the shape of httpcore
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        problem: Exception | None = None
        for address in self.addresses:
            place, at = self._dial(address, port)
            try:
                self.stream = await self._tcp.connect_tcp(place, at, CONNECT_SECONDS, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
                continue
            self.address = address
            return self.stream
        raise problem or httpcore.ConnectError("no address")


class _Exchange:
    """One call on its one connection."""

    def __init__(
        self,
        request: Request,
        tls: ssl.SSLContext,
        dialler: _Dialler,
        max_octets: int,
        now: Callable[[], datetime],
    ) -> None:
        self._request = request
        self._dialler = dialler
        self._max_octets = max_octets
        self._now = now
        self._began = asyncio.get_running_loop().time()
        origin = httpcore.Origin(b"https", request.url.raw_host, request.port)
        self._connection = httpcore.AsyncHTTPConnection(origin, ssl_context=tls, network_backend=dialler)
        self.stage = "its name was looked up"
        self._was_sent = False

    async def run(self, addresses: Sequence[str]) -> Reply:
        """Ask, and read the answer. Raises TimeoutError only."""
        self._dialler.addresses = addresses
        self._began = asyncio.get_running_loop().time()
        self.stage = "connecting"
        try:
            return await self._ask()
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            trouble, detail = trouble_of(error, is_connected=bool(self._dialler.address))
            return self.fail(trouble, detail)

    async def _ask(self) -> Reply:
        request = self._request
        url = httpcore.URL(
            scheme=b"https", host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        async with self._connection.stream(
            request.method, url, headers=request.headers, content=request.body, extensions={"trace": self._follow}
        ) as answer:
            self.stage = "reading the answer"
            days = _days_left(answer, self._now())
            body = bytearray()
            async for part in answer.aiter_stream():
                body += part
                if len(body) > self._max_octets:
                    return self.fail(Trouble.TOO_LARGE, f"more than {self._max_octets} octets", days)
            return Reply(
                status=answer.status,
                headers=dict(_headers(answer.headers)),
                body=bytes(body),
                seconds=self._elapsed(),
                address=self._dialler.address,
                certificate_days=days,
                was_sent=True,
            )

    async def _follow(self, event: str, _details: object) -> None:
        """Hear from httpcore how far it is; TLS stands, and not an octet has left, when this one comes."""
        if event == "http11.send_request_headers.started":
            self._was_sent, self.stage = True, "waiting for the answer"

    def fail(self, trouble: Trouble, detail: str, days: int | None = None) -> Reply:
        """Give the reply for an answer that did not come."""
        address = self._dialler.address
        text = detail[:DETAIL_LENGTH]
        return Reply(
            status=None,
            trouble=trouble,
            detail=text,
            seconds=self._elapsed(),
            address=address,
            certificate_days=days,
            was_sent=self._was_sent,
        )

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    async def aclose(self) -> None:
        """Close the connection, also one whose handshake was cut off."""
        await self._connection.aclose()
        if self._dialler.stream is not None:
            await self._dialler.stream.aclose()


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    """Give each header once, its values joined as RFC 9110 section 5.2 says."""
    found: dict[str, list[str]] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    for key, values in found.items():
        yield key, ", ".join(values)


def _days_left(answer: httpcore.Response, now: datetime) -> int | None:
    stream = answer.extensions["network_stream"]
    tls = stream.get_extra_info("ssl_object")
    certificate = tls.getpeercert() if tls is not None else None
    if not certificate:
        return None
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return int((ends - now.timestamp()) // DAY_SECONDS)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
