"""Stream sends from a domain of a free-mail provider.

Why it matters: nobody but the provider can sign for its domain, so the mail fails DMARC; many providers ask for it to be
junked or refused, and mailbox providers do so by themselves where the address is a well-known one.
Do instead: send from a domain of your own, and put the person's address into Reply-To.
Source: RFC 9989 section 4.4; https://support.google.com/a/answer/81126
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.free_mail import is_free_mail
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each sender on or below such a domain."""
    for stream in setup.streams:
        for sender in stream.senders:
            if is_free_mail(sender.mailbox.domain):
                message = f"{stream.id}: {sender.mailbox.address} belongs to a free-mail provider"
                yield Problem(at=sender.origin, message=message)


RULE = Rule(id="domains-free-mail-sender", severity=Severity.WARNING, find=find)
