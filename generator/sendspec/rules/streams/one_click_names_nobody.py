"""One-click unsubscribe address is the same for every recipient.

Why it matters: the mailbox provider posts to it without a login or a cookie, so nothing else says who wants to leave.
Do instead: put a placeholder that the app fills into the address: `https://example.com/u/{token}`.
Source: RFC 8058 section 3.1
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each stream whose address has no placeholder."""
    for stream in setup.streams:
        url = stream.one_click_unsubscribe
        if url and "{" not in url:
            message = f"{stream.id}: {url} does not say who unsubscribes"
            yield Problem(at=stream.origin.key("unsubscribe", "one_click"), message=message)


RULE = Rule(id="streams-one-click-names-nobody", severity=Severity.WARNING, find=find)
