"""Who answers for each zone: what its parent says, what the zone itself says, and whether they can be found at all."""

from collections.abc import AsyncIterator, Iterator

from sendspec.check.dns.truth import absent_domain
from sendspec.check.interface import Check
from sendspec.check.side_by_side import side_by_side
from sendspec.model.domain import Domain
from sendspec.model.finding import Severity
from sendspec.model.observation import Kind, Observation, Passed, Seen, Subject
from sendspec.model.setup import Setup
from sendspec.net.dns.answer import Answer, Status
from sendspec.net.dns.interface import ZoneServers
from sendspec.net.net import Net

AT_ONCE = 256

ZONE_MISSING = Kind(
    "live-dns-zone-missing",
    Severity.ERROR,
    "Zone does not exist at its parent (NXDOMAIN).",
    "nothing in the zone can be found by anybody: the domain has expired, was never registered, or is misspelt",
    "register or renew the domain, or delegate the subdomain in the zone above; else correct its name in the spec",
    "RFC 1034 section 4.2.2; RFC 8020",
)
NO_NAME_SERVERS = Kind(
    "live-dns-name-servers-not-found",
    Severity.ERROR,
    "Nobody could be found who answers for the zone.",
    "resolvers have the same difficulty, so mail is deferred or treated as unauthenticated",
    "look at the name servers that the registrar has for the domain; then run the check again",
    "RFC 1034 section 4.2.2",
)
DIFFERS = Kind(
    "live-dns-delegation-differs",
    Severity.WARNING,
    "Parent and zone name different name servers.",
    "some resolvers use a server that is no longer, or not yet, meant to answer: changes reach them late or never",
    "make the NS records in the zone and those at the registrar the same",
    "RFC 1034 section 4.2.2; RFC 1912 section 2.3",
)
WITHOUT_ADDRESS = Kind(
    "live-dns-name-server-without-address",
    Severity.ERROR,
    "Name server of the zone has no address.",
    "nobody can ask it; if its domain is free, whoever registers it answers for the zone",
    "give the host an address, or take it out of the NS records at the registrar and in the zone",
    "RFC 1912 section 2.3; RFC 1034 section 4.2.2",
)


async def run(setup: Setup, net: Net) -> AsyncIterator[Seen]:
    """Give one observation for each thing that is wrong with a delegation. Servers themselves are for `dns-published`."""

    async def work(domain: Domain) -> list[Seen]:
        found = await net.zones.of(domain.zone.name)
        absent = await absent_domain(net, setup, domain.zone.name, found)
        seen: list[Seen] = [_not_found(domain, absent)] if absent else list(_look_at(domain, found))
        return seen or [Passed()]

    async for seen in side_by_side(setup.domains, work, AT_ONCE):
        yield seen


def _look_at(domain: Domain, found: ZoneServers) -> Iterator[Observation]:
    if found.problem is not None:
        yield _not_found(domain, found.problem)
        return
    for host, answer in found.unresolved:
        yield _without_address(domain, host, answer, is_only=not found.servers)
    parent, own = set(found.delegated), set(found.declared)
    if parent and own and parent != own:
        yield _differs(domain, found, parent, own)


def _not_found(domain: Domain, problem: Answer) -> Observation:
    is_missing = problem.status is Status.NXDOMAIN
    what = (
        "the domain does not exist (NXDOMAIN)"
        if is_missing
        else f"who answers for it could not be found: {problem.said}"
    )
    return Observation(
        ZONE_MISSING if is_missing else NO_NAME_SERVERS,
        domain.zone.origin,
        f"{domain.zone.name}: {what}",
        is_unknown=not is_missing,
        expected=f"NS records for {domain.zone.name}",
        seen=problem.said,
        answered_by=problem.server.to_text(),
    )


def _without_address(domain: Domain, host: str, answer: Answer, *, is_only: bool) -> Observation:
    is_known = answer.status.is_known
    return Observation(
        WITHOUT_ADDRESS,
        domain.zone.origin,
        f"{domain.zone.name}: its name server {host} has no address"
        if is_known
        else f"{domain.zone.name}: the address of its name server {host} could not be found: {answer.said}",
        is_unknown=not is_known,
        expected="an A or AAAA record",
        seen=answer.said,
        answered_by=answer.server.to_text(),
        fix=f"give {host} an A or AAAA record, or remove it from the NS records of {domain.zone.name}",
        severity=None if is_only or answer.status is Status.NXDOMAIN else Severity.WARNING,
    )


def _differs(domain: Domain, found: ZoneServers, parent: set[str], own: set[str]) -> Observation:
    name = domain.zone.name
    parts = [
        f"only {where}: {', '.join(sorted(hosts))}"
        for where, hosts in (("at the parent", parent - own), ("in the zone", own - parent))
        if hosts
    ]
    return Observation(
        DIFFERS,
        domain.zone.origin,
        f"{name}: the parent and the zone name different name servers; {'; '.join(parts)}",
        expected=f"the same on both sides: {', '.join(sorted(own))}",
        seen="; ".join(parts),
        answered_by=", ".join(
            server.to_text() for server in (found.parent_server, *found.servers[:1]) if server is not None
        ),
        fix=f"at the registrar, set the name servers of {name} to {', '.join(sorted(own))}, or correct the NS records in it",
    )


def _size(setup: Setup) -> int:
    return len(setup.domains)


CHECK = Check(
    "dns-delegation",
    Subject.DNS,
    "delegations",
    (ZONE_MISSING, NO_NAME_SERVERS, DIFFERS, WITHOUT_ADDRESS),
    run,
    _size,
)
