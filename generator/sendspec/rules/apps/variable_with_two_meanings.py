"""One environment variable of an app stands for two things.

Why it matters: a process has one value for a name, so one of the two logins gets the other's secret.
Do instead: give one of the credentials another `env:`.
Source: sendspec: an `env:` name means one reference within an app
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import App, Setup, Variable
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each variable of each app that has two meanings, once."""
    for app in setup.apps:
        yield from _clashes(app)


def _clashes(app: App) -> Iterator[Problem]:
    first: dict[str, Variable] = {}
    reported: set[str] = set()
    for variable in (variable for binding in app.bindings for variable in binding.variables):
        earlier = first.setdefault(variable.name, variable)
        if _meaning(earlier) == _meaning(variable) or variable.name in reported:
            continue
        reported.add(variable.name)
        secret, other = (variable, earlier) if variable.credential else (earlier, variable)
        yield Problem(
            at=secret.credential.origin.key("env") if secret.credential else secret.origin,
            message=f"{app.id}: {variable.name} stands for {_what(secret)} and for {_what(other)}",
            related=((other.credential.origin.key("env") if other.credential else other.origin, _what(other)),),
        )


def _meaning(variable: Variable) -> tuple[str, str | None]:
    return (variable.credential.reference if variable.credential else "", variable.value)


def _what(variable: Variable) -> str:
    return f"the secret {variable.credential.id}" if variable.credential else f"the setting {variable.value}"


RULE = Rule(id="apps-variable-with-two-meanings", severity=Severity.ERROR, find=find)
