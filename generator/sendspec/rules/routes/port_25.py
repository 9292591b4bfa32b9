"""Route submits on port 25.

Why it matters: port 25 is for mail between servers: clouds block or throttle it and office networks redirect it, so mail hangs in one place and flows in another.
Do instead: leave `port` out (required STARTTLS on 587), or use 465 with `tls: implicit` where the ESP serves it.
Source: RFC 6409 section 3.1; RFC 8314 section 3.3; https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule

SERVER_TO_SERVER = 25


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route on port 25."""
    for stream, route in setup.routes():
        if route.endpoint.port == SERVER_TO_SERVER:
            message = f"{stream.id}: {route.account} is used on port 25, which many networks block"
            yield Problem(at=route.origin.key("port"), message=message)


RULE = Rule(id="routes-port-25", severity=Severity.WARNING, find=find)
