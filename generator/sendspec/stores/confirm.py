"""A value that was written is read back: only what the store gives out again is kept."""

from collections.abc import Callable, Mapping
from time import sleep

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.interface import Surroundings

WAITS_SECONDS = (0.0, 0.2, 0.5, 1.0)
"""Before each look. Some stores answer from a copy that lags a little behind: of Parameter Store and Secrets Manager nothing
says that they do not."""


def confirm(
    read: Callable[[str, Surroundings], Secret | Unresolved], rest: str, secret: Secret, surroundings: Surroundings
) -> Unresolved | None:
    """Give None when the store gives out this value, else what is wrong. Line ends around it do not count."""
    found: Secret | Unresolved = Secret("")
    for seconds in WAITS_SECONDS:
        sleep(seconds)
        found = read(rest, surroundings)
        if isinstance(found, Secret) and found.reveal().strip("\r\n") == secret.reveal():
            return None
    if isinstance(found, Unresolved):
        return Unresolved(f"it was written and cannot be read back: {found.reason}", found.fix)
    return Unresolved(
        "it was written, and what is there now is another value",
        "see who else writes it; nothing may change a credential beside sendspec while it is rotated",
    )


def confirm_all(
    read: Callable[[str, Surroundings], Secret | Unresolved], values: Mapping[str, Secret], surroundings: Surroundings
) -> Unresolved | None:
    """Give None when the store gives out all of these values, else what is wrong with the first that it does not."""
    problems = (confirm(read, rest, secret, surroundings) for rest, secret in values.items())
    return next((problem for problem in problems if problem is not None), None)
