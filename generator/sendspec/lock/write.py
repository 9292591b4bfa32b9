"""The lock file as text: sorted, a line a value, so that a change of one value is a diff of one line."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

HEADER = """\
# What only the ESPs and foreign SPF owners can tell: issued values and SPF trees, dated. Public data only.
# Written by `sendspec pull` and `apply`, which keep these first lines of comments and no others.
"""
ORDER = ("version", "issued", "spf", "owned", "rotations")
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*\Z|[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
LOOKS_ELSE = re.compile(r"(?i:true|false|null|yes|no|on|off|y|n)\Z")
"""What YAML 1.1 or 1.2 reads as something other than text."""
SHORT = ("owned", "rotations")
"""Here the innermost mappings stand on one line each: there are as many as records."""
LAST = ("read", "since")
"""Days stand behind what they date."""
Data = Mapping[str, object]


def lock_text(contents: Data, header: str = HEADER) -> str:
    """Give the file. `contents` holds mappings, lists, text, numbers and truth values; empty sections are left out."""
    lines = [f"version: {contents.get('version', 1)}"]
    for section in ORDER[1:]:
        value = contents.get(section)
        if value or (section == "owned" and value is not None):
            lines += _entry(section, value, 0, is_short=section in SHORT)
    return header + "\n".join(lines) + "\n"


def header_of(text: str) -> str:
    """Give the comments that a lock file starts with; the usual ones for a file without any."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line + "\n")
    return "".join(lines) or HEADER


def _entry(key: str, value: object, depth: int, *, is_short: bool) -> Iterator[str]:
    indent = "  " * depth
    name = _scalar(key)
    if isinstance(value, Mapping) and value and not (is_short and _is_innermost(value)):
        yield f"{indent}{name}:"
        for inner in sorted(value, key=_place):
            yield from _entry(inner, value[inner], depth + 1, is_short=is_short)
    elif isinstance(value, Sequence) and not isinstance(value, str) and _is_deep(value):
        yield f"{indent}{name}:"
        for item in value:
            yield f"{indent}  - {_flow(item)}"
    else:
        yield f"{indent}{name}: {_flow(value)}"


def _place(key: str) -> tuple[bool, str]:
    return (key in LAST, key)


def _is_innermost(value: Data) -> bool:
    return not any(isinstance(inner, Mapping) for inner in value.values())


def _is_deep(items: Sequence[object]) -> bool:
    return any(isinstance(item, Mapping) for item in items)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(value[key])}" for key in sorted(value, key=_place)) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    """Give a value as YAML 1.1 and 1.2 both read it back; text that is more than a word is quoted as JSON quotes it."""
    if isinstance(value, str):
        if PLAIN.match(value) and not LOOKS_ELSE.match(value):
            return value
        return "".join(
            sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in json.dumps(value, ensure_ascii=False)
        )
    return json.dumps(value)
