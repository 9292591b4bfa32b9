"""Authentication stream tracks clicks.

Why it matters: tracking rewrites login and reset links to another host: scanners spend one-time links, recipients see phishing, and the ESP's logs hold the tokens.
Do instead: set `tracking: {clicks: false}` and drop `clicked` from the events.
Source: M3AAWG guidance on transactional mail; the ESPs' own advice
"""

from collections.abc import Iterator

from sendspec.model.account import Account
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Capability, Event, StreamKind
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each authentication stream whose links are rewritten: as it says itself, or with all mail of an account."""
    for stream in setup.streams:
        if stream.kind is not StreamKind.AUTHENTICATION:
            continue
        if stream.tracks_clicks:
            yield Problem(at=_cause(stream), message=f"{stream.id}: clicks are tracked in authentication mail")
            continue
        for route in stream.routes:
            tracker = _tracker_beside(setup, setup.account(route.account))
            if tracker:
                yield Problem(
                    at=route.origin.key("esp"),
                    message=f"{stream.id}: {route.account} tracks clicks in all its mail, because {tracker.id} asks for it",
                    fix="send authentication mail through an account whose streams track no clicks",
                    related=((tracker.origin, "tracks clicks"),),
                )


def _tracker_beside(setup: Setup, account: Account) -> Stream | None:
    """Give a stream of the account that tracks clicks, where the ESP cannot switch tracking by stream or message."""
    if Capability.TRACKING_SWITCH in account.capabilities:
        return None
    streams = (setup.stream(stream_id) for stream_id in account.streams)
    return next((stream for stream in streams if stream.tracks_clicks), None)


def _cause(stream: Stream) -> Origin:
    """Give the subscription that asks for clicks, else the tracking switch."""
    for route in stream.routes:
        if route.events and Event.CLICKED in route.events.types:
            return route.events.origin.key("types")
    return stream.origin.key("tracking", "clicks")


RULE = Rule(id="streams-authentication-tracks-clicks", severity=Severity.ERROR, find=find)
