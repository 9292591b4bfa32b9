"""Bytes to a tree, in one pass over libyaml's events: never a Python object that YAML names, never unbounded work."""

import contextlib
import gc
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from sendspec.model.spec_rule import SpecRule
from sendspec.yaml_source.build import TreeBuilder, TreeError
from sendspec.yaml_source.flaws import Flaw, Place, syntax_flaw
from sendspec.yaml_source.nodes import Node, ScalarNode

try:
    from yaml._yaml import CParser as EventParser
except ImportError:  # PyYAML without libyaml: the same events, twenty times slower
    from sendspec.yaml_source.pure_parser import PureParser as EventParser  # type: ignore[assignment]  # same protocol

MAX_FILE_BYTES = 64 * 1024 * 1024
NOT_PRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What YAML 1.2.2 section 5.1 leaves out, and the byte order mark inside a document, which nobody can see."""
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file.

    Attributes:
        root: The document, None when the file is empty or comments only.
        flaws: What is wrong with it, in reading order.
        complete: False when reading stopped early; `root` is None then.
        altered: Scalars whose source text differs from their value (escapes, line folding): a search of the file's
            text does not see them.
    """

    file: str
    text: str
    root: Node | None
    flaws: tuple[Flaw, ...] = ()
    complete: bool = True
    altered: tuple[ScalarNode, ...] = field(default=())


@contextlib.contextmanager
def garbage_collector_paused() -> Iterator[None]:
    """Hold off the cyclic garbage collector: while a large tree grows it walks that tree again and again, for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def split_lines(text: str) -> list[str]:
    """Give the lines as libyaml counts them, without their breaks."""
    return LINE_BREAK.split(text)


def parse(text: bytes, file: str) -> Parsed:
    """Read one YAML document.

    Args:
        text: The file's bytes, UTF-8 with or without a byte order mark.
        file: The name that places carry.

    Returns:
        The tree, or what could be read of it, with every flaw found. Nothing is raised for what the file holds.
    """
    if len(text) > MAX_FILE_BYTES:
        message = f"the file has {len(text)} bytes, {MAX_FILE_BYTES} are allowed"
        return _refused(file, "", SpecRule.UNREADABLE, message, "split it: all files of the folder are one spec", 1, 1)
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = text[: error.start].decode("utf-8-sig")
        line, column = _place_of(good, len(good))
        message = f"byte {error.start + 1} of the file is not UTF-8"
        return _refused(file, good, SpecRule.NOT_UTF8, message, "save the file as UTF-8", line, column)
    strange = NOT_PRINTABLE.search(source)
    if strange:
        line, column = _place_of(source, strange.start())
        message = f"the character U+{ord(strange[0]):04X} cannot stand in YAML"
        fix = "remove it; inside double quotes it can be written as an escape"
        return _refused(file, source, SpecRule.YAML_SYNTAX, message, fix, line, column)
    with garbage_collector_paused():
        return _build(source, file)


def _build(source: str, file: str) -> Parsed:
    builder = TreeBuilder(file)
    complete, flaws = True, builder.flaws
    parser = EventParser(source)
    try:
        builder.feed(parser.get_event)
    except TreeError:
        complete = False  # the builder has noted why
    except yaml.YAMLError as error:
        complete = False
        flaws.append(syntax_flaw(error, file, split_lines(source)))
    root = builder.root if complete else None
    if isinstance(root, ScalarNode) and root.value is None:
        root = None  # `---` and nothing else
    return Parsed(
        file, source, root, tuple(flaws), complete, tuple(ScalarNode(builder.tree, node) for node in builder.altered)
    )


def _place_of(source: str, offset: int) -> tuple[int, int]:
    before = split_lines(source[:offset])
    return len(before), len(before[-1]) + 1


def _refused(file: str, text: str, rule: SpecRule, message: str, fix: str, line: int, column: int) -> Parsed:
    flaw = Flaw(rule, message, fix, Place(file, line, column, column + 1))
    return Parsed(file, text, None, (flaw,), complete=False)
