"""Which credentials send what."""

from collections.abc import Mapping

from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.route import Route
from sendspec.model.setup import Setup


def routes_as_used(setup: Setup, account: Account) -> tuple[Route, ...]:
    """Give the routes through an account as they are declared and as each app uses them, with a login of its own maybe.

    In the order of the setup; a route that an app uses as it is comes once.
    """
    declared = {route.id: route for _, route in setup.routes() if route.account == account.id}
    used = [binding.route for app in setup.apps for binding in app.esp_bindings() if binding.route.id in declared]
    found = list(declared.values())
    found += [route for route in used if _login(route) != _login(declared[route.id])]
    return tuple(found)


def logins_in_use(setup: Setup, account: Account) -> Mapping[tuple[Credential, ...], tuple[str, ...]]:
    """Give the streams that each login of an account sends, sorted; a login is its credentials, user name first."""
    found: dict[tuple[Credential, ...], set[str]] = {}
    for route in routes_as_used(setup, account):
        login = _login(route)
        if login:
            found.setdefault(login, set()).add(route.stream)
    return {login: tuple(sorted(streams)) for login, streams in found.items()}


def credentials_of(setup: Setup, account: Account) -> tuple[Credential, ...]:
    """Give every credential of an account, each once: those it declares, and those of routes and apps."""
    in_use = (credential for login in logins_in_use(setup, account) for credential in login)
    found = {credential.id: credential for credential in (*account.credentials, *account.manage, *in_use)}
    return tuple(found.values())


def _login(route: Route) -> tuple[Credential, ...]:
    """Give the credentials of a route's login; a token that is both user and password comes once."""
    parts = (route.endpoint.username, route.endpoint.password)
    return tuple(dict.fromkeys(part for part in parts if isinstance(part, Credential)))
