"""DKIM key says that it is a test.

Why it matters: with `t=y` verifiers may treat signed mail as if it were unsigned, so DMARC hangs on SPF alone.
Do instead: take `y` out of the `t=` tag of the key record.
Source: RFC 6376 section 3.6.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each key in use with the flag `y`."""
    for published in setup.index.dkim_keys:
        if published.key and "y" in published.key.flags:
            message = (
                f"{published.record.name}: t=y marks the key as a test, but {published.record.account} signs with it"
            )
            yield Problem(at=published.record.origin, message=message)


RULE = Rule(id="dkim-testing-flag", severity=Severity.WARNING, find=find)
