"""From address lies outside the stream's subdomain.

Why it matters: the ESP knows and signs for the subdomain only: it refuses the message, or DMARC fails for its From.
Do instead: write a From address on the subdomain, or leave `subdomain` out so that it follows `from`.
Source: RFC 9989 section 4.4
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each stream with such senders once, at the first of them."""
    for stream in setup.streams:
        outside = [
            sender
            for sender in stream.senders
            if sender.mailbox.domain != sender.subdomain and not sender.mailbox.domain.endswith(f".{sender.subdomain}")
        ]
        if outside:
            sender = outside[0]
            more = f" (and {len(outside) - 1} more)" if len(outside) > 1 else ""
            message = f"{stream.id}: From is at {sender.mailbox.domain}, the subdomain is {sender.subdomain}{more}"
            related = ((stream.origin.key("subdomain"), "the stream's subdomain"),)
            yield Problem(at=sender.origin, message=message, related=related)


RULE = Rule(id="streams-from-outside-subdomain", severity=Severity.ERROR, find=find)
