"""The alignment table of README: what carries each stream's mail through DMARC, one row a proof."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.alignment import Proof
from sendspec.model.dns_record import Purpose
from sendspec.model.route import Route
from sendspec.model.setup import Setup


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A proof with its route, and what is lost when one leg breaks."""

    route: Route
    proof: Proof
    consequence: str


def proof_rows(setup: Setup) -> Iterator[ProofRow]:
    """Give a row for each sender of each route, in the order of the streams."""
    routes = {route.id: route for _, route in setup.routes()}
    for proof in setup.proofs:
        identity = setup.identity(proof.account, proof.subdomain)
        waits = identity is not None and any(record.purpose is Purpose.DKIM for record in identity.pending)
        waiting = "; the DKIM values are still pending" if waits else ""
        yield ProofRow(routes[proof.route], proof, proof.consequence + waiting)


def unsigned_by_domain(setup: Setup) -> dict[str, list[str]]:
    """Give, by declared domain, each From domain and account whose signature does not align, as a clause."""
    unsigned: dict[str, list[str]] = {}
    for proof in setup.proofs:
        domain = setup.index.domain_of(proof.author)
        if domain is not None and not proof.dkim.walk.aligns:
            text = f"{proof.author} at {proof.account} has no DKIM signature that aligns"
            unsigned.setdefault(domain.name, []).append(text)
    return unsigned
