"""YAML with positions: libyaml's event stream becomes a tree that knows line and column of every key and value.

Scalars follow the YAML 1.2 core schema: `yes`, `no`, `on`, `off` and dates are text. What is wrong with a file comes
back as `Flaw`s; nothing is raised for what people write.
"""

from sendspec.yaml_source.flaws import Flaw, Place
from sendspec.yaml_source.nodes import KeyNode, MappingNode, Node, ScalarNode, SequenceNode, Tree, to_plain
from sendspec.yaml_source.parse import MAX_FILE_BYTES, Parsed, garbage_collector_paused, parse, split_lines

__all__ = [
    "MAX_FILE_BYTES",
    "Flaw",
    "KeyNode",
    "MappingNode",
    "Node",
    "Parsed",
    "Place",
    "ScalarNode",
    "SequenceNode",
    "Tree",
    "garbage_collector_paused",
    "parse",
    "split_lines",
    "to_plain",
]
