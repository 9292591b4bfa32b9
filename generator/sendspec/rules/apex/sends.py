"""Stream sends from the domain itself and not from a subdomain.

Why it matters: reputation is per domain: what a campaign does to it hits the mail of people in the company and every other stream.
Do instead: give the stream a subdomain of its own, and leave the domain itself to people.
A warning for bulk mail; information for other kinds.
Source: M3AAWG sender best common practices; https://support.google.com/a/answer/81126
"""

from collections.abc import Iterator

from sendspec.model.domain import Domain
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.stream import Sender
from sendspec.rules.interface import Problem, Rule

LABELS = 2
"""A zone with more labels may itself be a subdomain, delegated, of a domain that the spec does not show."""


def find(setup: Setup) -> Iterator[Problem]:
    """Give each stream once, at the first of its senders on one of our own domains itself."""
    for stream in setup.streams:
        sender = next((sender for sender in stream.senders if _is_at_apex(setup, sender)), None)
        if sender is None:
            continue
        yield Problem(
            at=sender.origin,
            message=f"{stream.id}: {stream.kind} mail leaves from {sender.subdomain} itself, the name people write from",
            fix=f"move it to a subdomain, such as {stream.id}.{sender.subdomain}",
            severity=Severity.WARNING if stream.kind.is_bulk else Severity.INFO,
        )


def _is_at_apex(setup: Setup, sender: Sender) -> bool:
    domain = setup.index.domains.get(sender.subdomain)
    return domain is not None and domain.authority == "own" and _is_top(domain)


def _is_top(domain: Domain) -> bool:
    return bool(domain.mailboxes) or len(domain.name.split(".")) <= LABELS


RULE = Rule(id="apex-sends", severity=Severity.WARNING, find=find)
