"""Plain scalars by the core schema of YAML 1.2.2 (section 10.3.2): what is a number, a truth value, nothing, or text."""

import re
from collections.abc import Callable
from typing import Any

NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"[-+]?[0-9]+\Z"), int),
    (re.compile(r"0o[0-7]+\Z"), lambda text: int(text, 0)),
    (re.compile(r"0x[0-9a-fA-F]+\Z"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"), float),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z"), lambda text: float(text.replace(".", ""))),
)
WORDS: dict[str, Any] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
MAY_BE_NUMBER = frozenset("+-.0123456789")
MAX_DIGITS = 300
"""A longer number is left as text: no count has so many digits, and reading one takes quadratic time."""

CORE_TAGS: dict[str, tuple[type, ...]] = {
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:float": (float, int),
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:null": (type(None),),
}
TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
"""`!` is the non-specific tag: it makes a plain scalar text."""


def resolve(text: str) -> Any:
    """Give the value of a plain scalar: str, int, float, bool or None."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in MAY_BE_NUMBER or len(text) > MAX_DIGITS:
        return text
    for pattern, read in NUMBERS:
        if pattern.match(text):
            return read(text)
    return text


def fits(tag: str, value: Any) -> bool:
    """Tell whether a resolved value is what its explicit core tag says."""
    expected = CORE_TAGS[tag]
    return isinstance(value, expected) and (not isinstance(value, bool) or bool in expected)
