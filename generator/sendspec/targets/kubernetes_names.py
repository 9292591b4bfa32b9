"""What an app's objects are called in Kubernetes: the target writes some of them, a delivery of secrets another."""

from sendspec.model.app import App


def config_map_name(app: App) -> str:
    """Give the name of the ConfigMap with everything that is no secret: `shop-mail`, `shop-staging-mail`."""
    return f"{_base(app)}-mail"


def secret_name(app: App) -> str:
    """Give the name of the Secret with a key for each variable that holds a credential: `shop-mail-secrets`."""
    return f"{_base(app)}-mail-secrets"


def _base(app: App) -> str:
    return f"{app.id}-{app.environment}" if app.environment else app.id
