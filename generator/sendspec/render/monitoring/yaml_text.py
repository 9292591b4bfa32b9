"""YAML as Prometheus, its exporters and Kubernetes read it, with comments between the entries.

A YAML library's writer has no place for comments, and its bytes depend on whether libyaml is there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

Node = Mapping[str, "Node"] | Sequence["Node"] | str | int
"""Text, whole numbers and booleans; text is text wherever a YAML 1.1 reader could see something else."""

PLAIN = re.compile(r"(?:[A-Za-z_/][A-Za-z0-9_./-]*|[0-9]+[smh])\Z")
WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
"""YAML 1.1 reads these as booleans and null, whatever their case (https://yaml.org/type/bool.html)."""
ESCAPES = {'"': '\\"', "\\": "\\\\", "\r": "\\r", "\n": "\\n", "\t": "\\t"}
INDENT = "  "


def block(node: Node, depth: int) -> Iterator[str]:
    """Give the lines of a mapping or a list at a depth of indentation. An empty one is for whoever holds it."""
    start = INDENT * depth
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _held(f"{start}{scalar(key)}:", value, depth + 1)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for value in node:
            lines = list(_held(f"{start}-", value, depth + 1))
            if lines[0] == f"{start}-":  # the first entry of what an item holds stands beside its dash
                lines[:2] = [f"{start}- {lines[1].lstrip()}"]
            yield from lines


def scalar(value: str | int) -> str:
    """Give a single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if PLAIN.match(value) and value.lower() not in WORDS:
        return value
    if value.isascii() and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _held(start: str, value: Node, depth: int) -> Iterator[str]:
    if isinstance(value, str | int):
        yield f"{start} {scalar(value)}"
    elif not value:
        yield f"{start} {'{}' if isinstance(value, Mapping) else '[]'}"
    elif isinstance(value, Sequence) and all(isinstance(each, int) for each in value):
        yield f"{start} [{', '.join(scalar(each) for each in value if isinstance(each, int))}]"
    else:
        yield start
        yield from block(value, depth)


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    return character if character.isascii() and character.isprintable() else f"\\U{ord(character):08x}"
