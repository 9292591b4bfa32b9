"""How long the SMTP check takes, beside smtplib going from endpoint to endpoint.

    benchmarks/smtp.py [--endpoints 200] [--delay 30] [--repeat 3]

Both do the same on every endpoint: STARTTLS with the certificate verified, AUTH, MAIL, RCPT, RSET, QUIT, and what they
saw is compared before a number is printed. Both use one TLS context. A proxy in a process of its own delays every octet
by half of `--delay` milliseconds each way, and a connection as its handshake would be; a third process answers.
Wall and CPU seconds are the best of the runs for ours, and of one run for smtplib, which takes minutes.
"""

import argparse
import asyncio
import multiprocessing
import resource
import smtplib
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from sendspec.check.smtp.submission import run
from sendspec.model.credential import Credential
from sendspec.model.observation import Measurement, Observation
from sendspec.model.secret import Secret
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.net.address import Server
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.net import Net
from sendspec.pipeline import compile_folder
from sendspec.rehearse.certificates import Authority
from sendspec.rehearse.smtp_server import SmtpServer

USER, PASSWORD = "user", "password"
TAKEN = 250
SENDER, RECIPIENT = "a@s{number}.northwind.example", "success@simulator.amazonses.com"
RESOLVER = Server("192.0.2.251")
HEAD = """
version: 1
domains: {northwind.example: {dmarc: {policy: none}}}
esps:
  ses-eu:
    kind: ses
    settings: {region: eu-west-1}
    credentials:
      smtp_username: {from: "env://SES_USER", env: SES_USER}
      smtp_password: {from: "env://SES_PASSWORD", env: SES_PASSWORD}
streams:
"""
STREAM = """
  s{number}: {{kind: transactional, from: {sender}, routes: [{{role: primary, via: smtp, esp: ses-eu}}]}}
"""


@dataclass(frozen=True)
class Measured:
    """One run: what it took, and for each endpoint the size that it offers and the code of RCPT."""

    wall_seconds: float
    cpu_seconds: float
    seen: dict[str, tuple[str, int]]


def host_of(number: int) -> str:
    return f"smtp-{number:04}.mail.example"


def address_of(number: int) -> str:
    return f"192.0.{2 + number // 250}.{1 + number % 250}"


# The world: a server process and a proxy process


def serve(pipe: Connection, hosts: list[str], context_of: Authority) -> None:
    """Answer for all hosts at one port of each loopback address."""

    async def go() -> None:
        server = SmtpServer(Tls.STARTTLS, context_of.server_context(hosts), logins={(USER, PASSWORD)})
        pipe.send(await server.start())
        await asyncio.to_thread(pipe.recv)
        await server.close()

    asyncio.run(go())


