"""Delivery that the app chose cannot carry one of its credentials.

Why it matters: the variable stays unset, so the app does not start, or logs in with nothing.
Do instead: keep the secret where this delivery reads (another `from:`), choose another `secrets:`, or set that one variable yourself.
Source: what each delivery declares about the references it can carry
"""

from collections.abc import Iterator

from sendspec.deliveries.interface import Delivery, delivery_ids, load_delivery
from sendspec.model.app import App
from sendspec.model.finding import Severity
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.rules.interface import Problem, Rule


def find(setup: Setup) -> Iterator[Problem]:
    """Give each place where a delivery is chosen once, with all credentials that it cannot carry there."""
    for app in setup.apps:
        reported: set[tuple[Origin, str]] = set()
        for each in app.expanded():
            delivery = load_delivery(each.secrets)
            for credential in each.credentials():
                at = _place(each, app)
                if credential.scheme in delivery.schemes or (at, credential.id) in reported:
                    continue
                reported.add((at, credential.id))
                yield Problem(
                    at=at,
                    message=f"{each.title}: {delivery.id} does not carry {credential.env}, kept at {credential.reference}",
                    fix=_fix(delivery, credential.scheme),
                    related=((credential.origin.key("from"), "where it is kept"),),
                )


def _place(app: App, production: App) -> Origin:
    """Give where the delivery is chosen: at the environment if it differs from the app's."""
    if app.secrets != production.secrets:
        return app.origin.key("environments", app.environment, "secrets")
    return app.origin.key("secrets")


def _fix(delivery: Delivery, scheme: str) -> str:
    taken = " or ".join(f"{each}://" for each in sorted(delivery.schemes))
    others = [other for other in delivery_ids() if scheme in load_delivery(other).schemes]
    return f"keep it at {taken}, or choose a `secrets:` that carries it: {', '.join(others)}"


RULE = Rule(id="apps-secret-not-deliverable", severity=Severity.WARNING, find=find)
