"""How values are written in grafana.ini, so that Grafana's reader gives them back."""

import re

from sendspec.model.credential import Literal, Login

EXPANDED = re.compile(r"\$(|__\w+)\{[^}]+\}|%\([^)]+\)s")
"""What Grafana puts something else in place of, quoted or not: variables, and other keys of the file."""
PLAIN = re.compile(r"[A-Za-z0-9._+/:@-]+\Z")
CANONICAL = re.compile(r"[A-Z][A-Za-z0-9]*(-[A-Z][A-Za-z0-9]*)*\Z")
"""Header names that Grafana accepts; with another one it does not start."""


def ini(text: str) -> str:
    """Give a value. In three double quotes everything stands for itself up to the last three quotes of the line."""
    return text if PLAIN.match(text) else f'"""{text}"""'


def unsayable(text: str) -> str:
    """Say why a value cannot be written; empty when it can."""
    if not text.isprintable():
        return "it holds a character that cannot be seen, for which grafana.ini has no code"
    if EXPANDED.search(text):
        return "it holds ${...}, $__name{...} or %(...)s, in whose place Grafana would put something else"
    return ""


def login(value: Login) -> str:
    """Give what stands where a user name or password goes; Grafana takes that of a credential from the environment."""
    return ini(value.value) if isinstance(value, Literal) else f"$__env{{{value.env}}}"
