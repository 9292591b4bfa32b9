"""Which legs of a message align with its From domain (RFC 7489 section 3.1, RFC 9989 section 4.4)."""

from enum import StrEnum

from sendspec.model.setup import Identity, Setup


class Leg(StrEnum):
    """How the domain that SPF or DKIM proves compares with the From domain.

    `RELAXED`: both lie in one declared domain, which stands for the organisational domain.
    """

    STRICT = "the same name"
    RELAXED = "relaxed"
    NONE = "does not align"


def spf_leg(setup: Setup, identity: Identity) -> Leg:
    """Compare the envelope sender's domain with the From domain."""
    return _leg(setup, identity.domain, identity.envelope_domain)


def dkim_leg(setup: Setup, identity: Identity) -> Leg:
    """Compare the signing domain with the From domain."""
    return _leg(setup, identity.domain, identity.signing_domain)


def _leg(setup: Setup, header_from: str, proven: str | None) -> Leg:
    if proven is None:
        return Leg.NONE
    if proven == header_from:
        return Leg.STRICT
    organisation = setup.index.domain_of(header_from)
    is_one = organisation is not None and organisation is setup.index.domain_of(proven)
    return Leg.RELAXED if is_one else Leg.NONE
