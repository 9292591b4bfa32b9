"""Stage 1: a folder of YAML files becomes a `Spec` with positions, or every problem at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sendspec.lock.load import LOCK_FILE, LockContents, LockFile, lock_file
from sendspec.model.finding import Finding, Severity
from sendspec.model.origin import Document, Origin
from sendspec.model.spec_rule import SpecRule
from sendspec.spec.defaults import apply_defaults
from sendspec.spec.files import SpecFiles, printable, read_files
from sendspec.spec.merge import DEFAULTS, SECTIONS, defined_twice, merge_roots, spell_domain
from sendspec.spec.positions import Positions
from sendspec.spec.problems import FindingCollector
from sendspec.spec.references import check_environments, check_references, check_senders
from sendspec.spec.schema import AppSpec, DomainSpec, EspSpec, Spec, StreamSpec
from sendspec.spec.source_file import SourceFile
from sendspec.spec.suggest import suggest
from sendspec.yaml_source import (
    Flaw,
    KeyNode,
    MappingNode,
    Node,
    Parsed,
    Place,
    garbage_collector_paused,
    parse,
    to_plain,
)

ENTRY_MODELS: Mapping[str, type[BaseModel]] = {
    "domains": DomainSpec,
    "esps": EspSpec,
    "streams": StreamSpec,
    "apps": AppSpec,
}


@dataclass(frozen=True, slots=True)
class LoadedSpec:
    """A spec as read.

    Attributes:
        spec: None exactly when a finding is an error.
        raw: The merged spec as plain data, `defaults:` applied, names of domains and labels in lower case.
        findings: Everything wrong with spec and lock file, sorted by place.
        files: The spec's files, relative to its folder, sorted; the lock file is not among them.
    """

    spec: Spec | None
    raw: dict[str, Any]
    lock: LockFile
    positions: Positions
    findings: tuple[Finding, ...]
    files: tuple[str, ...]


def load_spec(folder: Path) -> LoadedSpec:
    """Read a spec: a folder of YAML files, or a single one. Nothing is raised for what people write."""
    return load_files(read_files(folder))


def load_files(found: SpecFiles) -> LoadedSpec:
    """Load a spec whose files have been read."""
    with garbage_collector_paused():
        return _load(found)


def _load(found: SpecFiles) -> LoadedSpec:
    parsed = {relative: parse(content, found.display(relative)) for relative, content in found.files.items()}
    lock_parsed = parse(found.lock or b"", found.display(LOCK_FILE))
    merged, flaws = merge_roots(_mappings(parsed.values()))
    flaws += apply_defaults(merged)
    lock_root = _spell_lock(lock_parsed.root, flaws)
    sources = [
        SourceFile(each.file, printable(relative), each)
        for relative, each in {**parsed, LOCK_FILE: lock_parsed}.items()
    ]
    positions = Positions(
        {Document.SPEC: merged, Document.LOCK: lock_root},
        {source.name: source for source in sources},
        {
            Document.SPEC: next((each.file for each in parsed.values()), found.display()),
            Document.LOCK: lock_parsed.file,
        },
    )
    collector = FindingCollector(positions)
    for trouble in found.troubles:
        collector.add_flaw(Flaw(trouble.rule, trouble.message, trouble.fix, _top(trouble.path)), trouble.severity)
    for each in (*parsed.values(), lock_parsed):
        _report_file(each, collector)
    for flaw in flaws:
        collector.add_flaw(flaw)
    for source in sources:
        _report_secrets(source, collector)
    raw: dict[str, Any] = to_plain(merged)
    defaults = raw.pop(DEFAULTS, {})
    lock = _read_lock(lock_root, collector)
    spec = None
    whole = _is_whole(found, parsed.values())
    if raw or defaults:
        _check_defaults(defaults, collector)
        # Where a file could not be read, the version and the names that others refer to may have been in it.
        spec = collector.validate(Spec, raw if whole else {"version": 1, **raw}, Origin())
        check_senders(raw, collector)
        check_environments(raw, collector)
        if whole:
            check_references(raw, lock.issued, collector)
    elif whole:
        message = f"`{found.display()}` holds no YAML file with anything in it"
        fix = "start from an example, specs/ or examples/ of the repository, or name another folder with --spec"
        collector.add_flaw(Flaw(SpecRule.EMPTY, message, fix, _top("")))
    findings = collector.findings
    if any(finding.severity is Severity.ERROR for finding in findings):
        spec = None
    return LoadedSpec(spec, raw, lock, positions, findings, tuple(map(printable, found.files)))


def _mappings(parsed: Iterable[Parsed]) -> Iterator[MappingNode]:
    return (each.root for each in parsed if isinstance(each.root, MappingNode))


def _is_whole(found: SpecFiles, parsed: Iterable[Parsed]) -> bool:
    """Tell whether everything that the spec says was read."""
    return not any(trouble.severity is Severity.ERROR for trouble in found.troubles) and all(
        each.complete and (each.root is None or isinstance(each.root, MappingNode)) for each in parsed
    )


def _top(file: str) -> Place:
    return Place(file, 1, 1, 1)


def _report_file(parsed: Parsed, collector: FindingCollector) -> None:
    for flaw in parsed.flaws:
        collector.add_flaw(flaw)
    if parsed.root is not None and not isinstance(parsed.root, MappingNode):
        message = "the file must be a mapping with keys such as `version:` and `domains:`"
        place = Place(parsed.file, parsed.root.line, parsed.root.column, parsed.root.column + 1)
        collector.add_flaw(Flaw(SpecRule.WRONG_TYPE, message, "write `key: value` lines at the left margin", place))


def _report_secrets(source: SourceFile, collector: FindingCollector) -> None:
    fix = "revoke it, for it has been in a file; then write where the new one is kept, as in `from: aws-sm://mail#key`"
    if source.relative == LOCK_FILE:
        fix = "revoke it, and remove it: the lock file holds public data only"
    end = (0, 0)
    for secret in sorted(source.secrets, key=lambda secret: secret.region):
        region = secret.region
        if (region.line, region.column) < end:
            continue  # a part of the one before: a key inside its frame, a value inside its node
        end = (region.end_line, region.end_column)
        end_column = region.end_column if region.end_line == region.line else region.column + 1
        place = Place(source.name, region.line, region.column, end_column)
        message = f"this has the shape of {secret.title}; it is not shown"
        collector.add_flaw(Flaw(SpecRule.SECRET, message, fix, place))


def _check_defaults(defaults: object, collector: FindingCollector) -> None:
    """Validate what `defaults:` says by itself, for it may hold mistakes that no entry inherits."""
    origin = Origin((DEFAULTS,))
    if not isinstance(defaults, dict):
        collector.add(
            SpecRule.WRONG_TYPE, origin, f"`{DEFAULTS}` must be a mapping", "write `domains:` below it", key=True
        )
        return
    for section, values in defaults.items():
        model = ENTRY_MODELS.get(section)
        if model is not None:
            collector.validate(model, values, origin.key(section), partial=True)
        else:
            message = f"`{section}` is nothing that has defaults"
            collector.add(SpecRule.UNKNOWN_KEY, origin.key(section), message, suggest(section, SECTIONS), key=True)


def _spell_lock(root: Node | None, flaws: list[Flaw]) -> MappingNode | None:
    """Give the lock file's mapping with domain names in lower case, as the rest of the program spells them."""
    if not isinstance(root, MappingNode):
        return None
    sections = dict(root.items)
    issued, spf = (sections.get(name) for name in ("issued", "spf"))
    if issued is not None and isinstance(issued.item, MappingNode):
        accounts = {account: key.leading_to(_spell_keys(key.item, flaws)) for account, key in issued.item.items.items()}
        sections["issued"] = issued.leading_to(issued.item.holding(accounts))
    if spf is not None:
        sections["spf"] = spf.leading_to(_spell_keys(spf.item, flaws))
    return root.holding(sections)


def _spell_keys(node: Node, flaws: list[Flaw]) -> Node:
    """Give a mapping with names of domains as keys in their one spelling. Most are spelt so, and stay as they are."""
    if not isinstance(node, MappingNode):
        return node
    keys = node.items
    if all(name == spell_domain(name) for name in keys):
        return node
    spelt: dict[str, KeyNode] = {}
    for name, key in keys.items():
        first = spelt.setdefault(spell_domain(name), key)
        if first is not key:
            flaws.append(defined_twice(spell_domain(name), key, first))
    return node.holding(spelt)


def _read_lock(root: MappingNode | None, collector: FindingCollector) -> LockFile:
    if root is None:
        return LockFile()
    raw: dict[str, Any] = to_plain(root)
    return lock_file(collector.validate(LockContents, raw, Origin((), Document.LOCK)), raw)
