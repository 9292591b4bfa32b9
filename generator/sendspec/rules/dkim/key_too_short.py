"""DKIM key is shorter than 1024 bits.

Why it matters: verifiers must not accept such a signature; keys of 512 bits are factored in hours.
Do instead: have the ESP issue a new key of 2048 bits, or make one for BYODKIM, under a new selector.
Source: RFC 8301 section 3.2
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.records.dkim import MINIMUM_RSA_BITS
from sendspec.rules.dkim_keys import rsa_bits
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each RSA key below the minimum."""
    for published in setup.index.dkim_keys:
        bits = rsa_bits(published)
        if bits is not None and bits < MINIMUM_RSA_BITS:
            message = f"{published.record.name}: the key has {bits} bits, verifiers need {MINIMUM_RSA_BITS}"
            yield Problem(at=published.record.origin, message=message)


RULE = Rule(id="dkim-key-too-short", severity=Severity.ERROR, find=find)
