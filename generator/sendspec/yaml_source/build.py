"""Events to a tree, with an explicit stack: depth and expansion are bounded, so nothing that follows can overflow."""

from collections.abc import Callable
from sys import intern
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from sendspec.model.spec_rule import SpecRule
from sendspec.yaml_source.flaws import Flaw, Place
from sendspec.yaml_source.nodes import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, Tree
from sendspec.yaml_source.scalars import CORE_TAGS, TEXT_TAGS, fits, resolve

MAX_DEPTH = 64
"""Far above what a spec needs (nine levels, and what `settings.extra` passes through)."""
MAX_ALIASED_NODES = 100_000
"""How many nodes aliases may add to those written out. Ten levels of ten aliases would be 10,000,000,000."""
LONGEST_WORD = 24
"""Longer text is rarely said twice."""
COLLECTION_TAGS: dict[type, str] = {
    MappingStartEvent: "tag:yaml.org,2002:map",
    SequenceStartEvent: "tag:yaml.org,2002:seq",
}


MAX_FLAWS = 1000
"""After so many nobody reads on, and neither does this."""


class TreeError(Exception):
    """Reading cannot go on. The flaw is among the builder's."""


class Frame:
    """An open mapping or sequence: its node, the key that waits for a value, and what is below it so far."""

    __slots__ = ("anchor", "height", "is_sequence", "key", "keys", "node", "size")

    def __init__(self, node: int, anchor: str | None, size: int, *, is_sequence: bool) -> None:
        self.node = node
        self.is_sequence = is_sequence
        self.key: int | None = None
        self.keys: dict[str, int] = {}
        self.anchor = anchor
        self.height = 0
        self.size = size


