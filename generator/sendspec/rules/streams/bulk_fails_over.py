"""Bulk stream falls back to another ESP.

Why it matters: suppression lists are not shared between ESPs, so people who unsubscribed, complained or bounced are mailed again; and the backup's domain is cold for such volumes.
Do instead: drop the fallback and let the campaign wait in its queue.
Source: https://postmarkapp.com/developer/api/suppressions-api (each ESP keeps its own list)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each fallback of a bulk stream whose ESP is another than the primary's."""
    for stream in setup.streams:
        primary = next((route for route in stream.routes if route.role is Role.PRIMARY), None)
        if primary is None or not stream.kind.is_bulk:
            continue
        for route in stream.routes:
            kinds = {setup.account(each.account).kind for each in (primary, route)}
            if route.role is Role.FALLBACK and len(kinds) > 1:
                message = f"{stream.id}: {stream.kind} mail falls back from {primary.account} to {route.account}"
                yield Problem(at=route.origin, message=f"{message}, which does not know who unsubscribed or complained")


RULE = Rule(id="streams-bulk-fails-over", severity=Severity.WARNING, find=find)
