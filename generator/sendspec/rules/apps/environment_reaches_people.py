"""Mail of an environment other than production reaches people.

Why it matters: a test run over a copy of production's data writes to every customer, and bounces and complaints count against production.
Do instead: `mail: sandbox` (the ESP delivers none of it) or `mail: catcher`. Where real mail is meant, give the environment credentials of its own for every account, and accept the warning that is left.
An error with production's credentials, or through a relay that has no such environment; a warning with credentials of its own.
Source: sendspec: only the environment `production` writes to people
"""

from collections.abc import Iterator
from itertools import chain

from sendspec.model.app import App
from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Mail
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.logins import login_parts


def find(setup: Setup) -> Iterator[Problem]:
    """Give each environment once, with what it shares with production."""
    environments = {app.id: app.environments for app in setup.apps}
    for app in chain.from_iterable(each.variants for each in setup.apps):
        if app.mail is not Mail.REAL:
            continue
        at = app.origin.key("environments", app.environment, "mail")
        if app.through:
            if app.environment not in environments[app.through]:
                yield Problem(
                    at=at, message=f"{app.title}: its mail reaches people through {app.through}, as production's does"
                )
            continue
        shared = _shared(app, setup)
        if shared:
            yield Problem(
                at=at,
                message=f"{app.title}: its mail reaches people, without a login of its own at {', '.join(shared)}",
            )
        else:
            message = f"{app.title}: its mail reaches people, with credentials of its own"
            yield Problem(at=at, message=message, severity=Severity.WARNING)


def _shared(variant: App, setup: Setup) -> list[str]:
    """Give the accounts where an environment has no whole login of its own, in the order of their use.

    A route without credentials takes what its machine brings, for all that the spec says the same as in production.
    """
    production = next(app for app in setup.apps if app.id == variant.id)
    used = {part for each in production.bindings for part in login_parts(each.route.endpoint)}
    found: dict[str, None] = {}
    for binding in variant.bindings:
        parts = login_parts(binding.route.endpoint)
        if not parts or used.intersection(parts):
            found[binding.account.id] = None
    return list(found)


RULE = Rule(id="apps-environment-reaches-people", severity=Severity.ERROR, find=find)
