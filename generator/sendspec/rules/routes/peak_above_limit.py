"""Route cannot carry its stream's peak.

Why it matters: more messages are in flight at the peak than the ESP takes at once, so mail waits, or is refused with 421 or 429.
Do instead: send in batches over the API, spread the peak, or ask the ESP for a higher limit.
Counted by Little's law: messages a second times seconds a message, at the slow end of the latency range.
Source: the ESP's published limits, as its facts cite them
"""

from collections.abc import Iterator

from sendspec.capacity import in_flight
from sendspec.model.finding import Severity
from sendspec.model.limits import Limits
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Via
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.routes_in_use import routes_in_use


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route once whose peak is above a published limit, as the first app uses it that is too much."""
    reported: set[str] = set()
    for route in routes_in_use(setup):
        excess = _excess(route, setup.account(route.account).limits)
        if excess and route.id not in reported:
            reported.add(route.id)
            stream = setup.stream(route.stream)
            yield Problem(
                at=route.origin.key("via"),
                message=f"{stream.id}: the peak needs {excess}",
                related=((stream.origin.key("volume"), "the declared volume"),),
            )


def _excess(route: Route, limits: Limits) -> str:
    peak = route.delivery.peak_per_second
    if peak is None:
        return ""
    if route.via is Via.SMTP:
        wanted = in_flight(peak, route.delivery.seconds_per_message)[1]
        allowed, what = limits.max_connections, "SMTP connections"
    else:
        wanted = route.delivery.rate_per_second
        allowed, what = limits.requests_per_second, "calls a second"
    if allowed is None or wanted <= allowed.value:
        return ""
    return f"{wanted:,} {what} at {route.account}, which allows {allowed.value:,}"


RULE = Rule(id="routes-peak-above-limit", severity=Severity.WARNING, find=find)
