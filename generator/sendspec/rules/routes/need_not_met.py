"""Route cannot do what its stream needs.

Why it matters: a template kept at the ESP cannot be sent over plain SMTP or by another ESP, so that mail does not exist on this route; other needs are silently not met.
Do instead: change the route's `via` or its ESP, or drop the need and do it in the app: render there, keep a list of what was sent, schedule there.
An error when the primary lacks templates or its whole protocol, else a warning.
Source: the ESP's documents, as its capabilities cite them; RFC 1047 for idempotency over SMTP
"""

from collections.abc import Iterator

from sendspec.model.account import Account
from sendspec.model.finding import Severity
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.model.stream import Stream
from sendspec.model.vocabulary import Capability, Need, Role, Via
from sendspec.need_support import unmet_needs
from sendspec.rules.interface import Problem, Rule

PROTOCOLS = {Via.SMTP: Capability.SMTP, Via.API: Capability.API}


def find(setup: Setup) -> Iterator[Problem]:
    """Give each route with everything it lacks."""
    for stream, route in setup.routes():
        account = setup.account(route.account)
        if PROTOCOLS[route.via] not in account.capabilities:
            message = f"{stream.id}: {account.title} offers no {route.via.upper()}"
            yield Problem(at=route.origin.key("via"), message=message, severity=_severity(route, is_vital=True))
            continue
        unmet = unmet_needs(stream.needs, route.via, account)
        if unmet:
            yield Problem(
                at=route.origin.key("via"),
                message=f"{stream.id}: the {route.role} over {account.title}'s {route.via.upper()} lacks {_listed(unmet)}",
                fix=_fix(stream, route, account, unmet),
                related=((stream.origin.key("needs"), "what the stream needs"),),
                severity=_severity(route, is_vital=Need.TEMPLATES in unmet),
            )


def _severity(route: Route, *, is_vital: bool) -> Severity:
    return Severity.ERROR if is_vital and route.role is Role.PRIMARY else Severity.WARNING


def _fix(stream: Stream, route: Route, account: Account, unmet: tuple[Need, ...]) -> str:
    if route.via is Via.SMTP and not unmet_needs(stream.needs, Via.API, account):
        if route.role is Role.PRIMARY:
            return f"write `via: api`: {account.title}'s API has what SMTP lacks"
        return f"let the app do without {_listed(unmet)} on this route, or write `via: api`"
    return ""


def _listed(needs: tuple[Need, ...]) -> str:
    return " and ".join(needs) if len(needs) < 3 else f"{', '.join(needs[:-1])} and {needs[-1]}"  # noqa: PLR2004 - grammar


RULE = Rule(id="routes-need-not-met", severity=Severity.ERROR, find=find)
