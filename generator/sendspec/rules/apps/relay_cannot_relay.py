"""Relay app has no target that takes mail of other apps.

Why it matters: its files configure an app that sends, and nothing listens where the other app hands its mail.
Do instead: give the relay app a target that relays (the table in docs/targets.md says which).
Source: what each target declares about its format
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.targets.interface import Feature, load_target


def find(setup: Setup) -> Iterator[Problem]:
    """Give each relay app once, with the apps that go through it."""
    for relay in setup.apps:
        users = [app for app in setup.apps if app.through == relay.id]
        if users and not any(Feature.RELAY in load_target(target).expresses for target in relay.targets):
            yield Problem(
                at=relay.origin.key("targets"),
                message=f"{relay.id}: {' nor '.join(relay.targets)} takes no mail of {', '.join(app.id for app in users)}",
                related=tuple((app.origin.key("through"), "goes through it") for app in users),
            )


RULE = Rule(id="apps-relay-cannot-relay", severity=Severity.ERROR, find=find)
