"""Ruby source for values, so that no value can end the string it stands in or run something."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from sendspec.model.credential import Credential

RubyValue: TypeAlias = "str | int | float | Symbol | Credential | Mapping[str, RubyValue] | tuple[RubyValue, ...]"
"""What a Ruby settings file holds. A credential is written as a call that reads the environment: `secret(name, kept_at)`."""

IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*\Z")


class Symbol(str):
    """A Ruby symbol, `:plain`; made of lower-case letters, digits and underscores."""

    __slots__ = ()


def ruby(value: RubyValue) -> str:
    """Give a Ruby expression for a value, on one line."""
    if isinstance(value, Symbol):
        return f":{value}"
    if isinstance(value, str):
        return ruby_string(value)
    if isinstance(value, Credential):
        return f"secret({ruby_string(value.env)}, {ruby_string(value.reference)})"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} {ruby(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, tuple):
        return "[" + ", ".join(ruby(item) for item in value) + "]"
    return str(value).lower()  # a number or a truth value


def ruby_string(text: str) -> str:
    """Give a double-quoted string literal. What is not printable is escaped, so that nobody is shown a lie."""
    return '"' + re.sub(r"#(?=[{$@])", r"\\#", "".join(map(_escaped, text))) + '"'


def _key(key: str) -> str:
    return f"{key}:" if IDENTIFIER.match(key) else f"{ruby_string(key)} =>"


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\u{{{ord(character):x}}}"
