"""Python source for values, so that no value can end the string it stands in."""

from collections.abc import Mapping
from typing import TypeAlias

from sendspec.model.credential import Credential

Value: TypeAlias = "str | int | float | Credential | Mapping[str, Value] | tuple[Value, ...]"
"""What a settings module holds. A credential is written as a call that reads the environment."""


def python(value: Value) -> str:
    """Give a Python expression for a value."""
    if isinstance(value, str):
        return python_string(value)
    if isinstance(value, Credential):
        return f"_secret({python_string(value.env)}, {python_string(value.reference)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{python_string(key)}: {python(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(python(item) for item in value) + "]"
    return repr(value)  # a number or a truth value


def python_string(text: str) -> str:
    """Give a double-quoted string literal. What is not printable is escaped, so that nobody is shown a lie."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the end of the basic plane
