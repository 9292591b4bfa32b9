"""Routes as apps use them, with an app's own credentials, distance and process."""

from collections.abc import Iterator

from sendspec.model.route import Route
from sendspec.model.setup import Setup


def routes_in_use(setup: Setup) -> Iterator[Route]:
    """Give each route once for every app that uses it, then routes of no app as they stand."""
    used: set[str] = set()
    for app in setup.apps:
        for binding in app.esp_bindings():
            used.add(binding.route.id)
            yield binding.route
    yield from (route for _, route in setup.routes() if route.id not in used)
