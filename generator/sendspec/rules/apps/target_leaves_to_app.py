"""Target leaves failover or retries to the app.

Why it matters: a library that knows neither gives up at the first failure, so the fallback is there and nobody uses it.
Do instead: write the few lines in the app, with the numbers that the target's file carries, or hand the mail to a relay (`through:`), which queues, retries and fails over.
Source: what each target declares about its format; RFC 5321 section 4.5.4.1
"""

from collections.abc import Iterator

from sendspec.model.app import App
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule
from sendspec.targets.interface import Feature, load_target

WORDS = {
    Feature.FAILOVER: "change to the fallback",
    Feature.RETRY: "try again",
    Feature.POOL: "keep connections open",
    Feature.RATE: "limit the rate",
}


def find(setup: Setup) -> Iterator[Problem]:
    """Give each app and target once, with all that is left to the app. An app that hands to a relay needs none of it."""
    for app in setup.apps:
        for target in () if app.through else app.targets:
            missing = sorted(wanted_features(app) - load_target(target).expresses)
            if missing:
                wanted = " or ".join(WORDS[feature] for feature in missing)
                yield Problem(
                    at=app.origin.key("targets"),
                    message=f"{app.id}: {target} cannot {wanted} by itself; its file says how the app does",
                )


def wanted_features(app: App) -> frozenset[Feature]:
    """Give what this app's routes want: a pool and a rate only where one connection at a time is not enough."""
    wanted = {Feature.RETRY}
    if any(binding.route.role is Role.FALLBACK for binding in app.bindings):
        wanted.add(Feature.FAILOVER)
    if any(binding.route.delivery.connections > 1 for binding in app.bindings if binding.stream.volume.peak_per_second):
        wanted |= {Feature.POOL, Feature.RATE}
    return frozenset(wanted)


RULE = Rule(id="apps-target-leaves-to-app", severity=Severity.INFO, find=find)
