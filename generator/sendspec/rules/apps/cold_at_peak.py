"""App opens a new SMTP connection for each message, at a peak that wants a pool.

Why it matters: a new connection costs 8 to 12 round trips, so the peak needs many times the connections, and ESPs answer 421 to so many at once.
Do instead: keep connections open (`process: pooled`, a relay in between), or send over the API.
From 100,000 an hour; `advice.pool_from_per_hour` changes it.
Source: https://nodemailer.com/smtp/pooled; https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-throughput-problems.html
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each cold app and SMTP route whose declared peak is above the line."""
    limit = setup.thresholds.pool_from_per_hour.value
    for app in setup.apps:
        for binding in app.bindings if app.is_cold and not app.through else ():
            peak, route = binding.stream.volume.peak_per_hour or 0, binding.route
            if route.via is Via.SMTP and peak >= limit:
                message = f"{app.id}: {binding.stream.id} sends {peak:,} an hour over new connections, {route.delivery.connections:,} at once"
                related = ((binding.stream.origin.key("volume"), "the declared peak"),)
                yield Problem(at=app.origin.key("process"), message=message, related=related)


RULE = Rule(id="apps-cold-at-peak", severity=Severity.WARNING, find=find)
