"""One spelling that every dotenv reader and a shell read back as the same value.

Each reader has its own idea of quotes, `#`, `$` and backslashes, so only what all of them agree on is written.
"""

import re

SAFE = re.compile(r"[A-Za-z0-9._+/=:@,-]+\Z")
"""Characters that mean nothing to any reader, so they need no quotes."""


def unsayable(value: str) -> str | None:
    """Say why a value has no spelling that all readers share; None when it has one.

    Seen by running python-dotenv 1.2, django-environ 0.14, dotenv 18 and dotenvx 2.38 for Node, Node 24, phpdotenv 5.4,
    symfony/dotenv 5.4, dotenv 2.4 for Ruby, dash and bash 5.2 on 2026-11-26.
    """
    if not value:
        return "it is empty"
    if any(not character.isprintable() for character in value):
        return "it holds a line end or another control character"
    if "'" in value:
        return "it holds a single quote, and inside single quotes there is no escape that all readers share"
    if "${" in value:
        return "it holds ${, which python-dotenv expands even inside single quotes"
    if "\\\\" in value or value.endswith("\\"):
        return "it holds two backslashes together or ends in one, which python-dotenv takes for an escape"
    return None


def quote(value: str) -> str:
    """Give a value as it stands behind the `=`. Only for values that `unsayable` lets through."""
    return value if SAFE.match(value) else f"'{value}'"
