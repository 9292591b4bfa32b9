"""Neither SPF nor DKIM aligns with a stream's From.

Why it matters: every message fails DMARC; Gmail, Yahoo and Microsoft refuse bulk mail that does, whatever the policy says.
Do instead: let the account sign with the From domain, or give it a return-path below that domain, or relax the alignment.
Source: RFC 9989 sections 4.4 and 5.1.6 (ALIGN-01, DMARC-10)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Role, Setup
from sendspec.rules.alignment import Leg, legs
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route once that neither leg carries. Unsigned fallbacks have a rule of their own."""
    seen: set[Origin] = set()
    for leg in legs(setup):
        if leg.spf_aligns or leg.dkim_aligns or leg.route.origin in seen:
            continue
        if leg.route.role is Role.FALLBACK and leg.identity.signing_domain is None:
            continue
        seen.add(leg.route.origin)
        yield _problem(leg)


def _problem(leg: Leg) -> Problem:
    envelope = leg.identity.envelope_domain or "the ESP's own domain"
    signer = leg.identity.signing_domain or "nobody"
    message = (
        f"{leg.stream.id}: From {leg.sender.mailbox.domain} aligns with neither leg of {leg.route.account}: "
        f"the envelope is {envelope}, and {signer} signs"
    )
    related = ((leg.policy.intent.origin, "the alignment asked for"),) if leg.policy else ()
    return Problem(at=leg.route.origin.key("esp"), message=message, related=related)


RULE = Rule(id="dmarc-stream-not-aligned", severity=Severity.ERROR, find=find)
