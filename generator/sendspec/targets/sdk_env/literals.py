"""Source text for values in Python and JavaScript, so that no value can end the string it stands in."""

import json
from collections.abc import Callable, Mapping

from sendspec.esp.interface import OptionValue
from sendspec.model.credential import Credential

LAST_OF_BASIC_PLANE = 0xFFFF


def python(value: OptionValue) -> str:
    """Give a Python expression for a value. A credential is a call that reads the environment."""
    if isinstance(value, bool | float):
        return repr(value)
    return _expression(value, python, python_string, "_secret")


def javascript(value: OptionValue) -> str:
    """Give a JavaScript expression for a value. A credential is a call that reads the environment."""
    return _expression(value, javascript, javascript_string, "secret")


def _expression(
    value: OptionValue, nested: Callable[[OptionValue], str], quoted: Callable[[str], str], secret: str
) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Credential):
        return f"{secret}({quoted(value.env)}, {quoted(value.reference)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)}: {nested(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(nested(item) for item in value) + "]"
    return json.dumps(value)  # a number or a truth value


def python_string(text: str) -> str:
    """Give a double-quoted string literal. What is not printable is escaped, so that nobody is shown a lie."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= LAST_OF_BASIC_PLANE else f"\\U{code:08x}"


def javascript_string(text: str) -> str:
    """Give a double-quoted string literal. JSON writes a character outside the basic plane as two halves, as JavaScript does."""
    return '"' + "".join(json.dumps(each, ensure_ascii=not each.isprintable())[1:-1] for each in text) + '"'
