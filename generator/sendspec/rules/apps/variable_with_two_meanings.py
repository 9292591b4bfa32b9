"""One environment variable of an app stands for two things.

Why it matters: a process has one value for a name, so one of the two logins gets the other's secret.
Do instead: give one of the credentials another `env:`.
Source: sendspec: an `env:` name means one reference within an app
"""

from collections.abc import Iterator

from sendspec.model.app import App, Variable
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each variable that has two meanings once, with the apps it does so in."""
    apps: dict[tuple[Variable, Variable], list[str]] = {}
    for app in setup.apps:
        for clash in dict.fromkeys(clash for each in app.expanded() for clash in _clashes(each)):
            apps.setdefault(clash, []).append(app.id)
    for (secret, other), app_ids in apps.items():
        yield Problem(
            at=_place(secret),
            message=f"{', '.join(app_ids)}: {secret.name} stands for {_what(secret)} and for {_what(other)}",
            related=((_place(other), _what(other)),),
        )


def _clashes(app: App) -> Iterator[tuple[Variable, Variable]]:
    """Give pairs of one name and two meanings, a secret first."""
    first: dict[str, Variable] = {}
    for variable in (variable for binding in app.bindings for variable in binding.variables):
        earlier = first.setdefault(variable.name, variable)
        if _meaning(earlier) != _meaning(variable):
            yield (variable, earlier) if variable.credential else (earlier, variable)


def _place(variable: Variable) -> Origin:
    return variable.credential.origin.key("env") if variable.credential else variable.origin


def _meaning(variable: Variable) -> tuple[str, str | None]:
    return (variable.credential.reference if variable.credential else "", variable.value)


def _what(variable: Variable) -> str:
    return f"the secret {variable.credential.id}" if variable.credential else f"the setting {variable.value}"


RULE = Rule(id="apps-variable-with-two-meanings", severity=Severity.ERROR, find=find)
