"""DKIM key is shorter than 2048 bits.

Why it matters: 1024 bits are the least that verifiers accept; whoever factors the key can sign as the domain.
Do instead: make a pair of 2048 bits, or have the ESP issue one, under a new selector; keep the old record for a week after the change.
A warning for a key pair of your own, information where the ESP issues it; nothing where the ESP makes no longer ones.
Source: RFC 8301 section 3.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.dkim import MINIMUM_RSA_BITS, RECOMMENDED_RSA_BITS
from sendspec.rules.dkim_keys import rsa_bits, signer
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each short key that could be longer. Keys that nobody accepts have a rule of their own."""
    for published in setup.index.dkim_keys:
        bits = rsa_bits(published)
        if bits is None or not MINIMUM_RSA_BITS <= bits < RECOMMENDED_RSA_BITS:
            continue
        longest = setup.account(published.record.account).limits.dkim_bits
        if longest and longest.value <= bits:
            continue
        identity = signer(setup, published)
        is_own = identity is not None and identity.has_own_key
        yield Problem(
            at=published.record.origin,
            message=f"{published.record.name}: the key has {bits} bits, {RECOMMENDED_RSA_BITS} are usual",
            severity=Severity.WARNING if is_own else Severity.INFO,
        )


RULE = Rule(id="dkim-key-below-2048", severity=Severity.WARNING, find=find)
