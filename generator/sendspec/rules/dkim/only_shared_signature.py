"""Nobody signs with the stream's own domain.

Why it matters: the ESP's signature with its own domain does not align, so the From hangs on SPF alone, which forwarding breaks; and the domain builds no reputation of its own.
Do instead: let the account sign for the From domain and publish its keys.
Under an enforced policy this is `dmarc-enforced-without-dkim`, for a fallback `dkim-fallback-does-not-sign`, near bulk `domains-bulk-not-signed`.
Source: RFC 9989 section 4.4.1; https://support.google.com/a/answer/81126
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each primary route once that SPF alone carries while no policy is enforced."""
    seen: set[Origin] = set()
    for proof in setup.proofs:
        if proof.dkim.domain is not None or proof.is_fallback or proof.is_enforced:
            continue
        if proof.spf.walk.aligns and proof.origin not in seen:
            seen.add(proof.origin)
            message = f"{proof.stream}: {proof.account} does not sign for {proof.author}"
            yield Problem(at=proof.origin.key("esp"), message=message)


RULE = Rule(id="dkim-only-shared-signature", severity=Severity.INFO, find=find)
