"""Strict alignment costs a stream one of its two legs.

Why it matters: the ESP's return-path or signature is on another name of the same domain, which strict alignment does not count; one fault in the other leg then fails all mail.
Do instead: leave the alignment relaxed, or give the subdomain a `dmarc:` of its own.
Source: RFC 9989 section 4.4
"""

from collections.abc import Iterator

from sendspec.model.alignment import Proof
from sendspec.model.dmarc import DmarcIntent
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.dmarc_intents import intents_by_origin
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each strict setting once with the first stream it hurts. Where DKIM is lost under enforcement, another rule speaks."""
    intents = intents_by_origin(setup)
    seen: set[Origin] = set()
    for proof in setup.proofs:
        intent = intents.get(proof.walk.origin.path) if proof.walk else None
        key, name = _lost_leg(proof, intent) if intent else ("", None)
        if intent is None or name is None or setup.index.domain_of(name) is not setup.index.domain_of(proof.author):
            continue
        at = intent.origin.key(key)
        if at not in seen:
            seen.add(at)
            message = f"{proof.stream}: {name} of {proof.account} does not align strictly with {proof.author}"
            yield Problem(at=at, message=message, related=((proof.origin, "the route"),))


def _lost_leg(proof: Proof, intent: DmarcIntent) -> tuple[str, str | None]:
    """Give the key of the setting and the name that it keeps from aligning, while the other leg is left."""
    spf, dkim = proof.spf.walk.aligns, proof.dkim.walk.aligns
    if dkim and not spf and intent.strict_spf:
        return "spf_alignment", proof.spf.domain
    if spf and not dkim and intent.strict_dkim and not proof.is_enforced:
        return "dkim_alignment", proof.dkim.domain
    return "", None


RULE = Rule(id="dmarc-strict-alignment-loses-leg", severity=Severity.WARNING, find=find)
