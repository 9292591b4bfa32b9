"""DKIM key of a sending account is revoked.

Why it matters: an empty `p=` tells verifiers that no signature of this selector counts, so all of its mail is unsigned.
Do instead: write the key the ESP signs with now into the lock file (`sendspec pull`).
Source: RFC 6376 section 3.6.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each empty key that an account signs with."""
    for published in setup.index.dkim_keys:
        if published.key and published.key.is_revoked:
            used_by = ", ".join(published.record.streams)
            message = f"{published.record.name}: p= is empty, but {published.record.account} signs {used_by} with it"
            yield Problem(at=published.record.origin, message=message)


RULE = Rule(id="dkim-revoked-key-in-use", severity=Severity.ERROR, find=find)
