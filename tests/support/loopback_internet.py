"""A whole Internet of names at one address of loopback, for programs that tests start: no `Dial` leads them astray."""

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fake_dns import Key, Values
from name_servers import nsd, unbound
from real_dns import _others, zones_of

from sendspec.model.setup import Setup
from sendspec.net.address import Server

A_RECORD = re.compile(r"( A )[0-9.]+$")


@contextmanager
def loopback_internet(
    find_tool: Callable[[str], str], folder: Path, setup: Setup, records: Mapping[Key, Values]
) -> Iterator[str]:
    """Serve records by an nsd on port 53 and an unbound; give what `--resolver` takes for the latter.

    Every address of the records is that of the nsd, so nothing that anybody connects to is elsewhere.
    """
    server = Server(_free_address())
    own = [domain.name for domain in setup.domains]
    zones = {**_others(records, own), **zones_of(records, own)}
    texts = {name: _on_loopback(text, server.address) for name, text in zones.items()}
    with (
        nsd(find_tool, folder / "nsd", texts, server) as names,
        unbound(find_tool, folder / "unbound", dict.fromkeys(texts, names)) as resolver,
    ):
        yield f"{resolver.address}#{resolver.port}"


def _on_loopback(text: str, address: str) -> str:
    return "".join(A_RECORD.sub(r"\g<1>" + address, line) + "\n" for line in text.splitlines() if " AAAA " not in line)


def _free_address() -> str:
    """Give an address whose port 53 this process may have; skip the test where there is none."""
    for last in range(1, 255):
        address = f"127.53.7.{last}"
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((address, 53))
            tcp.bind((address, 53))
            return address
    pytest.skip("port 53 of loopback may not be had here")
