"""Sending domain declares no DMARC policy.

Why it matters: Gmail, Yahoo and Microsoft refuse bulk mail from it, and nobody reports who forges it.
Do instead: start with `dmarc: {policy: none, reports: ["mailto:..."]}` on the domain.
An error from 5,000 messages a day, a warning below; only information for a name that may have a parent with a policy elsewhere.
Source: RFC 9989 section 8; https://support.google.com/a/answer/81126
"""

from collections import defaultdict
from collections.abc import Iterator

from sendspec.model.domain import Domain
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

BULK_PER_DAY = 5000
ORGANIZATIONAL_LABELS = 2
"""With more labels a name may lie below an organizational domain that the spec does not show."""


def find(setup: Setup) -> Iterator[Problem]:
    """Give each of our own domains that a stream sends from under no policy at all."""
    without = {proof.author for proof in setup.proofs if proof.walk is None}
    if not without:
        return
    volume: dict[str, int] = defaultdict(int)
    domains: dict[str, Domain] = {}
    for stream in setup.streams:
        for sender in stream.senders:
            domain = setup.index.domain_of(sender.subdomain)
            if domain is None or domain.authority != "own" or domain.dmarc or sender.mailbox.domain not in without:
                continue
            domains[domain.name] = domain
            volume[domain.name] += (stream.volume.per_day or 0) if len(stream.senders) == 1 else 0
    for name, domain in sorted(domains.items()):
        per_day = f" at {volume[name]} messages a day" if volume[name] else ""
        severity = _severity(name, volume[name])
        yield Problem(at=domain.origin, message=f"{name}: no DMARC policy{per_day}", severity=severity)


def _severity(name: str, per_day: int) -> Severity:
    if len(name.split(".")) > ORGANIZATIONAL_LABELS:
        return Severity.INFO
    return Severity.ERROR if per_day >= BULK_PER_DAY else Severity.WARNING


RULE = Rule(id="dmarc-missing", severity=Severity.ERROR, find=find)
