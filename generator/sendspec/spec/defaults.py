"""`defaults:` and the labels of subdomains: what is done to entries before they are validated. Works on nodes."""

from sendspec.model.spec_rule import SpecRule
from sendspec.spec.merge import DEFAULTS, SECTIONS, defined_twice, place_of
from sendspec.yaml_source import Flaw, MappingNode, Node, ScalarNode

SUBDOMAINS = "subdomains"
MAX_NAME_LENGTH = 253
"""RFC 1035 section 2.3.4, without the root's octet and dot."""

Items = dict[str, tuple[ScalarNode, Node]]


def apply_defaults(merged: MappingNode) -> list[Flaw]:
    """Complete every entry of a merged spec from `defaults:`, key by key; labels of subdomains get lower case first.

    `defaults` stays in the mapping, so that its places can be found. Returns labels that stand twice, or for no name.
    """
    flaws: list[Flaw] = []
    defaults = _items(merged, DEFAULTS)
    _spell_labels(defaults, "domains", flaws)
    domains = _items(merged, "domains")
    for name in domains:
        _spell_labels(domains, name, flaws)
    for section in SECTIONS:
        default = defaults.get(section, (None, None))[1]
        entries = _items(merged, section)
        for name, (key_node, entry) in entries.items():
            if isinstance(default, MappingNode) and isinstance(entry, MappingNode):
                entries[name] = (key_node, _overlay(default, entry))
    for name, (_, domain) in domains.items():
        if isinstance(domain, MappingNode):
            flaws.extend(_misplaced_labels(name, _items(domain, SUBDOMAINS)))
    return flaws


def _items(parent: MappingNode, key: str) -> Items:
    found = parent.items.get(key)
    return found[1].items if found and isinstance(found[1], MappingNode) else {}


def _overlay(default: MappingNode, entry: MappingNode) -> MappingNode:
    """Give the entry with what only the default says; mappings are merged, all else is replaced."""
    merged = MappingNode(entry.file, entry.line, entry.column)
    merged.end_line, merged.end_column = entry.end_line, entry.end_column
    merged.items = dict(entry.items)
    for key, (key_node, value) in default.items.items():
        own = merged.items.get(key)
        if own is None:
            merged.items[key] = (key_node, value)
        elif isinstance(own[1], MappingNode) and isinstance(value, MappingNode):
            merged.items[key] = (own[0], _overlay(value, own[1]))
    return merged


def _spell_labels(domains: Items, name: str, flaws: list[Flaw]) -> None:
    """Replace a domain by one whose subdomains are in lower case. Most already are and stay as they are."""
    key_node, domain = domains.get(name, (None, None))
    if key_node is None or not isinstance(domain, MappingNode):
        return
    labels = _items(domain, SUBDOMAINS)
    if all(label == _spell(label) for label in labels):
        return
    respelt = MappingNode(domain.file, domain.line, domain.column)
    for label, (label_node, value) in labels.items():
        first = respelt.items.get(_spell(label))
        if first is None:
            respelt.items[_spell(label)] = (label_node, value)
        else:
            flaws.append(defined_twice(_spell(label), label_node, first[0]))
    copy = MappingNode(domain.file, domain.line, domain.column)
    copy.end_line, copy.end_column = domain.end_line, domain.end_column
    copy.items = {**domain.items, SUBDOMAINS: (domain.items[SUBDOMAINS][0], respelt)}
    domains[name] = (key_node, copy)


def _spell(label: str) -> str:
    return label.strip().lower()


def _misplaced_labels(domain: str, labels: Items) -> list[Flaw]:
    """Give the labels that repeat the domain, and those that make too long a name."""
    flaws = []
    for label, (key_node, _) in labels.items():
        if label == domain or label.endswith(f".{domain}"):
            message = f"`{label}` below `{domain}` would be the name {label}.{domain}"
            short = label.removesuffix(domain).removesuffix(".")
            fix = f"write only `{short}`" if short else "what belongs to the domain itself stands one level higher"
            flaws.append(Flaw(SpecRule.BAD_VALUE, message, fix, place_of(key_node)))
        elif len(label) + 1 + len(domain) > MAX_NAME_LENGTH:
            message = f"the name would have {len(label) + 1 + len(domain)} characters, {MAX_NAME_LENGTH} are allowed"
            flaws.append(Flaw(SpecRule.BAD_VALUE, message, "shorten it (RFC 1035 section 2.3.4)", place_of(key_node)))
    return flaws
