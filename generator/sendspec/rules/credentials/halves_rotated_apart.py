"""The two halves of one login are rotated at different times.

Why it matters: user name and password are made together (an SES SMTP password belongs to its access-key id), so between the two dates the app logs in with halves that do not fit: 535, and no mail.
Do instead: write `rotate_every` on one of them only, or the same on both.
Source: https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.logins import logins_in_use


def find(setup: Setup) -> Iterator[Problem]:
    """Give each login whose parts declare different intervals."""
    for login in logins_in_use(setup):
        first, last = login.parts[0], login.parts[-1]
        intervals = (first.rotate_every_seconds, last.rotate_every_seconds)
        if None not in intervals and len(set(intervals)) > 1:
            message = f"{first.id} and {last.id} are one login, but have different `rotate_every`"
            related = ((first.origin.key("rotate_every"), "the other half"),)
            yield Problem(at=last.origin.key("rotate_every"), message=message, related=related)


RULE = Rule(id="credentials-halves-rotated-apart", severity=Severity.WARNING, find=find)
