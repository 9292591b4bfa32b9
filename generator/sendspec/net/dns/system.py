"""Recursive resolvers: those of this host, and public ones."""

import ipaddress
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sendspec.model.fact import Fact
from sendspec.net.address import Server

RESOLV_CONF = Path("/etc/resolv.conf")
MOST_SYSTEM_RESOLVERS = 3
"""MAXNS in resolv.conf(5)."""
_MOST_OCTETS = 65_536

PUBLIC_RESOLVERS = (
    Fact(
        Server("1.1.1.1", "one.one.one.one"),
        source="https://developers.cloudflare.com/1.1.1.1/infrastructure/network-operators/",
        verified=date(2026, 11, 26),
    ),
    Fact(
        Server("8.8.8.8", "dns.google"),
        source="https://developers.google.com/speed/public-dns/docs/using",
        verified=date(2026, 11, 26),
    ),
    Fact(
        Server("9.9.9.9", "dns.quad9.net"),
        source="https://www.quad9.net/service/service-addresses-and-features",
        verified=date(2026, 11, 26),
        note="answers NXDOMAIN for names it takes for malicious",
    ),
)
"""Recursive resolvers that anybody may ask."""

PUBLIC_PACE = Fact(
    1000.0,
    source="https://developers.google.com/speed/public-dns/docs/isp",
    verified=date(2026, 11, 26),
    note="Google's limit for one address; an older state of the page says 1,500. The others publish none",
)
"""Questions a second that a public resolver answers one asker; past that it drops them."""

PUBLIC_PACES: Mapping[str, float] = {fact.value.address: PUBLIC_PACE.value for fact in PUBLIC_RESOLVERS}


def system_resolvers(path: Path = RESOLV_CONF) -> tuple[Server, ...]:
    """Give the resolvers that this host is set to use, in their order; empty where nobody set any.

    Source: resolv.conf(5). Lines that name no IP address are passed by.
    """
    found: list[Server] = []
    for line in _read(path).splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver" and _is_address(words[1]):  # noqa: PLR2004 - keyword, address
            found.append(Server(words[1]))
    return tuple(dict.fromkeys(found))[:MOST_SYSTEM_RESOLVERS]


def default_resolvers(path: Path = RESOLV_CONF) -> tuple[Server, ...]:
    """Give the system's resolvers, then the public ones."""
    system = system_resolvers(path)
    known = {server.address for server in system}
    return (*system, *(fact.value for fact in PUBLIC_RESOLVERS if fact.value.address not in known))


def _read(path: Path) -> str:
    try:
        if not path.is_file():  # a pipe would wait for ever
            return ""
        with path.open("rb") as file:
            return file.read(_MOST_OCTETS).decode("latin-1")
    except OSError:
        return ""


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)  # knows scopes: fe80::1%eth0
    except ValueError:
        return False
    return not address.is_unspecified
