"""App is given a route in a protocol that it does not speak.

Why it matters: an app without an API client cannot send through an API at all, and the other way round.
Do instead: give its stream a route `via` what the app speaks, or put a relay between them (`through:`).
An error for the primary; a fallback that the app cannot use is a warning. A relay takes SMTP.
Source: sendspec: an app's `speaks:` is what its software can do
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each app and route that do not fit."""
    for app in setup.apps:
        for binding in app.bindings:
            route = binding.route
            if route.via in app.speaks:
                continue
            speaks = " and ".join(app.speaks)
            what, place = (
                f"the {route.role} of {binding.stream.id}",
                (route.origin.key("via"), f"the {route.role} route"),
            )
            if app.through:
                what, place = f"the way through {app.through}", (route.origin, "the relay")
            yield Problem(
                at=app.origin.key("speaks"),
                message=f"{app.id} speaks {speaks} only, but {what} is {route.via}",
                related=(place,),
                severity=Severity.ERROR if route.role is Role.PRIMARY else Severity.WARNING,
            )


RULE = Rule(id="apps-route-not-spoken", severity=Severity.ERROR, find=find)
