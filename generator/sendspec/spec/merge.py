"""The files of a folder become one mapping. Works on nodes, so that every value keeps its place."""

from collections.abc import Callable, Iterable

from sendspec.model.spec_rule import SpecRule
from sendspec.yaml_source import Flaw, KeyNode, MappingNode, Place, ScalarNode, SequenceNode

SECTIONS = ("domains", "esps", "streams", "apps")
"""Top-level keys that hold named entries, and that `defaults:` can have values for."""
DEFAULTS = "defaults"
MAY_BE_EMPTY = frozenset({*SECTIONS, DEFAULTS, "accept", "advice"})
"""Top-level keys without a value are no mistake: whoever comments out the last entry leaves one."""


def merge_roots(roots: Iterable[MappingNode]) -> tuple[MappingNode, list[Flaw]]:
    """Merge the top-level mappings of all files, in the order given.

    Returns:
        The merged mapping, with names of domains in lower case. And what is wrong: names defined twice, versions that
        differ, keys that cannot be merged.
    """
    merged, flaws = MappingNode.nowhere(), list[Flaw]()
    for root in roots:
        for key, key_node in root.items.items():
            value = key_node.item
            if key in MAY_BE_EMPTY and isinstance(value, ScalarNode) and value.value is None:
                continue
            if key == DEFAULTS and isinstance(value, MappingNode):
                defaults = _open(merged, key_node, value)
                for section_key in value.items.values():
                    _merge_key(defaults, section_key, flaws, str)
            else:
                _merge_key(merged, key_node, flaws, spell_domain if key == "domains" else str)
    return merged, flaws


def _open(merged: MappingNode, key: KeyNode, value: MappingNode) -> MappingNode:
    """Give the mapping that collects a key's entries; the parsed nodes stay as they are, for aliases share them."""
    if key.value not in merged.items:
        merged.items[key.value] = key.leading_to(value.holding({}))
    first = merged.items[key.value].item
    return first if isinstance(first, MappingNode) else value.holding({})


def _merge_key(merged: MappingNode, key_node: KeyNode, flaws: list[Flaw], spell: Callable[[str], str]) -> None:
    key, value = key_node.value, key_node.item
    first_key = merged.items.get(key, key_node)
    first = None if first_key is key_node else first_key.item
    if isinstance(value, MappingNode) and (first is None or isinstance(first, MappingNode)):
        _merge_names(_open(merged, key_node, value), value, spell, flaws)
    elif first is None:
        merged.items[key] = key_node
    elif isinstance(first, SequenceNode) and isinstance(value, SequenceNode):
        merged.items[key] = first_key.leading_to(first.holding([*first.items, *value.items]))
    elif key != "version":
        message, fix = f"`{key}` stands in another file too, and cannot be merged with it", "keep one of the two"
        related = (place_of(first_key, "the other one"),)
        flaws.append(Flaw(SpecRule.DUPLICATE_KEY, message, fix, place_of(key_node), related))
    elif not (isinstance(first, ScalarNode) and isinstance(value, ScalarNode) and first.value == value.value):
        message, fix = "two files of one spec declare different versions", "write the same version, or leave one out"
        related = (place_of(first_key, "the other one"),)
        flaws.append(Flaw(SpecRule.VERSION_CONFLICT, message, fix, place_of(key_node), related))


def _merge_names(merged: MappingNode, more: MappingNode, spell: Callable[[str], str], flaws: list[Flaw]) -> None:
    for written, key in more.items.items():
        name = spell(written)
        first = merged.items.setdefault(name, key)
        if first is not key:
            flaws.append(defined_twice(name, key, first))


def spell_domain(name: str) -> str:
    """Give the spelling of a domain name that the rest of the program uses."""
    return name.strip().lower().removesuffix(".")


def defined_twice(name: str, second: ScalarNode, first: ScalarNode) -> Flaw:
    """Give the flaw of a name with two definitions, showing both."""
    spelling = "" if second.value == first.value else ", in two spellings of one name"
    return Flaw(
        SpecRule.DUPLICATE_NAME,
        f"`{name}` is defined twice{spelling}",
        "keep one of the two, or give one another name",
        place_of(second, "the second one, which is not read"),
        (place_of(first, "the first one"),),
    )


def place_of(node: ScalarNode, label: str = "") -> Place:
    """Give the place of a key or a value; of text over several lines, its beginning."""
    end_column = node.end_column if node.end_line == node.line else node.column + 1
    return Place(node.file, node.line, node.column, end_column, label)
