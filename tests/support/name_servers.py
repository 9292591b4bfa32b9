"""Real name servers on loopback: nsd for zones, unbound for recursion. Installed by `make peers`.

Each server has an address of its own in 127.0.0.0/8, so that runs beside this one are not in the way, and port 53 there
if this process may have it, else a high one. Zone files may name documentation addresses (192.0.2.x); a `Dial` that
`dial_to` makes leads from them to where the servers listen.
"""

import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from sendspec.net.address import Dial, Server

SOA = "@ SOA ns1.invalid. hostmaster.invalid. 1 3600 600 86400 300\n"
"""The start of every zone file: negative answers may be remembered for 300 seconds."""


def free_server(port: int = 0) -> Server:
    """Give an address and a port that nobody listens on."""
    while True:
        address = f"127.{random.randint(64, 250)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp, suppress(OSError):
            udp.bind((address, port))
            tcp.bind((address, udp.getsockname()[1]))
            return Server(address, port=udp.getsockname()[1])


def dial_to(places: Mapping[str, Server]) -> Dial:
    """Give a function that leads to the servers of some addresses, and everywhere else straight on."""

    def dial(address: str, port: int) -> tuple[str, int]:
        found = places.get(address)
        return (found.address, found.port) if found else (address, port)

    return dial


@contextmanager
def nsd(
    find_tool: Callable[[str], str], folder: Path, zones: Mapping[str, str], at: Server | None = None
) -> Iterator[Server]:
    """Serve zones, given as the text of their files after $ORIGIN, $TTL and SOA; the first one must be sound."""
    folder.mkdir(parents=True, exist_ok=True)
    server = at or free_server()
    lines = [
        (
            f'server:\n ip-address: {server.address}@{server.port}\n username: ""\n chroot: ""\n database: ""\n'
            f' server-count: 1\n zonesdir: "{folder}"\n pidfile: "{folder}/pid"\n xfrdfile: "{folder}/xfrd"\n'
            f' zonelistfile: "{folder}/zonelist"\n cookie-secret-file: "{folder}/cookie"\n'
            "remote-control:\n control-enable: no"
        )
    ]
    for name, text in zones.items():
        file = folder / f"zone-{name or 'root'}"
        file.write_text(f"$ORIGIN {name}.\n$TTL 3600\n{SOA}{text}", encoding="utf-8")
        lines.append(f'zone:\n name: "{name}."\n zonefile: "{file}"')
    (folder / "nsd.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [find_tool("nsd"), "-d", "-c", str(folder / "nsd.conf")]
    with _daemon(command, server, f"{next(iter(zones))}.", folder / "log"):
        yield server


@contextmanager
def unbound(
    find_tool: Callable[[str], str], folder: Path, zones: Mapping[str, Server], at: Server | None = None
) -> Iterator[Server]:
    """Resolve names for others: each zone is asked of one server, whatever delegations say."""
    folder.mkdir(parents=True, exist_ok=True)
    server = at or free_server()
    lines = [
        (
            f'server:\n interface: {server.address}\n port: {server.port}\n do-ip6: no\n username: ""\n chroot: ""\n'
            f' directory: "{folder}"\n pidfile: ""\n use-syslog: no\n module-config: "iterator"\n'
            " do-not-query-localhost: no\n access-control: 127.0.0.0/8 allow\n num-threads: 1\n"
            ' local-zone: "test." nodefault\n local-zone: "invalid." nodefault\n'
            "remote-control:\n control-enable: no"
        )
    ]
    lines += [
        f'stub-zone:\n name: "{name}."\n stub-addr: {place.address}@{place.port}\n stub-prime: no'
        for name, place in zones.items()
    ]
    (folder / "unbound.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [find_tool("unbound"), "-d", "-c", str(folder / "unbound.conf")]
    with _daemon(command, server, f"{next(iter(zones))}.", folder / "log"):
        yield server


@contextmanager
def _daemon(command: list[str], server: Server, name: str, log: Path) -> Iterator[None]:
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            ends_at = time.monotonic() + 20
            while not _answers(server, name):
                if process.poll() is not None or time.monotonic() > ends_at:
                    raise RuntimeError(f"{command[0]} did not come up:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(server: Server, name: str) -> bool:
    question = dns.message.make_query(name, "SOA")
    with suppress(OSError, dns.exception.DNSException):
        dns.query.udp(question, server.address, port=server.port, timeout=0.2)
        return True
    return False
