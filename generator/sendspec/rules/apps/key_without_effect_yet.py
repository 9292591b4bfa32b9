"""App uses a key that sendspec understands and does not act on yet.

Why it matters: what the key asks for is not in the files; nobody should believe it is.
Do instead: set it up by hand until a later version of sendspec does.
Source: the CHANGELOG of sendspec says which version acts on it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

FIX = "leave it in: a later version acts on it; set it up by hand until then"


def find(setup: Setup) -> Iterator[Problem]:
    """Give each reserved key that an app uses."""
    for app in setup.apps:
        if app.environments:
            named = ", ".join(app.environments)
            message = f"{app.id}: the environments {named} are read, and not rendered yet; the files are production's"
            yield Problem(at=app.origin.key("environments"), message=message, fix=FIX)
        if app.through:
            message = (
                f"{app.id}: its files lead to the ESPs themselves; handing mail to {app.through} is not rendered yet"
            )
            yield Problem(at=app.origin.key("through"), message=message, fix=FIX)


RULE = Rule(id="apps-key-without-effect-yet", severity=Severity.INFO, find=find)
