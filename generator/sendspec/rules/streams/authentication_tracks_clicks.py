"""Authentication stream tracks clicks.

Why it matters: tracking rewrites login and reset links to another host: scanners spend one-time links, recipients see phishing, and the ESP's logs hold the tokens.
Do instead: set `tracking: {clicks: false}` and drop `clicked` from the events.
Source: M3AAWG guidance on transactional mail; the ESPs' own advice (TRACK-01)
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Event, Setup, Stream, StreamKind
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each authentication stream whose links are rewritten."""
    for stream in setup.streams:
        if stream.kind is StreamKind.AUTHENTICATION and stream.tracks_clicks:
            message = f"{stream.id}: clicks are tracked in authentication mail"
            yield Problem(at=_cause(stream), message=message)


def _cause(stream: Stream) -> Origin:
    """Give the subscription that asks for clicks, else the tracking switch."""
    for route in stream.routes:
        if route.events and Event.CLICKED in route.events.types:
            return route.events.origin.key("types")
    return stream.origin.key("tracking", "clicks")


RULE = Rule(id="streams-authentication-tracks-clicks", severity=Severity.ERROR, find=find)
