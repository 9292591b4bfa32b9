"""Values that only the ESP can tell are still pending.

Why it matters: their records are shown but not published, so this account cannot yet send for the domain as designed.
Do instead: create the domain at the ESP, then run `sendspec pull`, or write the lock entry that `sendspec explain` prints.
Source: sendspec: what is not issued yet is neither good nor bad
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.identity import Identity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

MAX_NAMED = 5
"""Domains of one account that a message names; a SaaS may have thousands waiting."""


def find(setup: Setup) -> Iterator[Problem]:
    """Give each account with pending records once, with the way to fill them."""
    waiting: dict[str, list[Identity]] = {}
    for identity in setup.identities:
        if identity.pending:
            waiting.setdefault(identity.account, []).append(identity)
    for account, identities in waiting.items():
        yield _one(identities[0]) if len(identities) == 1 else _many(account, identities)


def _one(identity: Identity) -> Problem:
    names = [record.name for record in identity.pending]
    count = "one DNS record waits" if len(names) == 1 else f"{len(names)} DNS records wait"
    message = f"{identity.domain} at {identity.account}: {count} for a value that the ESP issues: {', '.join(names)}"
    return Problem(at=identity.origin, message=message, fix=_cures(identity))


def _many(account: str, identities: list[Identity]) -> Problem:
    records = sum(len(identity.pending) for identity in identities)
    named = ", ".join(identity.domain for identity in identities[:MAX_NAMED])
    more = f" and {len(identities) - MAX_NAMED} more" if len(identities) > MAX_NAMED else ""
    message = f"{account}: {records} DNS records of {len(identities)} domains wait for values that the ESP issues: {named}{more}"
    return Problem(at=identities[0].origin, message=message, fix=f"for each of them: {_cures(identities[0])}")


def _cures(identity: Identity) -> str:
    return "; ".join(dict.fromkeys(record.cure for record in identity.pending))


RULE = Rule(id="pending-values", severity=Severity.INFO, find=find)
