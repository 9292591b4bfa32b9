"""What every delivery asks of an app's credentials: which it carries, how a reference is taken apart, what is said of others."""

from collections.abc import Iterable

from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.targets.app_notes import kept_at


def carried(app: App, schemes: Iterable[str]) -> tuple[tuple[Credential, ...], tuple[Credential, ...]]:
    """Give an app's credentials in two: those kept where a delivery reads, and the others."""
    wanted = frozenset(schemes)
    credentials = app.credentials()
    return (
        tuple(each for each in credentials if each.scheme in wanted),
        tuple(each for each in credentials if each.scheme not in wanted),
    )


def path_and_key(credential: Credential) -> tuple[str, str]:
    """Give where a secret is and which of its keys is meant: `prod/mail/ses` and `password`; the key may be empty."""
    path, _, key = credential.place.partition("#")
    return path, key


def not_set(credential: Credential, reason: str) -> str:
    """Say of a credential that a file leaves out where it is kept instead."""
    return f"{credential.env} is not set here: {kept_at(credential)}; {reason}"
