"""Bulk mail shares an ESP account with other kinds of mail.

Why it matters: where the ESP enforces its rules on the account as a whole, complaints about one campaign pause the password resets too.
Do instead: send bulk mail through an account of its own: another entry below `esps:`, with another subuser, region, tenant or account number.
Source: the ESP's page on enforcement, as its facts cite it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each such account once, with a stream of either kind."""
    for account in setup.accounts:
        reason = account.limits.bulk_apart
        streams = [setup.stream(stream_id) for stream_id in account.streams]
        bulk = next((stream for stream in streams if stream.kind.is_bulk), None)
        other = next((stream for stream in streams if not stream.kind.is_bulk), None)
        if reason and bulk and other:
            yield Problem(
                at=account.origin,
                message=f"{account.id}: {bulk.id} ({bulk.kind}) and {other.id} ({other.kind}) share it; {reason.value}",
                related=((bulk.origin, f"{bulk.kind} mail"), (other.origin, f"{other.kind} mail")),
            )


RULE = Rule(id="esps-bulk-shares-account", severity=Severity.WARNING, find=find)
