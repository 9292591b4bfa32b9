"""Values in a Compose file: strings in double quotes, secrets taken from the environment of `docker compose`."""

from sendspec.model.credential import Literal, Login
from sendspec.targets.quoted_text import double_quoted


def compose_value(text: str) -> str:
    """Give a string. A `$` would start a variable, quoted or not, so it is doubled."""
    return double_quoted(text.replace("$", "$$"))


def compose_login(login: Login | None) -> str:
    """Give what stands where a user name or a password goes; Compose stops when a credential's variable is not set."""
    if login is None:
        return '""'
    return compose_value(login.value) if isinstance(login, Literal) else f'"${{{login.env}:?is not set}}"'
