"""DKIM key is longer than 4096 bits.

Why it matters: verifiers need not handle more, and those that do not see no valid signature.
Do instead: use 2048 bits; that is safe for years and fits everywhere.
Source: RFC 8301 section 3.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.dkim_keys import rsa_bits
from sendspec.rules.interface import Problem, Rule

LONGEST_RSA_BITS = 4096


def find(setup: Setup) -> Iterator[Problem]:
    """Give each RSA key above what every verifier must handle."""
    for published in setup.index.dkim_keys:
        bits = rsa_bits(published)
        if bits is not None and bits > LONGEST_RSA_BITS:
            message = f"{published.record.name}: the key has {bits} bits, verifiers handle up to {LONGEST_RSA_BITS}"
            yield Problem(at=published.record.origin, message=message)


RULE = Rule(id="dkim-key-above-4096", severity=Severity.WARNING, find=find)
