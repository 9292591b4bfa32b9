"""Marketing or lifecycle stream has no one-click unsubscribe.

Why it matters: Gmail and Yahoo require it of subscribed mail and refuse or junk what lacks it; recipients report it as spam instead.
Do instead: add `unsubscribe: {one_click: "https://..."}`, an address that takes a POST without login or redirect.
An error for marketing; a warning for lifecycle mail, of which some is asked for by the person's own action. Transactional mail needs none.
Source: RFC 8058 section 3; https://support.google.com/a/answer/81126
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import StreamKind
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each bulk stream without the address."""
    for stream in setup.streams:
        if stream.kind.is_bulk and not stream.one_click_unsubscribe:
            severity = Severity.ERROR if stream.kind is StreamKind.MARKETING else Severity.WARNING
            message = f"{stream.id}: {stream.kind} mail without one-click unsubscribe"
            yield Problem(at=stream.origin.key("kind"), message=message, severity=severity)


RULE = Rule(id="streams-marketing-without-one-click", severity=Severity.ERROR, find=find)
