"""Neither SPF nor DKIM aligns with a stream's From.

Why it matters: every message fails DMARC; Gmail, Yahoo and Microsoft refuse bulk mail that does, whatever the policy says.
Do instead: let the account sign with the From domain, or give it a return-path below that domain, or relax the alignment.
Source: RFC 9989 sections 4.4 and 5.1.6
"""

from collections.abc import Iterator

from sendspec.model.alignment import Proof
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.alignment import Breach, breaches
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route once that neither leg carries. Unsigned fallbacks have a rule of their own."""
    for proof in breaches(setup, Breach.NOT_ALIGNED):
        yield _problem(proof)


def _problem(proof: Proof) -> Problem:
    envelope = proof.spf.domain or "the ESP's own domain"
    message = (
        f"{proof.stream}: From {proof.author} aligns with neither leg of {proof.account}{_for_whom(proof)}: "
        f"the envelope is {envelope}, and {proof.dkim.domain or 'nobody'} signs"
    )
    related = ((proof.walk.origin, "the alignment asked for"),) if proof.walk else ()
    return Problem(at=proof.origin.key("esp"), message=message, related=related)


def _for_whom(proof: Proof) -> str:
    """Say which receivers, where it is not all of them."""
    if proof.spf.suffix.aligns or proof.dkim.suffix.aligns:
        return " for receivers that walk the tree (RFC 9989)"
    if proof.spf.walk.aligns or proof.dkim.walk.aligns:
        return " for receivers that use the public suffix list (RFC 7489)"
    return ""


RULE = Rule(id="dmarc-stream-not-aligned", severity=Severity.ERROR, find=find)
