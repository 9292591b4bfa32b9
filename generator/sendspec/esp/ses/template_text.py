"""Text of a CloudFormation template: YAML with the short intrinsic functions and a comment above every resource.

The PyYAML emitter can place neither comments nor be told to spend no time on anchors and line folding, which a
template of thousands of identities would pay for. Only what a template is made of is written here: mappings, lists,
text, numbers and booleans.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_/:.=+-]*[A-Za-z0-9_/=+]\Z")
"""Text that every YAML reader takes for text without quotes, the words below aside."""

RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none"})
UNPRINTABLE = re.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]")
POINTLESS = re.compile(r"^(-?[0-9]+)e")
"""YAML 1.1, which CloudFormation reads, knows `1.0e+16` as a number and `1e+16` as text."""

INDENT = "  "
WIDTH = 118


@dataclass(frozen=True, slots=True)
class Function:
    """A call such as `!Ref Topic` or `!Sub "arn:…"`. `long` is its JSON name: `Ref`, `Fn::Sub`."""

    long: str
    argument: str

    @property
    def short(self) -> str:
        """Give the YAML tag."""
        return f"!{self.long.removeprefix('Fn::')}"


Node = Mapping[str, "Node"] | list["Node"] | str | int | float | bool | Function | None


def block(node: Node, depth: int) -> Iterator[str]:
    """Yield the lines of a mapping or a list at a depth of indentation."""
    start = INDENT * depth
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _entry(f"{start}{scalar(key)}:", value, depth)
    elif isinstance(node, list):
        for value in node:
            yield from _item(start, value, depth)


def comment(text: str, depth: int) -> Iterator[str]:
    """Yield a text as comment lines, wrapped; a line break or any other control character cannot leave the comment."""
    start = f"{INDENT * depth}#"
    line = start
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH and line != start:
            yield line
            line = start
        line += f" {''.join(character for character in word if character.isprintable())}"
    yield line


def scalar(value: str | float | bool | Function | None) -> str:
    """Give a single value: text quoted as JSON wherever a YAML reader could see anything but text."""
    if isinstance(value, Function):
        return f"{value.short} {scalar(value.argument)}"
    if isinstance(value, str) and PLAIN.match(value) and value.lower() not in RESERVED and ": " not in value:
        return value
    if isinstance(value, float):
        return POINTLESS.sub(r"\1.0e", repr(value))
    # JSON text is YAML text (YAML 1.2 section 1.3), but for pairs of surrogates and what YAML does not take as it is
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _entry(start: str, value: Node, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        if not value:
            yield f"{start} {'{}' if isinstance(value, Mapping) else '[]'}"
            return
        yield start
        yield from block(value, depth + 1)
        return
    yield f"{start} {scalar(value)}"


def _item(start: str, value: Node, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping | list) and value:
        lines = list(block(value, depth + 1))
        yield f"{start}- {lines[0].lstrip()}"
        yield from lines[1:]
        return
    if isinstance(value, Mapping | list):
        yield f"{start}- {'{}' if isinstance(value, Mapping) else '[]'}"
        return
    yield f"{start}- {scalar(value)}"
