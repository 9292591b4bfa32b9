"""DMARC policy stands where no receiver looks.

Why it matters: for a From domain of more than eight labels receivers go from the name itself straight to its last seven labels, so a policy between them is never read.
Do instead: declare `dmarc:` on the From domain itself, or on a name of at most seven labels.
Source: RFC 9989 sections 4.10 and 5.1.8
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.alignment import parents
from sendspec.rules.interface import Problem, Rule

LABELS_AFTER_JUMP = 7


def find(setup: Setup) -> Iterator[Problem]:
    """Give each From domain whose only policies lie on names that the walk leaves out."""
    intents = {intent.name: intent for domain in setup.domains for intent in domain.dmarc}
    for stream in setup.streams:
        for sender in stream.senders:
            author = sender.mailbox.domain
            above = [intents[name] for name in parents(author) if name in intents]
            if author in intents or not above or len(above[-1].name.split(".")) <= LABELS_AFTER_JUMP:
                continue
            message = f"{stream.id}: receivers never read the policy at {above[-1].name} for mail from {author}"
            yield Problem(at=sender.origin, message=message, related=((above[-1].origin, "the policy"),))


RULE = Rule(id="dmarc-policy-never-found", severity=Severity.ERROR, find=find)
