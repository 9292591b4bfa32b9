"""Only the DKIM leg of a route aligns.

Why it matters: a key that is lost or late fails all mail; with an aligned return-path the other leg would carry most of it.
Do instead: give the account a return-path below the From domain; it also keeps bounces apart from other customers of the ESP.
Source: RFC 9989 section 4.4.2; https://support.google.com/a/answer/81126 asks bulk senders for both
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route once whose envelope is the ESP's own domain, and whose signature aligns."""
    seen: set[Origin] = set()
    for proof in setup.proofs:
        if proof.dkim.walk.aligns and proof.spf.domain is None and proof.origin not in seen:
            seen.add(proof.origin)
            message = f"{proof.stream}: the return-path of {proof.account} is not on {proof.author}"
            yield Problem(at=proof.origin.key("esp"), message=message)


RULE = Rule(id="dmarc-only-dkim-leg", severity=Severity.INFO, find=find)
