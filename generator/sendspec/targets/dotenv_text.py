"""One spelling that every dotenv reader and a shell read back as the same value.

Each reader has its own idea of quotes, `#`, `$` and backslashes, so only what all of them agree on is written.
"""

import re
from collections.abc import Callable

from sendspec.targets.app_notes import hash_comment

SAFE = re.compile(r"[A-Za-z0-9._+/=:@,-]+\Z")
"""Characters that mean nothing to any reader, so they need no quotes."""

WAY_OUT = (
    "write it in the spec without that, or give the app a target whose format holds it: `docker-env` or `systemd-env` where it"
    " is one line, `kubernetes` always"
)
"""What to do about a value that has no spelling here."""
UNSAYABLE: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda value: not value, "it is empty"),
    (lambda value: not value.isprintable(), "it holds a line end or another control character"),
    (
        lambda value: "'" in value,
        "it holds a single quote, and inside single quotes there is no escape that all readers share",
    ),
    (lambda value: "${" in value, "it holds ${, which python-dotenv expands even inside single quotes"),
    (
        lambda value: "\\\\" in value or value.endswith("\\"),
        "it holds two backslashes together or ends in one, which python-dotenv takes for an escape",
    ),
    (lambda value: '="' in value, 'it holds =", which phpdotenv takes for the start of a value of several lines'),
    (
        lambda value: value[0] == value[-1] == '"',
        "it stands in double quotes itself, which django-environ takes off even inside single quotes",
    ),
)
"""Values that some reader would misread, and why.

Seen by running python-dotenv 1.2, django-environ 0.14, dotenv 18 and dotenvx 2.38 for Node, Node 24, phpdotenv 5.4,
symfony/dotenv 5.4, dotenv 2.4 for Ruby, dash and bash 5.2 on 2026-11-26.
"""


def unsayable(value: str) -> str | None:
    """Say why a value has no spelling that all readers share; None when it has one."""
    return next((reason for is_misread, reason in UNSAYABLE if is_misread(value)), None)


def comment(text: object) -> str:
    """Give text as comment lines; phpdotenv looks for the start of a value of several lines in comments too."""
    return hash_comment(text).replace('="', "=<U+0022>")


def quote(value: str) -> str:
    """Give a value as it stands behind the `=`. Only for values that `unsayable` lets through."""
    return value if SAFE.match(value) else f"'{value}'"
