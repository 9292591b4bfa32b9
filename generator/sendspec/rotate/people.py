"""Who has to do with credentials: the apps that send with them, and how a sentence names them."""

from collections.abc import Iterable, Sequence

from sendspec.model.credential import Credential
from sendspec.model.setup import Setup


def apps_of(setup: Setup, credentials: Iterable[Credential]) -> list[str]:
    """Give the ids of the apps that send with one of the credentials, sorted."""
    wanted = {each.id for each in credentials}
    found = set()
    for app in setup.apps:
        for binding in app.esp_bindings():
            endpoint = binding.route.endpoint
            logins = (each for each in (endpoint.username, endpoint.password) if isinstance(each, Credential))
            if any(each.id in wanted for each in logins):
                found.add(setup.carrier(app).id)
    return sorted(found)


def named(credentials: Sequence[Credential]) -> str:
    """Give the ids of credentials for a sentence."""
    ids = [each.id for each in credentials]
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]}"
