"""JavaScript source for values, so that no value can end the string it stands in."""

import json
from collections.abc import Mapping
from typing import TypeAlias

from sendspec.model.credential import Credential

Value: TypeAlias = "str | int | float | Credential | Mapping[str, Value] | tuple[Value, ...]"
"""What the module holds. A credential is written as a call that reads the environment."""


def javascript(value: Value) -> str:
    """Give a JavaScript expression for a value, on one line."""
    if isinstance(value, str):
        return javascript_string(value)
    if isinstance(value, Credential):
        return f"secret({javascript_string(value.env)}, {javascript_string(value.reference)})"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{javascript_string(key)}: {javascript(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, tuple):
        return "[" + ", ".join(javascript(item) for item in value) + "]"
    return json.dumps(value)  # a number or a truth value


def javascript_string(text: str) -> str:
    """Give a double-quoted string literal. What is not printable is escaped: U+2028 ended a string before ES2019."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    """Escape as JSON does; JSON writes a character outside the basic plane as two halves, as JavaScript counts them."""
    return json.dumps(character, ensure_ascii=not character.isprintable())[1:-1]
