"""`defaults:` and the labels of subdomains: what is done to entries before they are validated. Works on nodes."""

from sendspec.model.spec_rule import SpecRule
from sendspec.spec.merge import DEFAULTS, SECTIONS, defined_twice, place_of
from sendspec.yaml_source import Flaw, KeyNode, MappingNode

SUBDOMAINS = "subdomains"
MAX_NAME_LENGTH = 253
"""RFC 1035 section 2.3.4, without the root's octet and dot."""

Items = dict[str, KeyNode]


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
        default = defaults[section].item if section in defaults else None
        entries = _items(merged, section)
        for name, key in entries.items():
            if isinstance(default, MappingNode) and isinstance(key.item, MappingNode):
                entries[name] = key.leading_to(_overlay(default, key.item))
    for name, key in domains.items():
        if isinstance(key.item, MappingNode):
            flaws.extend(_misplaced_labels(name, _items(key.item, SUBDOMAINS)))
    return flaws


def _items(parent: MappingNode, key: str) -> Items:
    found = parent.get(key)
    return found.item.items if found and isinstance(found.item, MappingNode) else {}


def _overlay(default: MappingNode, entry: MappingNode) -> MappingNode:
    """Give the entry with what only the default says; mappings are merged, all else is replaced."""
    merged = dict(entry.items)
    for text, key in default.items.items():
        own = merged.setdefault(text, key)
        if own is not key and isinstance(own.item, MappingNode) and isinstance(key.item, MappingNode):
            merged[text] = own.leading_to(_overlay(key.item, own.item))
    return entry.holding(merged)


def _spell_labels(domains: Items, name: str, flaws: list[Flaw]) -> None:
    """Replace a domain by one whose subdomains are in lower case. Most already are and stay as they are."""
    key = domains.get(name)
    domain = key.item if key else None
    if key is None or not isinstance(domain, MappingNode):
        return
    labels = _items(domain, SUBDOMAINS)
    if all(label == _spell(label) for label in labels):
        return
    respelt: Items = {}
    for label, label_key in labels.items():
        first = respelt.setdefault(_spell(label), label_key)
        if first is not label_key:
            flaws.append(defined_twice(_spell(label), label_key, first))
    subdomains = domain.items[SUBDOMAINS]
    below = {**domain.items, SUBDOMAINS: subdomains.leading_to(domain.holding(respelt))}
    domains[name] = key.leading_to(domain.holding(below))


def _spell(label: str) -> str:
    return label.strip().lower()


def _misplaced_labels(domain: str, labels: Items) -> list[Flaw]:
    """Give the labels that repeat the domain, and those that make too long a name."""
    flaws = []
    for label, key in labels.items():
        if label == domain or label.endswith(f".{domain}"):
            message = f"`{label}` below `{domain}` would be the name {label}.{domain}"
            short = label.removesuffix(domain).removesuffix(".")
            fix = f"write only `{short}`" if short else "what belongs to the domain itself stands one level higher"
            flaws.append(Flaw(SpecRule.BAD_VALUE, message, fix, place_of(key)))
        elif len(label) + 1 + len(domain) > MAX_NAME_LENGTH:
            message = f"the name would have {len(label) + 1 + len(domain)} characters, {MAX_NAME_LENGTH} are allowed"
            flaws.append(Flaw(SpecRule.BAD_VALUE, message, "shorten it (RFC 1035 section 2.3.4)", place_of(key)))
    return flaws
