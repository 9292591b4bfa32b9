"""Apps that other apps hand their mail to."""

from sendspec.model.app import App
from sendspec.model.setup import Setup


def relay_of(app: App, setup: Setup) -> App:
    """Give the relay that an app goes `through`, in the app's environment if the relay has it, or else in production."""
    relay = next(each for each in setup.apps if each.id == app.through)
    return next((each for each in relay.variants if each.environment == app.environment), relay)
