"""Key paths to places: what turns an `Origin` into file, line and column."""

from collections.abc import Mapping

from sendspec.model.finding import SourceSpan
from sendspec.model.origin import Document, Origin
from sendspec.spec.concealment import Region
from sendspec.spec.source_file import SourceFile
from sendspec.yaml_source import MappingNode, Node, Place, ScalarNode

Step = tuple[ScalarNode | None, Node]
"""The key that led to a node (None for an entry of a list or the whole document), and the node."""


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

    def spec_file(self, origin: Origin) -> str:
        """Give the file, relative to the spec folder, with forward slashes."""
        name = self._place(origin).file
        source = self._files.get(name)
        return source.relative if source else name

    def line(self, origin: Origin) -> int:
        """Give the line, counted from 1."""
        return self._place(origin).line

    def exists(self, origin: Origin) -> bool:
        """Tell whether the document says anything at exactly this path."""
        return len(self._walk(origin)) == len(origin.path) + 1

    def has_secret(self, origin: Origin, *, key: bool = False) -> bool:
        """Tell whether the scalar (or the key) there holds a secret of a known shape, so that nothing of it may be quoted."""
        source, region = self._region(origin, key=key)
        return source is not None and region is not None and source.has_secret(region)

    def is_hidden(self, origin: Origin, *, key: bool = False) -> bool:
        """Tell whether the scalar (or the key) there stands where a secret may stand, so that no message may quote it."""
        source, region = self._region(origin, key=key)
        return source is not None and region is not None and source.is_hidden(region)

    def _region(self, origin: Origin, *, key: bool) -> tuple[SourceFile | None, Region | None]:
        steps = self._walk(origin)
        if len(steps) <= len(origin.path):
            return None, None
        key_node, value = steps[-1]
        node = key_node if key else value
        if not isinstance(node, ScalarNode):
            return None, None
        return self._files.get(node.file), Region(node.line, node.column, node.end_line, node.end_column)

    def _walk(self, origin: Origin) -> list[Step]:
        """Give the steps from the root as far as the path exists; empty without a document."""
        node = self._roots.get(origin.document)
        if node is None:
            return []
        steps: list[Step] = [(None, node)]
        for part in origin.path:
            if isinstance(node, MappingNode) and part in node.items:
                key, node = node.items[str(part)]
                steps.append((key, node))
            elif isinstance(part, int) and not isinstance(node, MappingNode | ScalarNode) and part < len(node.items):
                node = node.items[part]
                steps.append((None, node))
            else:
                break
        return steps

    def _place(self, origin: Origin, *, key: bool = False, label: str = "") -> Place:
        steps = self._walk(origin)
        if len(steps) < 2:  # noqa: PLR2004 - not a single key was found
            return Place(self._first_file[origin.document], 1, 1, 1, label)
        key_node, node = steps[-1]
        is_missing = len(steps) <= len(origin.path)
        is_empty = isinstance(node, ScalarNode) and (node.line, node.column) == (node.end_line, node.end_column)
        if key_node is not None and (key or is_missing or is_empty or not isinstance(node, ScalarNode)):
            node = key_node
        return Place(node.file, node.line, node.column, _end_column(node), label)


def _end_column(node: Node) -> int:
    """Give where to stop underlining on the first line of a node."""
    if node.end_line == node.line:
        return max(node.end_column, node.column + 1)
    if isinstance(node, MappingNode) and node.items:
        first = next(iter(node.items.values()))[0]
        if first.line == node.line:
            return _end_column(first)
    return node.column + 1
