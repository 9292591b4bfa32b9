"""From name has no record at all.

Why it matters: receivers refuse a From domain that does not resolve, and `np` of the policy above applies to your own mail.
Do instead: let an ESP sign for it or take its bounces below it, or give it an MX; write `receives: true` if it has one.
Source: RFC 9989 sections 3.2.13 and 4.7
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.alignment import parents
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.receiving import Receivers


def find(setup: Setup) -> Iterator[Problem]:
    """Give each From name of ours where neither we nor, as far as the spec says, anybody else has a record."""
    receivers = Receivers(setup)
    existing = {above for name in _names(setup) for above in (name, *parents(name))}
    for stream in setup.streams:
        for sender in stream.senders:
            name = sender.mailbox.domain
            if name not in existing and receivers.takes_mail(name) is False:
                yield Problem(at=sender.origin, message=f"{stream.id}: nothing stands at {name} or below it")


def _names(setup: Setup) -> Iterator[str]:
    """Give every name with a record, pending ones included."""
    yield from (rrset.name for _, rrset in setup.rrsets())
    yield from (record.name for record in setup.pending())


RULE = Rule(id="dmarc-from-name-exists-nowhere", severity=Severity.INFO, find=find)
