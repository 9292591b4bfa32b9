"""pydantic's errors in words that people who write specs understand, each with a cure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from sendspec.model.spec_rule import SpecRule
from sendspec.spec import syntax
from sendspec.spec.model_fields import choices_at, keys_at
from sendspec.spec.suggest import suggest

NOT_SHOWN = "(the value is not shown)"
"""Ends a message that is about a value and does not quote it."""

EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
}
TRUTH_WORDS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
PATTERNS = {
    r"^[A-Z_][A-Z0-9_]*$": (
        "the name of an environment variable",
        "use capital letters, digits and underscores, as in MAIL_API_KEY",
    ),
    syntax.NAME_PATTERN: ("a name", "use lower-case letters, digits and inner hyphens, at most 63"),
}
BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What to tell about one error. `at_key` points at the key rather than at the value."""

    rule: SpecRule
    message: str
    fix: str
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Where an error is: the model that was validated, what its root is called, and the path below it.

    `hides` says that the value must not be quoted, `hides_key` the same of its key.
    """

    model: type[BaseModel]
    root: str
    path: tuple[str | int, ...]
    hides: bool
    hides_key: bool = False

    @property
    def name(self) -> str:
        """Give what people call the value: its key, with the index for an entry of a list."""
        indexes, names = "", list(self.path)
        while names and isinstance(names[-1], int):
            indexes = f"[{names.pop()}]{indexes}"
        if self.hides_key and names:
            names[-1] = "…"
        return f"{names[-1] if names else self.root}{indexes}"


def describe(error: ErrorDetails, context: Context) -> Wording:
    """Give rule, message and cure for one error of pydantic."""
    kind, value = error["type"], error["input"]
    details: dict[str, Any] = error.get("ctx", {})
    if kind == "extra_forbidden":
        wording = _unknown_key(context)
    elif kind == "missing":
        wording = _missing_key(context)
    elif kind in EXPECTED:
        wording = _wrong_type(EXPECTED[kind], value, context)
    elif kind in {"enum", "literal_error"}:
        wording = _no_choice(value, context)
    elif kind in BOUNDS:
        wording = _out_of_bounds(kind, value, details, context)
    elif kind == "string_pattern_mismatch":
        what, fix = PATTERNS.get(details["pattern"], ("of the right form", f"it has to match {details['pattern']}"))
        wording = Wording(SpecRule.BAD_VALUE, f"{_quoted(value, context)} is not {what}", fix)
    elif kind in {"string_too_short", "too_short"}:
        wording = _too_short(kind, details, context)
    else:
        wording = _own_words(error, details, context)
    return wording


def _out_of_bounds(kind: str, value: object, details: dict[str, Any], context: Context) -> Wording:
    bound, words = BOUNDS[kind]
    message = f"`{context.name}` must be {words} {details[bound]}, not {_quoted(value, context)}"
    return Wording(SpecRule.BAD_VALUE, message, f"write a number that is {words} {details[bound]}")


def _too_short(kind: str, details: dict[str, Any], context: Context) -> Wording:
    if kind == "string_too_short":
        return Wording(SpecRule.BAD_VALUE, f"`{context.name}` is empty", "write something, or leave it out")
    least, given = details["min_length"], details["actual_length"]
    message = f"`{context.name}` has {given or 'no'} entries, it needs at least {least}"
    return Wording(SpecRule.BAD_VALUE, message, "write it as a list, as in [a, b]")


def _own_words(error: ErrorDetails, details: dict[str, Any], context: Context) -> Wording:
    """Take the message of a validator of ours, or of a plug-in's model."""
    message = str(details.get("message") or error["msg"].removeprefix("Value error, "))
    fix = str(details.get("fix", ""))
    if context.hides and not message.endswith(NOT_SHOWN):
        message, fix = f"`{context.name}` does not have the right form {NOT_SHOWN}", ""
    return Wording(SpecRule.BAD_VALUE, message, fix or "correct it, or leave it out")


def _unknown_key(context: Context) -> Wording:
    key, parent = str(context.path[-1]), context.path[:-1]
    choices = keys_at(context.model, parent)
    if context.hides_key:
        message = f"{_place(parent, context)} has an unknown key {NOT_SHOWN.replace('value', 'key')}"
        return Wording(SpecRule.UNKNOWN_KEY, message, suggest("", choices) or "remove it", at_key=True)
    message = f"`{key}` is not a key of {_place(parent, context)}"
    return Wording(SpecRule.UNKNOWN_KEY, message, suggest(key, choices) or "remove it", at_key=True)


def _missing_key(context: Context) -> Wording:
    key, parent = str(context.path[-1]), context.path[:-1]
    choices = choices_at(context.model, context.path)
    fix = f"write `{key}: {choices[0]}`" if len(choices) == 1 else f"write `{key}:` below it"
    if len(choices) > 1:
        fix += f" with one of: {', '.join(choices)}"
    return Wording(SpecRule.MISSING_KEY, f"{_place(parent, context)} has no `{key}`", fix, at_key=True)


def _place(path: Sequence[str | int], context: Context) -> str:
    if not path:
        return context.root
    return f"`{Context(context.model, context.root, tuple(path), hides=False).name}`"


def _wrong_type(expected: str, value: object, context: Context) -> Wording:
    message = f"`{context.name}` must be {expected}, not {_seen(value, context)}"
    return Wording(SpecRule.WRONG_TYPE, message, _cure(expected, value, context))


def _cure(expected: str, value: object, context: Context) -> str:
    plain = "" if context.hides or isinstance(value, dict | list) or value is None else _written(value)
    cure = f"write {expected}, or leave the key out"
    if expected == "text" and plain:
        cure = f'put it in quotes: "{plain}"'
    elif expected == "a whole number" and re.fullmatch(r"[0-9]+", plain):
        cure = f"leave out the quotes: {plain}"
    elif expected == "a whole number" and isinstance(value, float) and value.is_integer():
        cure = f"write it as {int(value)}"
    elif expected == "true or false":
        cure = f"write {TRUTH_WORDS.get(plain.lower(), 'true or false')}, without quotes"
    elif expected == "a list" and plain:
        cure = f"write it as a list: [{plain}]"
    elif expected == "a mapping":
        cure = "write its keys below it, indented, as in `key: value`"
    return cure


def _no_choice(value: object, context: Context) -> Wording:
    choices = choices_at(context.model, context.path)
    if isinstance(value, str):
        message = f"{_quoted(value, context)} is nothing that `{context.name}` can be"
        return Wording(SpecRule.BAD_VALUE, message, suggest(value, choices) or "leave it out")
    listed = f"{'one of ' if len(choices) > 1 else ''}{', '.join(choices)}"
    message = f"`{context.name}` must be {listed}, not {_seen(value, context)}"
    return Wording(SpecRule.BAD_VALUE, message, f"write {' or '.join(choices[:2])}")


def _seen(value: object, context: Context) -> str:
    if value is None:
        return "nothing"
    for kind, word in ((dict, "a mapping"), (list, "a list")):
        if isinstance(value, kind):
            return word
    word = {bool: "the truth value", int: "the number", float: "the number"}.get(type(value), "the text")
    if context.hides:
        return f"{word} given"
    return f'{word} "{value}"' if isinstance(value, str) else f"{word} {_written(value)}"


def _quoted(value: object, context: Context) -> str:
    return "the value given" if context.hides else f"`{_written(value)}`"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
