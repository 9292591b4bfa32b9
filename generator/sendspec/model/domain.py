"""A declared domain, and what the lock file knows of foreign SPF records."""

from collections.abc import Iterator
from dataclasses import dataclass

from sendspec.model.dmarc import DmarcIntent, DmarcPolicy
from sendspec.model.dns_record import Zone
from sendspec.model.origin import Origin


@dataclass(frozen=True, slots=True)
class Subdomain:
    """A declared subdomain: fully qualified name, declared purpose (may be empty), and whether people answer there."""

    name: str
    purpose: str
    receives: bool
    never_sends: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Domain:
    """A declared domain: one zone. `dmarc` holds the intent of the domain itself and of each subdomain that has its own."""

    name: str
    subdomains: tuple[Subdomain, ...]
    dmarc: tuple[DmarcIntent, ...]
    authority: str
    never_sends: bool
    mailboxes: str
    zone: Zone
    origin: Origin

    def dmarc_obstacles(self, intent: DmarcIntent) -> Iterator[str]:
        """Give what stands between a DMARC policy and its target besides unsigned mail, one clause each."""
        if intent.policy.rank >= intent.target.rank:
            return
        if not intent.reports:
            yield "nobody gets reports"
        if intent.target is DmarcPolicy.REJECT and self.mailboxes and intent.name == self.name:
            yield "people write from here, and mailing lists break what they post"


@dataclass(frozen=True, slots=True)
class SpfTree:
    """What the lock file knows of a foreign include: its text, the DNS lookups it costs, and when it was read."""

    name: str
    text: str
    lookups: int
    read: str
    origin: Origin
