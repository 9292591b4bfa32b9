"""Domain sends in bulk, and an ESP does not sign for it.

Why it matters: from 5,000 messages a day Gmail, Yahoo and Microsoft ask for DKIM of the From domain beside SPF and DMARC, and refuse mail without it.
Do instead: let the ESP sign (remove what switches its DKIM off in `settings:`) and publish its keys.
Counted over all subdomains of a domain, as mailbox providers do. An error from 5,000 a day, a warning from 4,000. Gmail's line counts mail to Gmail alone, which a spec does not say: the sum is the safe side.
Source: https://support.google.com/a/answer/81126; https://senders.yahooinc.com/best-practices/
"""

from collections.abc import Iterator

from sendspec.model.alignment import Proof
from sendspec.model.domain import Domain
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

BULK_PER_DAY = 5000
NEAR_BULK_PER_DAY = 4000


def find(setup: Setup) -> Iterator[Problem]:
    """Give each primary without a signature for a From domain that sends much and is under no enforced policy.

    Under an enforced policy the DMARC rules speak of it. A stream with many senders does not say which sends how much.
    """
    volumes = _volumes(setup)
    for proof in setup.proofs:
        domain = _top(setup, proof.author)
        if domain is None or not _is_unsigned(proof):
            continue
        per_day = volumes.get(domain.name, 0)
        if per_day >= NEAR_BULK_PER_DAY:
            yield Problem(
                at=proof.origin.key("esp"),
                message=f"{proof.stream}: {proof.account} does not sign for {proof.author}, and {domain.name} sends {per_day:,} a day",
                severity=Severity.ERROR if per_day >= BULK_PER_DAY else Severity.WARNING,
            )


def _volumes(setup: Setup) -> dict[str, int]:
    """Give declared messages a day by the topmost domain."""
    volumes: dict[str, int] = {}
    for stream in setup.streams:
        domain = _top(setup, stream.senders[0].mailbox.domain) if len(stream.senders) == 1 else None
        if domain is not None:
            volumes[domain.name] = volumes.get(domain.name, 0) + (stream.volume.per_day or 0)
    return volumes


def _is_unsigned(proof: Proof) -> bool:
    return not proof.is_fallback and proof.dkim.domain is None and not proof.is_enforced


def _top(setup: Setup, name: str) -> Domain | None:
    """Give the topmost declared domain above a name."""
    found = setup.index.domain_of(name)
    while found is not None and (above := setup.index.domain_of(found.name.partition(".")[2])) is not None:
        found = above
    return found


RULE = Rule(id="domains-bulk-not-signed", severity=Severity.ERROR, find=find)
