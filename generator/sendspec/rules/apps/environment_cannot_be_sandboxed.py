"""Environment's mail cannot be kept from people in the way the spec asks for.

Why it matters: the files leave the route out, so that nothing goes out by mistake, and the environment cannot send.
Do instead: `mail: catcher` (any SMTP route can be caught), or `credentials:` of an account or a server that is a sandbox itself.
An error for a primary route; a warning for a fallback.
Source: what each ESP documents about sending without delivering; docs/esps.md
"""

from collections.abc import Iterator
from itertools import chain

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route that an environment cannot use."""
    for app in chain.from_iterable(each.expanded() for each in setup.apps):
        for binding in app.bindings:
            if binding.problem:
                yield Problem(
                    at=app.origin.key("environments", app.environment, "mail"),
                    message=f"{app.title}: the {binding.route.role} of {binding.stream.id} is left out; {binding.problem}",
                    related=((binding.route.origin, f"the {binding.route.role} route"),),
                    severity=Severity.ERROR if binding.route.role is Role.PRIMARY else Severity.WARNING,
                )


RULE = Rule(id="apps-environment-cannot-be-sandboxed", severity=Severity.ERROR, find=find)
