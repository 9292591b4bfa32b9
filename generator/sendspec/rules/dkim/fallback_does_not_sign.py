"""Fallback ESP does not sign for the stream's subdomain.

Why it matters: on the day it is needed its mail is unsigned, and forwarding breaks the SPF leg that is left.
Do instead: let the account sign (`settings.dkim`) and publish its keys now, before the day it is needed.
Source: RFC 9989 section 8
"""

from collections.abc import Iterator

from sendspec.model.finding import Severity
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Role
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each fallback route whose account has no signing domain for the stream."""
    for stream, route in setup.routes():
        if route.role is not Role.FALLBACK:
            continue
        unsigned = [
            subdomain
            for subdomain in stream.subdomains
            if (identity := setup.identity(route.account, subdomain)) and identity.signing_domain is None
        ]
        if unsigned:
            message = f"{stream.id}: the fallback {route.account} does not sign for {_first_of(unsigned)}"
            account = setup.account(route.account)
            yield Problem(
                at=route.origin.key("esp"),
                message=message,
                related=((account.origin.key("settings", "dkim"), "signing is switched off here"),),
            )


def _first_of(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


RULE = Rule(id="dkim-fallback-does-not-sign", severity=Severity.ERROR, find=find)
