"""Mail of an environment other than production reaches people.

Why it matters: a test run over a copy of production's data writes to every customer, and bounces and complaints count against production.
Do instead: `mail: sandbox` (the ESP delivers none of it; over SMTP with credentials that are a sandbox's) or `mail: catcher` with a catcher's host. Give a relay's environment a `listens:` of its own. Where real mail is meant, give the environment credentials of its own for every account, and accept the warning that is left.
An error with production's credentials, at the address of production's relay or of an ESP or a mailbox provider, and through a relay that has no such environment; a warning with credentials of its own.
Source: sendspec: only the environment `production` writes to people
"""

from collections.abc import Iterator
from itertools import chain

from sendspec.model.app import App
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.private_network import is_this_machine
from sendspec.model.route import Endpoint
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Mail
from sendspec.rules.interface import Problem, Rule
from sendspec.rules.logins import login_parts, production_references, rests_on_login
from sendspec.rules.public_hosts import owner_of
from sendspec.rules.relays import relay_of


def find(setup: Setup) -> Iterator[Problem]:
    """Give each environment once, with what it shares with production."""
    for app in chain.from_iterable(each.variants for each in setup.apps):
        if app.through and app.mail is Mail.REAL and relay_of(app, setup).environment != app.environment:
            message = f"{app.title}: its mail reaches people through {app.through}, as production's does"
            yield Problem(at=_at(app, "mail"), message=message)
        elif near := _near_endpoint(app):
            yield from _find_address(app, near, setup)
        else:
            yield from _find_login(app, setup)


def _at(app: App, key: str) -> Origin:
    return app.origin.key("environments", app.environment, key)


def _near_endpoint(app: App) -> Endpoint | None:
    """Give the relay's or the catcher's endpoint where an app hands its mail to one; it is the same for all streams."""
    return next((each.route.endpoint for each in app.bindings if not (each.account.is_esp or each.problem)), None)


def _find_address(app: App, endpoint: Endpoint, setup: Setup) -> Iterator[Problem]:
    """Give an environment whose relay or catcher is, by its address, one that delivers."""
    at = _at(app, "catcher" if app.mail is Mail.CATCHER else "mail")
    address = (endpoint.host, endpoint.port)
    relay = next((each for each in setup.apps if (each.listens.host, each.listens.port) == address), None)
    if relay and not is_this_machine(endpoint.host):
        yield Problem(
            at=at,
            message=f"{app.title}: its mail reaches people, {relay.id} of production listens at {endpoint.host}:{endpoint.port}",
            fix=_other_address(app),
            related=((relay.listens.origin, "where production's relay listens"),),
        )
    elif owner := owner_of(endpoint.host):
        message = f"{app.title}: its mail reaches people, {endpoint.host} is a server of {owner}"
        yield Problem(at=at, message=message, fix=_other_address(app))


def _other_address(app: App) -> str:
    if app.mail is Mail.CATCHER:
        return "name the host of a program that delivers nothing, such as Mailpit"
    return f"write another address in `apps.{app.through}.environments.{app.environment}.listens`"


def _find_login(app: App, setup: Setup) -> Iterator[Problem]:
    """Give an environment that talks to ESPs with a login that lets them deliver."""
    shared = ", ".join(_shared(app, setup))
    if app.mail is Mail.REAL:
        how = f"without a login of its own at {shared}" if shared else "with credentials of its own"
        severity = None if shared else Severity.WARNING
        yield Problem(at=_at(app, "mail"), message=f"{app.title}: its mail reaches people, {how}", severity=severity)
    elif shared:
        yield Problem(
            at=_at(app, "mail"),
            message=f"{app.title}: its mail reaches people, it has production's login at {shared} for a sandbox's",
            fix="let `from:` of these credentials name where those of a sandbox are kept, or write `mail: catcher`",
        )


def _shared(variant: App, setup: Setup) -> list[str]:
    """Give the accounts where nothing but a login could keep mail apart, and does not, in the order of their use.

    A login is another one if no part of it is kept where a part of production's is. A route without credentials takes
    what its machine brings, for all that the spec says the same as in production.
    """
    used = production_references(setup)
    found: dict[str, None] = {}
    for binding in variant.bindings:
        if binding.problem or (variant.mail is Mail.SANDBOX and not rests_on_login(binding)):
            continue
        parts = login_parts(binding.route.endpoint)
        if not parts or used.intersection(part.reference for part in parts):
            found[binding.account.id] = None
    return list(found)


RULE = Rule(id="apps-environment-reaches-people", severity=Severity.ERROR, find=find)