class TreeBuilder:
    """Collects one document. `root` stays None until the document is complete."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.flaws: list[Flaw] = []
        self.altered: list[int] = []
        self.tree = Tree(file)
        self._write = self.tree.writer()
        self._stack: list[Frame] = []
        self._anchors: dict[str, tuple[int, int, int] | None] = {}
        self._nodes = 0
        self._aliased = 0
        self._documents = 0
        self._words: dict[str, str] = {}
        self._is_complete = False

    @property
    def root(self) -> Node | None:
        """Give the document."""
        return self.tree.node(0) if self._is_complete else None

    def feed(self, next_event: Callable[[], Any]) -> None:
        """Read events to the end of the stream. Raises TreeError where going on makes no sense, and what `next_event` raises."""
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._open(event, kind)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self._start_document(event)
            elif kind is StreamEndEvent:
                return
            else:
                assert kind in {StreamStartEvent, DocumentEndEvent}, kind  # noqa: S101 - these are all events there are

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            message = "a second YAML document starts here"
            fix = "put it into a file of its own, without `---`: all files of the folder are one spec"
            raise self._stop(event, SpecRule.SEVERAL_DOCUMENTS, message, fix)

    def _scalar(self, event: Any) -> None:
        self._nodes += 1
        start, end = event.start_mark, event.end_mark
        text, tag = event.value, event.tag
        plain = event.implicit[0]
        value = resolve(text) if plain else text if tag is None else self._tagged(event, tag, text)
        if type(value) is str and len(value) <= LONGEST_WORD:
            value = self._words.setdefault(value, value)
        line, column, end_line, end_column = start.line, start.column, end.line, end.column
        node = self._write(SCALAR, value, line + 1, column + 1, end_line + 1, end_column + 1)
        if end_line != line or end_column - column != len(text) + (0 if plain else 2):
            self.altered.append(node)
        if plain and text == "<<" and self._stack and not self._stack[-1].is_sequence and self._stack[-1].key is None:
            message, fix = "`<<` is no merge key in YAML 1.2", "use `defaults:`, or write the values out"
            self._note(Flaw(SpecRule.MERGE_KEY, message, fix, self._place_of(node)))
        self._place(node, 0, event.anchor, 1)

    def _tagged(self, event: Any, tag: str, text: str) -> Any:
        if tag in TEXT_TAGS:
            return text
        value = resolve(text)
        if tag not in CORE_TAGS:
            self._flaw(
                event, SpecRule.TAG, "this tag (`!…`) means nothing here", "remove it, or put the value in quotes"
            )
            return text
        if not fits(tag, value):
            self._flaw(event, SpecRule.TAG, "the value is not what its tag says", "remove the tag or correct the value")
        return value

    def _open(self, event: Any, kind: type) -> None:
        if len(self._stack) >= MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} levels deep"
            raise self._stop(event, SpecRule.TOO_DEEP, message, "check the brackets and the indentation")
        tag = event.tag
        if tag is not None and tag not in {"!", COLLECTION_TAGS[kind]}:
            self._flaw(event, SpecRule.TAG, "this tag (`!…`) means nothing here", "remove it")
        mark = event.start_mark
        is_sequence = kind is SequenceStartEvent
        node_kind, line, column = SEQUENCE if is_sequence else MAPPING, mark.line + 1, mark.column + 1
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # open: an alias to it now would contain itself
        node = self._write(node_kind, None, line, column, line, column)
        self._stack.append(Frame(node, event.anchor, self._total(), is_sequence=is_sequence))
        self._nodes += 1

    def _close(self, event: Any) -> None:
        frame, tree, mark = self._stack.pop(), self.tree, event.end_mark
        node = frame.node
        tree.end_lines[node], tree.end_columns[node] = mark.line + 1, mark.column + 1
        tree.sizes[node] = len(tree.values) - node
        self._place(node, frame.height + 1, frame.anchor, self._total() - frame.size)

    def _alias(self, event: Any) -> None:
        found = self._anchors.get(event.anchor)
        if found is None:
            is_open = event.anchor in self._anchors
            message = "this alias stands inside its own anchor" if is_open else "no anchor above has this name"
            self._flaw(event, SpecRule.ANCHOR, message, "write the value out, or put text that starts with * in quotes")
            start, end = event.start_mark, event.end_mark
            place = (start.line + 1, start.column + 1, end.line + 1, end.column + 1)
            self._place(self._write(SCALAR, None, *place), 0, None, 1)
            return
        target, height, size = found
        self._aliased += size
        if self._aliased > MAX_ALIASED_NODES:
            message = f"aliases repeat more than {MAX_ALIASED_NODES} values"
            raise self._stop(event, SpecRule.ANCHOR_EXPLOSION, message, "use `defaults:` for values that entries share")
        if len(self._stack) + height > MAX_DEPTH:
            message = f"through this alias values are nested more than {MAX_DEPTH} levels deep"
            raise self._stop(event, SpecRule.TOO_DEEP, message, "write the value out")
        tree = self.tree
        # Both stand where their anchor stands. What is no collection is simply said again.
        kind, value = (SCALAR, tree.values[target]) if tree.kinds[target] == SCALAR else (ALIAS, target)
        place = (tree.lines[target], tree.columns[target], tree.end_lines[target], tree.end_columns[target])
        self._place(self._write(kind, value, *place), height, None, 0)

    def _place(self, node: int, height: int, anchor: str | None, size: int) -> None:
        """Take note of a finished node: whether it is a key, and whether its mapping has that key already."""
        if anchor is not None:
            self._anchors[anchor] = (node, height, size)
        if not self._stack:
            self._is_complete = True
            return
        frame = self._stack[-1]
        if height > frame.height:  # noqa: PLR1730 - half a million times; max() costs three times as much
            frame.height = height
        if frame.is_sequence:
            return
        if frame.key is None:
            self._read_key(node)
            frame.key = node
        else:
            key, frame.key = frame.key, None
            text = self.tree.text(key)
            first = frame.keys.setdefault(text, key)
            if first != key:
                self._repeated(text, key, first)

    def _repeated(self, text: str, key: int, first: int) -> None:
        self.tree.repeated.add(key)
        self.tree.has_dropped = True
        self._note(
            Flaw(
                SpecRule.DUPLICATE_KEY,
                f"`{text}` stands here a second time",
                "keep one of the two",
                self._place_of(key, "the second one, which is not read"),
                (self._place_of(first, "the first one"),),
            )
        )

    def _read_key(self, node: int) -> None:
        """Share the text of a key, and note a key that is no text to YAML."""
        values = self.tree.values
        value = values[node]
        if self.tree.kinds[node] != SCALAR:
            self.tree.has_dropped = True
            message, fix = "the key is a list or a mapping; keys are text", "put it in quotes"
            self._note(Flaw(SpecRule.KEY_NOT_TEXT, message, fix, self._place_of(node)))
        elif type(value) is str:
            values[node] = intern(value)
        else:
            word = {int: "a number", float: "a number", bool: "a truth value"}.get(type(value), "empty")
            message, fix = f"the key is {word} to YAML; keys are text", "put it in quotes"
            self._note(Flaw(SpecRule.KEY_NOT_TEXT, message, fix, self._place_of(node)))

    def _place_of(self, at: int, label: str = "") -> Place:
        tree = self.tree
        line, column = tree.lines[at], tree.columns[at]
        end_column = tree.end_columns[at] if tree.end_lines[at] == line else column + 1
        return Place(self.file, line, column, max(end_column, column + 1), label)

    def _total(self) -> int:
        return self._nodes + self._aliased

    def _flaw(self, event: Any, rule: SpecRule, message: str, fix: str) -> None:
        start, end = event.start_mark, event.end_mark
        end_column = end.column + 1 if end.line == start.line and end.column > start.column else start.column + 2
        self._note(Flaw(rule, message, fix, Place(self.file, start.line + 1, start.column + 1, end_column)))

    def _note(self, flaw: Flaw) -> None:
        self.flaws.append(flaw)
        if len(self.flaws) >= MAX_FLAWS:
            raise TreeError(flaw.message)

    def _stop(self, event: Any, rule: SpecRule, message: str, fix: str) -> TreeError:
        self._flaw(event, rule, message, fix)
        return TreeError(message)
