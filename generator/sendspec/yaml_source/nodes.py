"""The tree: mappings, sequences and scalars, each with the place it was written at.

Lines and columns count from 1; `end_column` is exclusive and belongs to `end_line`. A place starts with an anchor or a
tag where there is one. A spec of 10,000 domains has half a million nodes, and all of them stay, for any may have to be
pointed at: so they are kept in columns of numbers, 30 octets a node, and become objects when somebody looks at them.
"""

from array import array
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

SCALAR, MAPPING, SEQUENCE, ALIAS = range(4)
NO_TEXT = "?"
"""What stands for a key that is a list or a mapping."""
LARGE = 200
"""From so many nodes on, a mapping that is searched gets a table of its keys."""


class Tree:
    """The nodes of one file, in the order written.

    A mapping or a sequence is followed by all that is in it; its `sizes` counts it with them. In a mapping, keys and
    values take turns. `values` has the value of a scalar, and of an alias the node it stands for. `repeated` has the
    keys that their mapping has already; `has_dropped` says whether there is any, or a key that is a list or a mapping.
    """

    __slots__ = (
        "_tables",
        "columns",
        "end_columns",
        "end_lines",
        "file",
        "has_dropped",
        "kinds",
        "lines",
        "repeated",
        "sizes",
        "values",
    )

    def __init__(self, file: str) -> None:
        self.file = file
        self.kinds = bytearray()
        self.lines, self.columns, self.end_lines, self.end_columns, self.sizes = (array("I") for _ in range(5))
        self.values: list[Any] = []
        self.repeated: set[int] = set()
        self.has_dropped = False
        self._tables: dict[int, dict[str, int]] = {}

    def writer(self) -> Callable[[int, Any, int, int, int, int], int]:
        """Give a function that writes a node behind all others, and gives its number.

        It takes kind, value, line, column, end line and end column. It runs half a million times, so it looks for nothing.
        """
        values = self.values
        add_kind, add_value, add_size = self.kinds.append, values.append, self.sizes.append
        add_line, add_column = self.lines.append, self.columns.append
        add_end_line, add_end_column = self.end_lines.append, self.end_columns.append

        def write(kind: int, value: Any, line: int, column: int, end_line: int, end_column: int) -> int:
            add_kind(kind)
            add_value(value)
            add_line(line)
            add_column(column)
            add_end_line(end_line)
            add_end_column(end_column)
            add_size(1)
            return len(values) - 1

        return write

    def target(self, at: int) -> int:
        """Give the node that an alias stands for; any other stands for itself."""
        return int(self.values[at]) if self.kinds[at] == ALIAS else at

    def node(self, at: int) -> "Node":
        """Give a node as an object."""
        kind = self.kinds[at]
        if kind == SCALAR:
            return ScalarNode(self, at)
        if kind == ALIAS:
            return self.node(self.values[at])
        return MappingNode(self, at) if kind == MAPPING else SequenceNode(self, at)

    def text(self, key: int) -> str:
        """Give the text of a key, also of one that is something else to YAML."""
        value = self.values[key]
        if type(value) is str:
            return value
        if self.kinds[key] != SCALAR:
            return NO_TEXT
        return "" if value is None else str(value).lower()

    def pairs(self, mapping: int) -> Iterator[tuple[int, int]]:
        """Give the numbers of each key of a mapping and of what stands at it, repeated ones too."""
        sizes, at = self.sizes, mapping + 1
        end = mapping + sizes[mapping]
        while at < end:
            key, item = at, at + sizes[at]
            at = item + sizes[item]
            yield key, item

    def entries(self, sequence: int) -> Iterator[int]:
        """Give the numbers of the entries of a sequence."""
        at, end = sequence + 1, sequence + self.sizes[sequence]
        while at < end:
            yield at
            at += self.sizes[at]

    def key(self, key: int, item: int) -> "KeyNode":
        """Give a key as an object. One that is no text is where the list or mapping is that was written for it."""
        return KeyNode(self, self.target(key), self.node(item))

    def find(self, mapping: int, text: str) -> "KeyNode | None":
        """Give the key of this text, None where a mapping has none."""
        if self.sizes[mapping] < LARGE:
            for key, item in self.pairs(mapping):
                if self.text(key) == text and key not in self.repeated:
                    return self.key(key, item)
            return None
        table = self._tables.get(mapping)
        if table is None:
            keys = (key for key, _ in self.pairs(mapping) if key not in self.repeated)
            table = self._tables[mapping] = {self.text(key): key for key in keys}
        at = table.get(text)
        return None if at is None else self.key(at, at + self.sizes[at])

    def plain(self, at: int) -> Any:
        """Give a node as dicts, lists and scalars. Recursion is safe: `parse` bounds the depth."""
        kind = self.kinds[at]
        if kind == SCALAR:
            return self.values[at]
        if kind == ALIAS:
            return self.plain(self.values[at])
        kinds, values, sizes, plain = self.kinds, self.values, self.sizes, self.plain
        end, at = at + sizes[at], at + 1
        if kind == SEQUENCE:
            entries = []
            while at < end:
                entries.append(values[at] if kinds[at] == SCALAR else plain(at))
                at += sizes[at]
            return entries
        found = {}
        while at < end:
            item = at + sizes[at]
            if at not in self.repeated:
                text = values[at]
                found[text if type(text) is str else self.text(at)] = (
                    values[item] if kinds[item] == SCALAR else plain(item)
                )
            at = item + sizes[item]
        return found


