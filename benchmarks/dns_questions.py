"""How many DNS questions a second the live checks ask, beside dnspython asking one by one.

    benchmarks/dns_questions.py [--domains 10000] [--delay 30] [--loss 1] [--sample 6000] [--sample-delayed 150]

One nsd serves eight records a domain (SPF with a verification text, DMARC, DKIM as TXT and as CNAMEs, a return-path with
MX and SPF, another as CNAME), all of whose answers are compared with what was declared. Both programs ask the same
server in the same run, each in a process of its own; dnspython asks as many questions as fit a few seconds. Delay and
loss are made by a relay in a process of its own, which takes CPU from the same cores. The table is Markdown.
"""

import argparse
import asyncio
import json
import random
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

import dns.message
import dns.query
from name_servers import free_server, nsd

from sendspec.model.dns_record import Mx
from sendspec.net.address import Server
from sendspec.net.deadline import Deadline
from sendspec.net.dns.answer import Expected
from sendspec.net.dns.client import Client
from sendspec.net.dns.library import to_value

OURS, ONE_BY_ONE = "sendspec", "dnspython one by one"
KEY = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 12
RECORDS = 8
Record = tuple[str, str, tuple[str | Mx, ...]]


@dataclass(frozen=True)
class Measured:
    """What a program took for so many questions."""

    questions: int
    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float
    wrong: int

    @property
    def per_second(self) -> float:
        return self.questions / self.wall_seconds

    @property
    def cpu_microseconds(self) -> float:
        return self.cpu_seconds / self.questions * 1e6


def records(count: int) -> Iterator[Record]:
    """Give name, type and values of what so many domains publish."""
    for number in range(count):
        domain = f"domain{number}.example"
        yield domain, "TXT", ("v=spf1 include:_spf.mail.example ~all", f"google-site-verification=abc{number}")
        yield f"_dmarc.{domain}", "TXT", (f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}",)
        yield f"20261120pm._domainkey.mail.{domain}", "TXT", (f"{KEY}{number}",)
        yield f"s1._domainkey.news.{domain}", "CNAME", (f"s1.domainkey.u{number}.wl.sendgrid.example",)
        yield f"s2._domainkey.news.{domain}", "CNAME", (f"s2.domainkey.u{number}.wl.sendgrid.example",)
        yield f"bounce.mail.{domain}", "MX", (Mx(10, "feedback-smtp.eu-west-1.amazonses.example"),)
        yield f"bounce.mail.{domain}", "TXT", ("v=spf1 include:amazonses.example ~all",)
        yield f"pm-bounces.mail.{domain}", "CNAME", ("pm.mtasv.example",)


def zone_text(count: int) -> str:
    """Give the zone `example` with what so many domains publish."""
    lines = ["@ NS ns1", "@ NS ns2", "ns1 A 192.0.2.1", "ns2 A 192.0.2.2"]
    lines += [f"{name}. {rtype} {_in_zone_file(value)}" for name, rtype, values in records(count) for value in values]
    return "\n".join(lines) + "\n"


def _in_zone_file(value: str | Mx) -> str:
    if isinstance(value, Mx):
        return f"{value.preference} {value.exchange}."
    if "=" not in value:
        return f"{value}."
    return " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))


async def ask_with_sendspec(server: Server, domains: int) -> int:
    """Ask all questions; give the number of answers that are not as declared."""
    questions = (Expected(server, name, rtype, values, False, None) for name, rtype, values in records(domains))
    async with Client([server], deadline=Deadline(600)) as client:
        return sum([answer is not None async for _, answer in client.ask_all(questions)])


def ask_one_by_one(server: Server, domains: int, count: int) -> int:
    """Ask some of the questions with dnspython, one after the other."""
    wrong = 0
    for name, rtype, values in islice(records(domains), count):
        question = dns.message.make_query(name, rtype, use_edns=0, payload=1232)
        answer = dns.query.udp(question, server.address, port=server.port, timeout=5)
        found = {to_value(rdata) for rrset in answer.answer for rdata in rrset}
        wrong += found != set(values)
    return wrong


def run_client(program: str, server: Server, domains: int, count: int) -> None:
    """Measure this process while it asks, and print what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    if program == OURS:
        wrong = asyncio.run(ask_with_sendspec(server, domains))
    else:
        wrong = ask_one_by_one(server, domains, count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps(asdict(Measured(count, wall, cpu, _peak_megabytes(), wrong))))


def _peak_megabytes() -> float:
    """Give what this process took at most. `ru_maxrss` would count the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def run_relay(listen: Server, server: Server, delay_seconds: float, loss: float) -> None:
    """Hand datagrams on: questions after a delay, answers at once, some of both never."""
    chance = random.Random(4)
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    listener.bind((listen.address, listen.port))
    listener.setblocking(False)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    sockets: dict[tuple[str, int], socket.socket] = {}
    askers: dict[int, tuple[socket.socket, tuple[str, int]]] = {}
    waiting: deque[tuple[float, socket.socket, bytes]] = deque()
    print("ready", flush=True)
    while True:
        wait = max(waiting[0][0] - time.monotonic(), 0) if waiting else 1
        for number, _ in poll.poll(wait):
            upstream, asker = askers.get(number, (listener, None))
            for datagram, place in _drain(upstream):
                if loss and chance.random() < loss:
                    continue
                if asker is not None:
                    listener.sendto(datagram, asker)
                    continue
                upward = sockets.get(place)
                if upward is None:
                    upward = sockets[place] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    upward.setblocking(False)
                    upward.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
                    upward.connect((server.address, server.port))
                    askers[upward.fileno()] = (upward, place)
                    poll.register(upward, select.EPOLLIN)
                waiting.append((time.monotonic() + delay_seconds, upward, datagram))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, upward, datagram = waiting.popleft()
            upward.send(datagram)


