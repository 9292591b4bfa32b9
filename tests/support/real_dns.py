"""A world of records on real name servers: two nsd for the declared zones, one for everything else, unbound for others."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fake_dns import ELSEWHERE, NS1, NS2, Key, Values, above_and_at
from name_servers import dial_to, nsd, unbound

from sendspec.model.dns_record import Mx
from sendspec.model.setup import Setup
from sendspec.net.address import Dial, Server

HOSTS = {server.name: server.address for server in (NS1, NS2, ELSEWHERE)}


@dataclass(frozen=True)
class RealWorld:
    """How to reach it."""

    resolver: Server
    dial: Dial


@contextmanager
def real_world(
    find_tool: Callable[[str], str],
    folder: Path,
    setup: Setup,
    records: Mapping[Key, Values],
    behind: Mapping[Key, Values | None] | None = None,
    broken: Mapping[str, str] | None = None,
) -> Iterator[RealWorld]:
    """Serve records. `behind` is what the second server has otherwise; `broken` its zones whose file is another text.

    A zone of `broken` whose text is empty is not served there at all.
    """
    own = [domain.name for domain in setup.domains]
    second = {key: values for key, values in {**records, **(behind or {})}.items() if values is not None}
    first_zones = zones_of(records, own)
    second_zones = {**zones_of(second, own), **(broken or {})}
    others = _others(records, own)
    with ExitStack() as stack:
        ns1 = stack.enter_context(nsd(find_tool, folder / "ns1", first_zones))
        ns2 = stack.enter_context(nsd(find_tool, folder / "ns2", {n: t for n, t in second_zones.items() if t}))
        elsewhere = stack.enter_context(nsd(find_tool, folder / "elsewhere", others))
        places = {**dict.fromkeys(others, elsewhere), **dict.fromkeys(first_zones, ns1)}
        resolver = stack.enter_context(unbound(find_tool, folder / "unbound", places))
        yield RealWorld(resolver, dial_to({NS1.address: ns1, NS2.address: ns2, ELSEWHERE.address: elsewhere}))


def zones_of(records: Mapping[Key, Values], names: list[str]) -> dict[str, str]:
    """Give the text of each zone, without SOA."""
    texts = {name: [f"@ NS {NS1.name}.", f"@ NS {NS2.name}."] for name in names}
    for (name, rtype), values in records.items():
        zone = next((above for above in above_and_at(name) if above in texts), None)
        if zone is not None:
            texts[zone] += [f"{name}. {rtype} {_data(value, rtype)}" for value in values]
    return {name: "\n".join(lines) + "\n" for name, lines in texts.items()}


def _others(records: Mapping[Key, Values], own: list[str]) -> dict[str, str]:
    """Give a zone for every organization outside, for what is above them, and the root."""
    zones: dict[str, list[str]] = {"": []}
    for host, address in HOSTS.items():
        zones.setdefault(_organization(host), []).append(f"{host}. A {address}")
    declared = frozenset(own)
    for (name, rtype), values in records.items():
        if declared.isdisjoint(above_and_at(name)):
            lines = zones.setdefault(_organization(name), [])
            lines += [f"{name}. {rtype} {_data(value, rtype)}" for value in values]
    for zone in [*zones, *own]:
        above = zone.rpartition(".")[2]
        if above != zone:
            servers = (NS1, NS2) if zone in declared else (ELSEWHERE,)
            zones.setdefault(above, []).extend(f"{zone}. NS {server.name}." for server in servers)
            zones[""] += [f"{above}. NS {ELSEWHERE.name}."]
    return {name: "\n".join([f"@ NS {ELSEWHERE.name}.", *lines]) + "\n" for name, lines in zones.items()}


def _organization(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def _data(value: str | Mx, rtype: str) -> str:
    if isinstance(value, Mx):
        return f"{value.preference} {value.exchange}."
    if rtype == "CNAME":
        return f"{value}."
    if rtype != "TXT":
        return value
    octets = value.encode("latin-1")
    chunks = [octets[start : start + 255] for start in range(0, len(octets), 255)] or [b""]
    return " ".join('"' + "".join(_escaped(octet) for octet in chunk) + '"' for chunk in chunks)


def _escaped(octet: int) -> str:
    character = chr(octet)
    return character if 0x20 <= octet < 0x7F and character not in '"\\' else f"\\{octet:03}"