class _Placed:
    """What every node has: its tree, its number there, and its place."""

    __slots__ = ("at", "tree")

    def __init__(self, tree: Tree, at: int) -> None:
        self.tree = tree
        self.at = at

    @property
    def file(self) -> str:
        """Give the name of the file it was written in."""
        return self.tree.file

    @property
    def line(self) -> int:
        """Give its first line."""
        return self.tree.lines[self.at]

    @property
    def column(self) -> int:
        """Give its first column."""
        return self.tree.columns[self.at]

    @property
    def end_line(self) -> int:
        """Give its last line."""
        return self.tree.end_lines[self.at]

    @property
    def end_column(self) -> int:
        """Give the column after its last one."""
        return self.tree.end_columns[self.at]


class ScalarNode(_Placed):
    """One value."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """Give the value: str, int, float, bool or None."""
        return self.tree.values[self.at]


class KeyNode(ScalarNode):
    """A key of a mapping: text, and the node of what stands at it."""

    __slots__ = ("item",)

    def __init__(self, tree: Tree, at: int, item: "Node") -> None:
        self.tree = tree
        self.at = at
        self.item = item

    @property
    def value(self) -> str:
        """Give its text."""
        return self.tree.text(self.at)

    def leading_to(self, item: "Node") -> "KeyNode":
        """Give the same key, at the same place, with something else at it."""
        return KeyNode(self.tree, self.at, item)


class MappingNode(_Placed):
    """Keys in the order written, by their text: as the file has them, or put together from several places."""

    __slots__ = ("_own",)

    def __init__(self, tree: Tree, at: int, own: dict[str, KeyNode] | None = None) -> None:
        self.tree = tree
        self.at = at
        self._own = own

    @classmethod
    def nowhere(cls) -> "MappingNode":
        """Give an empty mapping that nobody wrote."""
        tree = Tree("")
        return cls(tree, tree.writer()(MAPPING, None, 1, 1, 1, 1), {})

    def holding(self, own: dict[str, KeyNode]) -> "MappingNode":
        """Give a mapping at the same place with other keys. `items` of the new one is this very dict."""
        return MappingNode(self.tree, self.at, own)

    @property
    def items(self) -> dict[str, KeyNode]:
        """Give the keys by their text, without those that were repeated."""
        if self._own is not None:
            return self._own
        tree = self.tree
        pairs = tree.pairs(self.at)
        if not tree.has_dropped:  # then every key is a scalar, and none is there twice
            return {tree.text(key): KeyNode(tree, key, tree.node(item)) for key, item in pairs}
        return {tree.text(key): tree.key(key, item) for key, item in pairs if key not in tree.repeated}

    def get(self, text: object) -> KeyNode | None:
        """Give the key of this text, without making all the others. None where there is none."""
        if not isinstance(text, str):
            return None
        return self.tree.find(self.at, text) if self._own is None else self._own.get(text)

    @property
    def dropped(self) -> tuple["Node", ...]:
        """Give what a flaw kept out of `items`: the value of a repeated key, a key that is no text.

        Nobody reads it, but a secret in it must be masked all the same.
        """
        if self._own is not None or not self.tree.has_dropped:
            return ()
        tree, found = self.tree, list[Node]()
        for key, item in tree.pairs(self.at):
            if tree.kinds[key] != SCALAR:
                found.append(tree.node(key))
            if key in tree.repeated:
                found.append(tree.node(item))
        return tuple(found)

    def plain(self) -> dict[str, Any]:
        """Give the same as dicts, lists and scalars."""
        if self._own is None:
            found: dict[str, Any] = self.tree.plain(self.at)
            return found
        return {text: to_plain(key.item) for text, key in self._own.items()}


class SequenceNode(_Placed):
    """Entries in the order written: as the file has them, or put together from several places."""

    __slots__ = ("_own",)

    def __init__(self, tree: Tree, at: int, own: list["Node"] | None = None) -> None:
        self.tree = tree
        self.at = at
        self._own = own

    def holding(self, own: list["Node"]) -> "SequenceNode":
        """Give a sequence at the same place with other entries."""
        return SequenceNode(self.tree, self.at, own)

    @property
    def items(self) -> list["Node"]:
        """Give the entries."""
        return [self.tree.node(at) for at in self.tree.entries(self.at)] if self._own is None else self._own

    def plain(self) -> list[Any]:
        """Give the same as dicts, lists and scalars."""
        if self._own is None:
            found: list[Any] = self.tree.plain(self.at)
            return found
        return [to_plain(item) for item in self._own]


Node: TypeAlias = MappingNode | SequenceNode | ScalarNode


def to_plain(node: Node) -> Any:
    """Give the same as dicts, lists and scalars."""
    return node.value if isinstance(node, ScalarNode) else node.plain()
