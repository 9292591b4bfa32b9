"""SMTP route leads to a region without an SMTP endpoint.

Why it matters: the host name does not exist, so the app cannot connect.
Do instead: send over the API there, or use an account in a region that has SMTP.
Source: the ESP's list of SMTP endpoints, as its facts cite it
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Support, Via
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each SMTP route whose region is documented to have none; an unconfirmed region is no breach."""
    for stream, route in setup.routes():
        if route.via is not Via.SMTP or route.endpoint.smtp_support is not Support.NO:
            continue
        region = setup.account(route.account).region
        where = region.id if region else "its region"
        related = ((region.origin, "the region"),) if region else ()
        message = f"{stream.id}: {route.account} is in {where}, where {setup.account(route.account).title} has no SMTP"
        fix = f"write `via: api` here, or choose a `region:` for {route.account} that has SMTP"
        yield Problem(at=route.origin.key("via"), message=message, fix=fix, related=related)


RULE = Rule(id="routes-no-smtp-in-region", severity=Severity.ERROR, find=find)
