"""The tree: mappings, sequences and scalars, each with the place it was written at.

Lines and columns count from 1; `end_column` is exclusive and belongs to `end_line`. A place starts with an anchor or a
tag where there is one. Classes with slots instead of dataclasses: a spec of 10,000 domains has half a million of them.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias


class ScalarNode:
    """One value: `value` is str, int, float, bool or None."""

    __slots__ = ("column", "end_column", "end_line", "file", "line", "value")

    def __init__(self, value: Any, file: str, line: int, column: int, end_line: int, end_column: int) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column


class KeyNode(ScalarNode):
    """A key of a mapping: text, and the node of what stands at it."""

    __slots__ = ("item",)

    item: "Node"

    def leading_to(self, item: "Node") -> "KeyNode":
        """Give the same key, at the same place, with something else at it."""
        return key_at(self, self.value, item)


def key_at(place: "Node", text: str, item: "Node | None" = None) -> KeyNode:
    """Give a key at the place of another node. Without an item it has none yet."""
    key = KeyNode(text, place.file, place.line, place.column, place.end_line, place.end_column)
    if item is not None:
        key.item = item
    return key


class MappingNode:
    """Keys in the order written, by their text.

    `dropped` holds what a flaw kept out of `items` (the value of a repeated key, a key that is no text): nobody reads
    it, but a secret in it must be masked all the same.
    """

    __slots__ = ("column", "dropped", "end_column", "end_line", "file", "items", "line")

    def __init__(self, file: str, line: int, column: int) -> None:
        self.items: dict[str, KeyNode] = {}
        self.dropped: Sequence[Node] = ()
        self.file = file
        self.line = self.end_line = line
        self.column = self.end_column = column


class SequenceNode:
    """Entries in the order written."""

    __slots__ = ("column", "end_column", "end_line", "file", "items", "line")

    def __init__(self, file: str, line: int, column: int) -> None:
        self.items: list[Node] = []
        self.file = file
        self.line = self.end_line = line
        self.column = self.end_column = column


Node: TypeAlias = MappingNode | SequenceNode | ScalarNode


def to_plain(node: Node) -> Any:
    """Give the same as dicts, lists and scalars. Recursion is safe: `parse` bounds the depth."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, MappingNode):
        return {text: to_plain(key.item) for text, key in node.items.items()}
    return [to_plain(item) for item in node.items]
