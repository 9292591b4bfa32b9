"""App goes through itself, directly or by way of other apps.

Why it matters: no app of the circle hands the mail to an ESP, so it goes round until a server counts the hops and returns it.
Do instead: leave `through:` out at the app that talks to the ESPs.
Source: RFC 5321 section 6.3
"""

from collections.abc import Iterator, Mapping

from sendspec.model.app import App
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each app of a circle."""
    apps = {app.id: app for app in setup.apps}
    for app in setup.apps:
        path = _path(app, apps)
        if path[-1] == app.id:
            yield Problem(at=app.origin.key("through"), message=f"{app.id} goes through {', then '.join(path)}")


def _path(app: App, apps: Mapping[str, App]) -> list[str]:
    """Give the relays of an app in their order, up to the first that comes again; the last one is the app in a circle."""
    path: list[str] = [app.through]
    while (
        (through := apps[path[-1]].through if path[-1] in apps else "") and path[-1] != app.id and through not in path
    ):
        path.append(through)
    return path


RULE = Rule(id="apps-relay-in-circle", severity=Severity.ERROR, find=find)
