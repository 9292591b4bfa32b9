"""Bulk mail leaves by the same message stream or configuration set as other mail.

Why it matters: the ESP measures, suppresses and pauses by that unit: complaints about a campaign stop the receipts that share it.
Do instead: leave the route's `settings:` out, so that each stream gets its own, or name another one for the bulk stream.
Source: https://postmarkapp.com/support/article/1082-what-types-of-messages-are-a-good-fit-for-postmark
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.sharing import bulk_beside_other


def find(setup: Setup) -> Iterator[Problem]:
    """Give each bulk route with the first route of another kind that uses the same."""
    for sharing in bulk_beside_other(setup, lambda route: route.endpoint.esp_stream):
        bulk, other = sharing.stream, sharing.other
        what = f"the {sharing.route.endpoint.esp_stream} of {sharing.route.account}"
        message = f"{bulk.id}: {bulk.kind} mail shares {what} with {other.id} ({other.kind})"
        related = ((sharing.other_route.origin.key("settings"), f"{other.kind} mail"),)
        yield Problem(at=sharing.route.origin.key("settings"), message=message, related=related)


RULE = Rule(id="routes-bulk-shares-esp-stream", severity=Severity.WARNING, find=find)
