"""Which DMARC record holds for a name, and what its organizational domain is: by the tree walk, and the older way.

Receivers run both generations for years, so both are computed. The look-up comes in as an argument: the spec's own
records for a static proof, live DNS for a check.
Source: RFC 9989 section 4.10; RFC 7489 sections 3.2 and 6.6.3.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sendspec.records.dmarc import DmarcRecord

Lookup = Callable[[str], DmarcRecord | None]
"""Takes a domain, gives the one valid record at `_dmarc.<domain>`, None where there is none or more than one."""

WALK_LABELS = 8
"""A name with this many labels or more is cut to one label fewer after the first question, so eight questions suffice."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found for a domain.

    Attributes:
        organizational: The organizational domain; alignment in relaxed mode compares these.
        found_at: The domain whose record holds; empty when none does.
        record: That record, None when there is none.
    """

    organizational: str
    found_at: str
    record: DmarcRecord | None


def walked_names(domain: str) -> Iterator[str]:
    """Give the domains asked in turn, at most eight (RFC 9989 section 4.10, steps 1 to 7)."""
    labels = domain.split(".")
    yield domain
    rest = labels[-(WALK_LABELS - 1) :] if len(labels) >= WALK_LABELS else labels[1:]
    while rest:
        yield ".".join(rest)
        rest = rest[1:]


def walk_tree(domain: str, lookup: Lookup) -> Discovery:
    """Discover by the DNS tree walk. A domain without any record is its own organizational domain."""
    found: list[tuple[str, DmarcRecord]] = []
    for name in walked_names(domain):
        record = lookup(name)
        if record is None:
            continue
        found.append((name, record))
        if record.psd == "n" or (record.psd == "y" and name != domain):
            break
    organizational = _organizational(domain, found)
    records = dict(found)
    suffix = next((name for name, record in reversed(found) if record.psd == "y" and name != domain), "")
    for name in (domain, organizational, suffix):
        if name in records:
            return Discovery(organizational, name, records[name])
    return Discovery(organizational, "", None)


def _organizational(domain: str, found: list[tuple[str, DmarcRecord]]) -> str:
    """Pick the organizational domain from the records of a walk (RFC 9989 section 4.10.2)."""
    if not found:
        return domain
    last, record = found[-1]
    if record.psd == "n":
        return last
    if record.psd == "y" and last != domain:
        return ".".join(domain.split(".")[-(last.count(".") + 2) :])
    return last


def by_public_suffix(domain: str, registrable: str, lookup: Lookup) -> Discovery:
    """Discover as RFC 7489 did: the name itself, then the registrable domain below the public suffix."""
    for name in (domain, registrable):
        record = lookup(name)
        if record is not None:
            return Discovery(registrable, name, record)
    return Discovery(registrable, "", None)


def is_aligned(author: str, authenticated: str, *, strict: bool, organizational: Callable[[str], str]) -> bool:
    """Tell whether an authenticated identifier aligns with the author domain (RFC 9989 section 4.4)."""
    if author == authenticated:
        return True
    return not strict and organizational(author) == organizational(authenticated)
