"""What a proof of alignment shows to be wrong: one breach a proof, so that one cause gives one finding."""

from collections.abc import Iterator
from enum import StrEnum

from sendspec.model.alignment import Proof
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup


class Breach(StrEnum):
    """What a rule has to say about a proof."""

    NOT_ALIGNED = "neither leg carries the mail"
    ENFORCED_WITHOUT_DKIM = "an enforced policy hangs on SPF alone"
    READINGS_DIFFER = "receivers of the two generations disagree"


def breaches(setup: Setup, wanted: Breach) -> Iterator[Proof]:
    """Give the proofs with this breach, one for each route.

    A fallback that nobody signs for, a domain whose subdomains alone have a policy, and a sending domain that calls
    itself a public suffix have rules of their own: what follows from them is not told again.
    """
    told = {intent.name for domain in setup.domains for intent in domain.dmarc if intent.psd == "y"}
    told.update(names_cut_off(setup))
    seen: set[Origin] = set()
    for proof in setup.proofs:
        if proof.origin in seen or _breach(proof) is not wanted:
            continue
        if (
            proof.differs
            and _is_carried_by_suffix(proof)
            and not told.isdisjoint((proof.author, *parents(proof.author)))
        ):
            continue
        seen.add(proof.origin)
        yield proof


def _breach(proof: Proof) -> Breach | None:
    if proof.is_fallback and proof.dkim.domain is None:
        return None
    if not proof.aligns:
        return Breach.NOT_ALIGNED
    if proof.is_enforced and not proof.dkim.walk.aligns:
        return Breach.ENFORCED_WITHOUT_DKIM
    return Breach.READINGS_DIFFER if proof.differs else None


def _is_carried_by_suffix(proof: Proof) -> bool:
    return proof.spf.suffix.aligns or proof.dkim.suffix.aligns


def names_cut_off(setup: Setup) -> Iterator[str]:
    """Give each of our own domains whose subdomains alone have a policy; nothing declared above it has one either."""
    declared = {intent.name for domain in setup.domains for intent in domain.dmarc}
    declared |= {domain.name for domain in setup.domains if domain.never_sends}
    for domain in setup.domains:
        is_ours = domain.authority == "own" and bool(domain.dmarc)
        if is_ours and declared.isdisjoint((domain.name, *parents(domain.name))):
            yield domain.name


def parents(name: str) -> Iterator[str]:
    """Give the names above a name, the nearest first, down to two labels."""
    labels = name.split(".")
    return (".".join(labels[start:]) for start in range(1, len(labels) - 1))
