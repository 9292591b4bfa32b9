"""`docs/hosts.md`: the DNS hosts that sendspec speaks to, what they are managed with, and their limits."""

from collections.abc import Iterator

from capability_tables import HEADER
from links import with_links

from sendspec.hosts.interface import Host, host_ids, load_host
from sendspec.markdown import escape_code, escape_prose

INTRODUCTION = (
    "Who serves a zone is said with `domains.X.dns.host`. Zones at hosts that sendspec speaks to are read and, after review, "
    "changed; every other zone is read from its own name servers, and what differs is handed over."
)


def hosts_page() -> str:
    """Give the page about DNS hosts."""
    hosts = [load_host(host_id) for host_id in host_ids()]
    rows = [
        [
            escape_code(host.id),
            escape_prose(host.title),
            "yes" if host.apply else f"no: {escape_prose(host.by_hand)}",
            "{:,} to {:,} s".format(*host.ttl_bounds),
        ]
        for host in hosts
    ]
    header = ["`host:`", "what", "changed by `apply`", "TTL"]
    return "\n".join([HEADER, f"# DNS hosts\n\n{INTRODUCTION}\n", _table(header, rows), *map(_section, hosts)])


def _section(host: Host) -> str:
    return "\n".join([f"## {escape_prose(host.title)}\n", *_lines(host), ""])


def _lines(host: Host) -> Iterator[str]:
    for name, what in host.manage.items():
        yield f"- {escape_code(f'dns.manage.{name}')}: {escape_prose(what)}"
    for fact, source in host.facts.items():
        yield f"- {escape_prose(fact)} ({with_links(source)})"


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
