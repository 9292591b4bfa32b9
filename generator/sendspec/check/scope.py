"""A part of a setup: one stream, one account, one share of many."""

import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from sendspec.model.dns_record import RRset, Zone
from sendspec.model.domain import Domain
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream

NOBODY: frozenset[str] = frozenset()
WHOLE = (1, 1)


@dataclass(frozen=True, slots=True)
class Scope:
    """What to look at. Empty `streams` and `esps` mean all; `share` is (number from 1, of how many).

    A share is taken by a digest of the name, so that adding a domain moves no other one.
    """

    streams: frozenset[str] = NOBODY
    esps: frozenset[str] = NOBODY
    share: tuple[int, int] = WHOLE

    def holds(self, name: str) -> bool:
        """Tell whether a name belongs to this share."""
        number, of = self.share
        return share_of(name, of) == number


def share_of(name: str, of: int) -> int:
    """Give the number, from 1, of the share that a name belongs to."""
    return zlib.crc32(name.encode()) % of + 1


def split(setup: Setup, scope: Scope, parts: int) -> tuple[Scope, ...]:
    """Give scopes that together are this one and have nothing in common: `parts` of them, without those that hold nothing."""
    narrowed = narrow(setup, scope)
    of = scope.share[1] * parts
    numbers = {share_of(name, of) for name in names(narrowed)}
    return tuple(replace(scope, share=(number, of)) for number in sorted(numbers))


def names(setup: Setup) -> Iterator[str]:
    """Give every name that a share is taken by; some more than once."""
    yield from (domain.name for domain in setup.domains)
    yield from (account.id for account in setup.accounts)
    yield from (route.account for _, route in setup.routes())
    yield from (_home(setup, proof.author) for proof in setup.proofs)


def narrow(setup: Setup, scope: Scope) -> Setup:
    """Give the setup with only what the scope holds. Look-ups by id still find everything."""
    if scope == Scope():
        return setup
    streams = tuple(_streams(setup, scope))
    accounts = tuple(
        account
        for account in setup.accounts
        if (not scope.esps or account.id in scope.esps)
        and (not scope.streams or scope.streams & set(account.streams))
        and scope.holds(account.id)
    )
    named = (stream for stream in setup.streams if not scope.streams or stream.id in scope.streams)
    sending = frozenset(name for stream in named for name in stream.subdomains)
    domains = tuple(narrowed for domain in setup.domains for narrowed in _domains(domain, sending, scope))
    kept = {stream.id for stream in _streams(setup, replace(scope, share=WHOLE))}
    return replace(
        setup,
        domains=domains,
        accounts=accounts,
        streams=streams,
        proofs=tuple(
            proof for proof in setup.proofs if proof.stream in kept and scope.holds(_home(setup, proof.author))
        ),
    )


def _home(setup: Setup, name: str) -> str:
    """Give the declared domain whose zone holds a name; the name itself where there is none."""
    domain = setup.index.domain_of(name)
    return domain.name if domain else name


def _streams(setup: Setup, scope: Scope) -> Iterator[Stream]:
    """Give the streams with the routes of the scope.

    A route is in the share of its account: what an account needs for all of them is seen in one place, and each endpoint
    has one visitor. Senders are in the share of their domain.
    """
    for stream in setup.streams:
        if scope.streams and stream.id not in scope.streams:
            continue
        routes = tuple(
            route
            for route in stream.routes
            if (not scope.esps or route.account in scope.esps) and scope.holds(route.account)
        )
        if routes:
            yield replace(stream, routes=routes)


def _domains(domain: Domain, sending: Collection[str], scope: Scope) -> Iterator[Domain]:
    if not scope.holds(domain.name):
        return
    if not (scope.streams or scope.esps):
        yield domain
        return
    zone = domain.zone
    rrsets = tuple(rrset for rrset in zone.rrsets if _is_wanted(rrset, scope, zone, sending))
    pending = tuple(
        record
        for record in zone.pending
        if (not scope.streams or scope.streams & set(record.streams))
        and (not scope.esps or record.account in scope.esps)
    )
    if rrsets or pending:
        yield replace(domain, zone=replace(zone, rrsets=rrsets, pending=pending))


def _is_wanted(rrset: RRset, scope: Scope, zone: Zone, sending: Collection[str]) -> bool:
    """Tell whether a set serves the scope: it is wanted by a stream or account of it, or it is the domain's own."""
    for value in rrset.values:
        for record in value.records:
            if not record.account:  # the domain's own: DMARC and its like hold for all that is sent below it
                if not scope.esps and any(name == zone.name or name.endswith(f".{zone.name}") for name in sending):
                    return True
                continue
            serves = not scope.streams or scope.streams & set(record.streams)
            if serves and (not scope.esps or record.account in scope.esps):
                return True
    return False