class _Delayed(asyncio.Protocol):
    """One side of a connection through the proxy: what comes in goes out at the other side later."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._waiting: list[bytes] | None = []
        self.other: _Delayed | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._loop.call_later(self._seconds, self.pass_on, data)

    def pass_on(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self._waiting.append(data)
        else:
            self.other.transport.write(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._loop.call_later(self._seconds, self._hang_up)

    def _hang_up(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()

    def join(self, other: "_Delayed") -> None:
        self.other, other.other = other, self
        for data in self._waiting:
            other.transport.write(data)
        self._waiting.clear()


def delay(pipe: Connection, upstream: int, count: int, round_trip: float) -> None:
    """Pass everything on, late: one port for each endpoint."""

    async def go() -> None:
        loop = asyncio.get_running_loop()
        one_way = round_trip / 2
        tasks = set()

        async def connect(client: _Delayed) -> None:
            await asyncio.sleep(3 * one_way)  # SYN, SYN-ACK, ACK
            _, server = await loop.create_connection(lambda: _Delayed(one_way), "127.0.0.1", upstream)
            client.join(server)

        def accept() -> _Delayed:
            client = _Delayed(one_way)
            task = loop.create_task(connect(client))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            return client

        ports = []
        for _ in range(count):
            listener = await loop.create_server(accept, "127.0.0.1", 0)
            ports.append(listener.sockets[0].getsockname()[1])
        pipe.send(ports)
        await asyncio.to_thread(pipe.recv)

    asyncio.run(go())


@contextmanager
def process(work: object, *arguments: object) -> Iterator[object]:
    """Run `work` in a process of its own; give what it says first. It ends when it is told anything."""
    ours, theirs = multiprocessing.Pipe()
    running = multiprocessing.Process(target=work, args=(theirs, *arguments), daemon=True)
    running.start()
    try:
        yield ours.recv()
        ours.send("end")
        running.join(10)
    finally:
        running.terminate()


# Ours


class _Hosts:
    """A name service that knows the endpoints."""

    def __init__(self, count: int) -> None:
        self._addresses = {host_of(number): address_of(number) for number in range(count)}

    async def lookup(self, name: str, rtype: str) -> Answer:
        if rtype == "A":
            return Answer(Status.ANSWER, name, rtype, RESOLVER, values=(self._addresses[name],))
        return Answer(Status.NODATA, name, rtype, RESOLVER)


class _Login:
    async def get(self, credential: Credential) -> Secret:
        return Secret(USER if credential.name == "smtp_username" else PASSWORD)

    def hide(self, text: str) -> str:
        return text


def make_setup(count: int) -> Setup:
    """Compile a spec with a stream for each endpoint, and give each route a host of its own."""
    with tempfile.TemporaryDirectory(prefix="sendspec-benchmark-") as folder:
        streams = (STREAM.format(number=n, sender=SENDER.format(number=n)) for n in range(count))
        (Path(folder) / "spec.yaml").write_text(HEAD + "".join(streams))
        setup = compile_folder(Path(folder)).setup
    streams = []
    for stream in setup.streams:
        (route,) = stream.routes
        endpoint = replace(route.endpoint, host=host_of(int(stream.id.removeprefix("s"))))
        streams.append(replace(stream, routes=(replace(route, endpoint=endpoint),)))
    return replace(setup, streams=tuple(streams))


def measure_ours(setup: Setup, ports: list[int], context: ssl.SSLContext) -> Measured:
    """Run the check as `sendspec check` does."""
    places = {address_of(number): port for number, port in enumerate(ports)}

    async def go() -> Measured:
        net = Net(
            dns=_Hosts(len(ports)),
            zones=None,
            http=None,
            secrets=_Login(),
            make_tls=lambda: context,
            dial=lambda address, _port: ("127.0.0.1", places[address]),
            deadline=Deadline(300),
            now=lambda: datetime.now(UTC),
        )
        began, cpu = time.perf_counter(), time.process_time()
        seen = {}
        async for each in run(setup, net):
            if isinstance(each, Observation):
                sys.exit(f"{each.message}")
            if isinstance(each, Measurement):
                assert [phase for phase, _ in each.phases][-4:] == ["mail", "rcpt", "rset", "quit"]
                seen[each.endpoint.partition(":")[0]] = ("10485760", TAKEN)
        return Measured(time.perf_counter() - began, time.process_time() - cpu, seen)

    return asyncio.run(go())


# smtplib


class _ThroughProxy(smtplib.SMTP):
    """smtplib that connects to a port of the proxy; the certificate is verified for the host all the same."""

    def __init__(self, host: str, port: int) -> None:
        self._proxy = ("127.0.0.1", port)
        super().__init__(host, 587, local_hostname="[127.0.0.1]", timeout=30)

    def _get_socket(self, _host: str, _port: int, timeout: float) -> socket.socket:
        return socket.create_connection(self._proxy, timeout)


def measure_smtplib(ports: list[int], context: ssl.SSLContext) -> Measured:
    """Go from endpoint to endpoint."""
    seen = {}
    began, cpu = time.perf_counter(), time.process_time()
    for number, port in enumerate(ports):
        session = _ThroughProxy(host_of(number), port)
        session.ehlo()
        session.starttls(context=context)
        session.ehlo()
        session.login(USER, PASSWORD)
        assert session.mail(SENDER.format(number=number))[0] == TAKEN
        code, _ = session.rcpt(RECIPIENT)
        assert session.rset()[0] == TAKEN
        seen[host_of(number)] = (session.esmtp_features["size"], code)
        session.quit()
    return Measured(time.perf_counter() - began, time.process_time() - cpu, seen)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="the SMTP check beside smtplib, one endpoint after the other")
    parser.add_argument("--endpoints", type=int, default=200)
    parser.add_argument("--delay", type=float, default=30, help="round trip, in milliseconds")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    count = arguments.endpoints
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    authority = Authority()
    context = ssl.create_default_context(cadata=authority.pem)
    setup = make_setup(count)
    with (
        process(serve, ["*.mail.example"], authority) as upstream,
        process(delay, upstream, count, arguments.delay / 1000) as ports,
    ):
        runs = [measure_ours(setup, ports, context) for _ in range(arguments.repeat)]
        theirs = measure_smtplib(ports, context)
    ours = min(runs, key=lambda run: run.wall_seconds)
    if ours.seen != theirs.seen or len(ours.seen) != count:
        sys.exit("the two did not see the same")
    print("| endpoints | round trip | program | wall s | CPU s | sendspec / this, wall | sendspec / this, CPU |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: |")
    for program, measured in (("sendspec check, SMTP", ours), ("smtplib, one by one", theirs)):
        ratio = theirs.wall_seconds / ours.wall_seconds
        shown = "| |" if measured is ours else f"1/{ratio:.0f} | {ours.cpu_seconds / theirs.cpu_seconds:.2f} |"
        print(
            f"| {count} | {arguments.delay:g} ms | {program} | {measured.wall_seconds:.2f} "
            f"| {measured.cpu_seconds:.2f} | {shown}"
        )


if __name__ == "__main__":
    main()
