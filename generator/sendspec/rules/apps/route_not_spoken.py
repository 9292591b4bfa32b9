"""App is given a route in a protocol that it does not speak.

Why it matters: an app without an API client cannot send through an API at all, and the other way round.
Do instead: give its stream a route `via` what the app speaks, or put a relay between them (`through:`).
An error for the primary; a fallback that the app cannot use is a warning.
Source: sendspec: an app's `speaks:` is what its software can do
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each app and route that do not fit. An app that hands to a relay needs only what the relay takes."""
    for app in setup.apps:
        if app.through:
            continue
        for binding in app.bindings:
            route = binding.route
            if route.via in app.speaks:
                continue
            speaks = " and ".join(app.speaks)
            yield Problem(
                at=app.origin.key("speaks"),
                message=f"{app.id} speaks {speaks} only, but the {route.role} of {binding.stream.id} is {route.via}",
                related=((route.origin.key("via"), f"the {route.role} route"),),
                severity=Severity.ERROR if route.role is Role.PRIMARY else Severity.WARNING,
            )


RULE = Rule(id="apps-route-not-spoken", severity=Severity.ERROR, find=find)
