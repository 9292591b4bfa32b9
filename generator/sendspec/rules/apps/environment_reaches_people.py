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
                at=at, message=f"{app.title}: its mail reaches people, with production's login at {', '.join(shared)}"
            )
        else:
            message = f"{app.title}: its mail reaches people, with credentials of its own"
            yield Problem(at=at, message=message, severity=Severity.WARNING)


def _shared(variant: App, setup: Setup) -> list[str]:
    """Give the accounts where an environment logs in as production does, in the order of their use."""
    production = next(app for app in setup.apps if app.id == variant.id)
    logins = {
        each.route.id: (each.route.endpoint.username, each.route.endpoint.password) for each in production.bindings
    }
    same = (
        each.account.id
        for each in variant.bindings
        if (each.route.endpoint.username, each.route.endpoint.password) == logins[each.route.id]
    )
    return list(dict.fromkeys(same))


RULE = Rule(id="apps-environment-reaches-people", severity=Severity.ERROR, find=find)
