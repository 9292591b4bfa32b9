"""Route needs a credential that its account does not declare.

Why it matters: the app has nothing to log in with, so it sends nothing.
Do instead: declare it under the account's `credentials:`, with `from:` saying where it is kept, never the value.
Source: the ESP's page on authentication, as its endpoint cites it
"""

from collections.abc import Iterator

from sendspec.model.credential import Credential
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.route import Route
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each missing credential of an account once, with the routes that need it."""
    missing: dict[tuple[str, str], list[Route]] = {}
    for route in _as_used(setup):
        for name in route.endpoint.needs_credentials:
            if name not in _names_at_hand(setup, route):
                missing.setdefault((route.account, name), []).append(route)
    for (account_id, name), routes in sorted(missing.items()):
        account = setup.account(account_id)
        more = f" and {len(routes) - 1} more" if len(routes) > 1 else ""
        related: tuple[tuple[Origin, str], ...] = ((routes[0].origin.key("esp"), f"{routes[0].id}{more}"),)
        message = f"{account_id}: sending over {routes[0].via} needs the credential `{name}`"
        fix = f'add `{name}: {{from: "op://vault/item/field"}}` to esps.{account_id}.credentials'
        yield Problem(at=account.origin.key("credentials"), message=message, fix=fix, related=related)


def _as_used(setup: Setup) -> Iterator[Route]:
    """Give each route as every app uses it, with the app's own credentials; routes of no app as they stand."""
    used: set[str] = set()
    for app in setup.apps:
        for binding in app.esp_bindings():
            used.add(binding.route.id)
            yield binding.route
    yield from (route for _, route in setup.routes() if route.id not in used)


def _names_at_hand(setup: Setup, route: Route) -> set[str]:
    """Give the names of the account's credentials and of those the route or the app brings along."""
    names = {credential.name for credential in setup.account(route.account).credentials}
    for login in (route.endpoint.username, route.endpoint.password):
        if isinstance(login, Credential):
            names.add(login.name)
    return names


RULE = Rule(id="routes-missing-credential", severity=Severity.ERROR, find=find)
