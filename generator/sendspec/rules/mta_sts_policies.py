"""The MTA-STS policies of a spec, read back, as rules ask for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.dns_record import Purpose
from sendspec.model.domain import Domain
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.records import mta_sts
from sendspec.records.error import RecordError
from sendspec.records.mta_sts import Policy

PREFIX = "_mta-sts."


@dataclass(frozen=True, slots=True)
class DeclaredPolicy:
    """A policy that senders can read, the name it is for, and the `mta_sts:` it is made from."""

    domain: Domain
    name: str
    policy: Policy
    origin: Origin


def declared_policies(setup: Setup) -> Iterator[DeclaredPolicy]:
    """Give every readable policy; what cannot be read has a rule of its own."""
    for domain in setup.domains:
        texts = domain.zone.mta_sts_policies
        origins = _origins(domain) if texts else {}
        for name, text in texts:
            try:
                policy = mta_sts.parse_policy(text)
            except RecordError:
                continue
            if name in origins:
                yield DeclaredPolicy(domain, name, policy, origins[name])


def _origins(domain: Domain) -> dict[str, Origin]:
    return {
        rrset.name.removeprefix(PREFIX): value.records[0].origin
        for rrset in domain.zone.rrsets
        for value in rrset.values
        if value.purpose is Purpose.MTA_STS
    }
