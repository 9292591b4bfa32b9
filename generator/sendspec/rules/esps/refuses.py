"""ESP would refuse what the spec or the lock file asks of it.

Why it matters: the set-up stops half-way, or a record is published that the ESP has no say about.
Do instead: what the finding says; each comes from a limit or a rule of that ESP.
Source: the ESP's documentation, as its facts cite it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give what each ESP's own code refuses."""
    for refusal in setup.refusals:
        yield Problem(at=refusal.at, message=refusal.message, fix=refusal.fix)


RULE = Rule(id="esps-refuses", severity=Severity.ERROR, find=find)
