"""Values that only the ESP can tell are still pending.

Why it matters: their records are shown but not published, so this account cannot yet send for the domain as designed.
Do instead: create the domain at the ESP, then run `sendspec pull`, or write the lock entry that `sendspec explain` prints.
Source: sendspec: what is not issued yet is neither good nor bad
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Identity, Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each identity with pending records once, with the way to fill them."""
    for identity in setup.identities:
        if identity.pending:
            yield _problem(identity)


def _problem(identity: Identity) -> Problem:
    names = [record.name for record in identity.pending]
    count = "one DNS record waits" if len(names) == 1 else f"{len(names)} DNS records wait"
    message = f"{identity.domain} at {identity.account}: {count} for a value that the ESP issues: {', '.join(names)}"
    cures = dict.fromkeys(record.cure for record in identity.pending)
    return Problem(at=identity.origin, message=message, fix="; ".join(cures))


RULE = Rule(id="pending-values", severity=Severity.INFO, find=find)
