"""Target's files leave out a route, a stream or a value of the app.

Why it matters: the settings load and work, so nobody reads the comment that says what is missing, until the fallback is needed or mail leaves under another stream.
Do instead: write what the finding names, give the stream to another app, or choose a target that can write it.
Source: what each target declares about its format
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule
from sendspec.targets.interface import LeftOut, load_target


def find(setup: Setup) -> Iterator[Problem]:
    """Give each thing that a target leaves out of an app; what is the same in several environments once."""
    for app in setup.apps:
        said: set[tuple[str, str]] = set()
        for each in app.expanded():
            place = app.origin.key("environments", each.environment) if each.environment else app.origin
            for target in each.targets:
                for left in load_target(target).leaves_out(each):
                    what = f"{_of_value(left)}{left.reason}"
                    if (target, what) not in said:
                        said.add((target, what))
                        yield Problem(
                            at=place.key("targets"),
                            message=f"{each.title}, {target}: {what}",
                            fix=left.fix,
                            related=_related(left),
                            severity=Severity.INFO if left.is_left_to_app else None,
                        )


def _of_value(left: LeftOut) -> str:
    """Give whose value it is and where the spec says it; empty for a route or a stream, which its reason names."""
    return f"{left.bindings[0].stream.id} ({left.at.to_text()}): " if left.at else ""


def _related(left: LeftOut) -> tuple[tuple[Origin, str], ...]:
    if left.at:
        return ((left.at, "the value"),)
    route = left.bindings[0].route
    return ((route.origin, f"the {route.role} route"),)


RULE = Rule(id="apps-target-leaves-out", severity=Severity.WARNING, find=find)