def _drain(listener: socket.socket) -> Iterator[tuple[bytes, tuple[str, int]]]:
    for _ in range(64):
        try:
            yield listener.recvfrom(4096)
        except BlockingIOError:
            return


def measure(program: str, server: Server, domains: int, count: int) -> Measured:
    """Run a program in a process of its own."""
    place = f"{server.address}:{server.port}"
    command = [sys.executable, __file__, "--client", program, "--server", place, "--domains", str(domains)]
    done = subprocess.run([*command, "--sample", str(count)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return Measured(**json.loads(done.stdout))


@contextmanager
def relay(server: Server, delay: float, loss: float, at: Server | None = None) -> Iterator[Server]:
    """Run a relay in a process of its own, if there is anything to do for it."""
    if not delay and not loss:
        yield server
        return
    listen = at or free_server()
    places = [f"{place.address}:{place.port}" for place in (listen, server)]
    command = [sys.executable, __file__, "--relay", places[0], "--server", places[1]]
    command += ["--delay", str(delay), "--loss", str(loss)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield listen
        finally:
            process.kill()


def compare(domains: int, delay: float, loss: float, samples: tuple[int, int]) -> None:
    """Measure everything and print it."""
    with (
        tempfile.TemporaryDirectory(prefix="sendspec-benchmark-") as folder,
        nsd(_find_tool, Path(folder), {"example": zone_text(domains)}) as server,
    ):
        total = domains * RECORDS
        print(
            "| delay | loss | program | questions | wall s | questions/s | CPU us/question | peak MB | lost or wrong "
            "| times as fast | CPU, part of |\n| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        )
        for wait, dropped in ((0.0, 0.0), (delay, 0.0), (0.0, loss), (delay, loss)):
            with relay(server, wait, dropped) as place:
                base = None
                if not dropped:
                    count = min(total, samples[1] if wait else samples[0])
                    base = measure(ONE_BY_ONE, place, domains, count)
                    show(wait, dropped, ONE_BY_ONE, base, None)
                show(wait, dropped, OURS, measure(OURS, place, domains, total), base)


def show(delay: float, loss: float, program: str, measured: Measured, base: Measured | None) -> None:
    """Print a row."""
    ratios = " | "
    if base is not None:
        cpu = measured.cpu_microseconds / base.cpu_microseconds
        ratios = f" {measured.per_second / base.per_second:.0f} | 1/{1 / cpu:.0f} "
    print(
        f"| {delay:g} ms | {loss:g} % | {program} | {measured.questions:,} | {measured.wall_seconds:.2f} "
        f"| {measured.per_second:,.0f} | {measured.cpu_microseconds:.1f} | {measured.peak_megabytes:.0f} "
        f"| {measured.wrong} |{ratios}|",
        flush=True,
    )


def _find_tool(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/usr/local/sbin")
    return found or sys.exit(f"{name} is missing: make peers")


def _server(text: str) -> Server:
    address, _, port = text.rpartition(":")
    return Server(address, port=int(port))


def main() -> None:
    """Measure, or be one of the processes that are measured."""
    parser = argparse.ArgumentParser(description="DNS questions of live checks beside dnspython one by one")
    parser.add_argument("--domains", type=int, default=10_000)
    parser.add_argument("--delay", type=float, default=30.0, help="milliseconds")
    parser.add_argument("--loss", type=float, default=1.0, help="percent of the datagrams, both ways")
    parser.add_argument("--sample", type=int, default=6000, help="questions that dnspython is asked")
    parser.add_argument("--sample-delayed", type=int, default=150, help="the same, with the delay")
    parser.add_argument("--client", choices=[OURS, ONE_BY_ONE], help=argparse.SUPPRESS)
    parser.add_argument("--relay", type=_server, help=argparse.SUPPRESS)
    parser.add_argument("--server", type=_server, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        run_client(arguments.client, arguments.server, arguments.domains, arguments.sample)
    elif arguments.relay:
        run_relay(arguments.relay, arguments.server, arguments.delay / 1000, arguments.loss / 100)
    else:
        compare(arguments.domains, arguments.delay, arguments.loss, (arguments.sample, arguments.sample_delayed))


if __name__ == "__main__":
    main()
