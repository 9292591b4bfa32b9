"""DKIM key allows SHA-1 only.

Why it matters: verifiers must not accept SHA-1, and the key forbids the SHA-256 that signers use: nothing verifies.
Do instead: remove `h=` from the key record, or write `h=sha256`.
Source: RFC 8301 section 3.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each key whose list of hashes lacks sha256."""
    for published in setup.index.dkim_keys:
        if published.key and published.key.hashes and "sha256" not in published.key.hashes:
            message = (
                f"{published.record.name}: h={':'.join(published.key.hashes)} leaves no hash that verifiers accept"
            )
            yield Problem(at=published.record.origin, message=message)


RULE = Rule(id="dkim-only-sha1", severity=Severity.ERROR, find=find)
