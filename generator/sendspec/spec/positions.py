"""Key paths to places: what turns an `Origin` into file, line and column."""

from collections.abc import Mapping

from sendspec.model.finding import SourceSpan
from sendspec.model.origin import Document, Origin
from sendspec.spec.concealment import Region
from sendspec.spec.source_file import SourceFile
from sendspec.yaml_source import MappingNode, Node, Place, ScalarNode, SequenceNode

Reached = tuple[ScalarNode | None, Node | None, int]
"""How far a path exists: the key that led to the last node (None for an entry of a list or the whole document), that
node (None without a document), and how many parts of the path lead there."""


class Positions:
    """The trees of the merged spec and of the lock file, and the files they come from.

    `files` is keyed by the name that nodes carry; `first_file` names what to point at where nothing better is known.
    """

    def __init__(
        self, roots: Mapping[Document, Node | None], files: Mapping[str, SourceFile], first_file: Mapping[Document, str]
    ) -> None:
        self._roots = roots
        self._files = files
        self._first_file = first_file

    def span(self, origin: Origin, *, key: bool = False, label: str = "") -> SourceSpan:
        """Give the place of a value, or of its key.

        A mapping or a list in a mapping is shown by its key; what does not exist by the nearest key above it.
        """
        return self.span_at(self._place(origin, key=key, label=label))

    def span_at(self, place: Place) -> SourceSpan:
        """Give a place of a file with its excerpt, secrets masked."""
        source = self._files.get(place.file)
        excerpt = source.excerpt(place.line) if source else ""
        return SourceSpan(place.file, place.line, place.column, place.end_column, excerpt, place.label)

    def file_and_line(self, origin: Origin) -> tuple[str, int]:
        """Give the file, relative to the spec folder, with forward slashes, and the line, counted from 1."""
        node = self._node(origin)
        name, line = (node.file, node.line) if node else (self._first_file[origin.document], 1)
        source = self._files.get(name)
        return source.relative if source else name, line

    def exists(self, origin: Origin) -> bool:
        """Tell whether the document says anything at exactly this path."""
        _, node, depth = self._walk(origin)
        return node is not None and depth == len(origin.path)

    def has_secret(self, origin: Origin, *, key: bool = False) -> bool:
        """Tell whether the scalar (or the key) there holds a secret of a known shape, so that nothing of it may be quoted."""
        source, region = self._region(origin, key=key)
        return source is not None and region is not None and source.has_secret(region)

    def is_hidden(self, origin: Origin, *, key: bool = False) -> bool:
        """Tell whether the scalar (or the key) there stands where a secret may stand, so that no message may quote it."""
        source, region = self._region(origin, key=key)
        return source is not None and region is not None and source.is_hidden(region)

    def _region(self, origin: Origin, *, key: bool) -> tuple[SourceFile | None, Region | None]:
        key_node, value, depth = self._walk(origin)
        if depth < len(origin.path):
            return None, None
        node = key_node if key else value
        if not isinstance(node, ScalarNode):
            return None, None
        return self._files.get(node.file), Region(node.line, node.column, node.end_line, node.end_column)

    def _walk(self, origin: Origin) -> Reached:
        """Follow a path from the root as far as it exists."""
        key: ScalarNode | None = None
        node = self._roots.get(origin.document)
        if node is None:
            return None, None, 0
        for depth, part in enumerate(origin.path):
            found = node.get(part) if isinstance(node, MappingNode) else None
            if found is not None:
                key, node = found, found.item
            elif isinstance(part, int) and isinstance(node, SequenceNode) and part < len(node.items):
                key, node = None, node.items[part]
            else:
                return key, node, depth
        return key, node, len(origin.path)

    def _node(self, origin: Origin, *, key: bool = False) -> Node | None:
        """Give the node to point at for a value or its key; None where not a single key was found."""
        key_node, node, depth = self._walk(origin)
        if node is None or depth == 0:
            return None
        is_missing = depth < len(origin.path)
        is_empty = isinstance(node, ScalarNode) and (node.line, node.column) == (node.end_line, node.end_column)
        if key_node is not None and (key or is_missing or is_empty or not isinstance(node, ScalarNode)):
            return key_node
        return node

    def _place(self, origin: Origin, *, key: bool = False, label: str = "") -> Place:
        node = self._node(origin, key=key)
        if node is None:
            return Place(self._first_file[origin.document], 1, 1, 1, label)
        return Place(node.file, node.line, node.column, _end_column(node), label)


def _end_column(node: Node) -> int:
    """Give where to stop underlining on the first line of a node."""
    if node.end_line == node.line:
        return max(node.end_column, node.column + 1)
    if isinstance(node, MappingNode) and node.items:
        first = next(iter(node.items.values()))
        if first.line == node.line:
            return _end_column(first)
    return node.column + 1
