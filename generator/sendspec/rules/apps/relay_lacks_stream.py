"""App hands a stream to a relay app that does not send it.

Why it matters: the relay knows no route for these senders, so it refuses their mail, or sends it some other way, unsigned.
Do instead: add the stream to the relay app's `streams:`, or let this app send it itself.
Source: sendspec: a relay app sends what the apps that go `through:` it hand to it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each app with all streams that its relay lacks."""
    carried = {app.id: {binding.stream.id for binding in app.bindings} for app in setup.apps}
    for app in setup.apps:
        streams = dict.fromkeys(binding.stream.id for binding in app.bindings)
        missing = [stream for stream in streams if stream not in carried.get(app.through, streams)]
        if missing:
            yield Problem(
                at=app.origin.key("through"),
                message=f"{app.id}: {app.through} does not send {', '.join(missing)}",
                fix=f"add it to `apps.{app.through}.streams`",
            )


RULE = Rule(id="apps-relay-lacks-stream", severity=Severity.ERROR, find=find)
