"""What an excerpt must not show even though its shape is unknown: whatever stands where a secret's reference belongs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sendspec.spec import syntax
from sendspec.spec.secret_shapes import SECRET_KEYS
from sendspec.yaml_source import MappingNode, Parsed, Tree, split_lines
from sendspec.yaml_source.nodes import SCALAR, SEQUENCE

CREDENTIAL_KEYS = frozenset({"credentials", "manage"})
ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
NAMES_A_SECRET = re.compile(rf"(?:.*[_-])?{SECRET_KEYS}\Z", re.IGNORECASE)
LOGIN = re.compile(
    r"https?://(?P<login>[^\s/?#@]*|[^\s/?#:@]*:(?![0-9]{1,5}(?:[/?#\"'\s]|\Z))[^@]{1,256})@", re.IGNORECASE
)
"""A port is no password: `https://host:8443/mail@x` holds none."""
MAILBOX_SECTIONS = frozenset({"streams", "defaults"})
DURATIONS = frozenset({"rotate_every", "overlap"})
ENTRY_KEYS = 2
"""The depth of an entry's own keys: below its section and its name. `from` of a stream is a mailbox there."""


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """A stretch of a file; counted from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def conceal(parsed: Parsed) -> Iterator[Region]:
    """Give every region of a file that must not be shown. Known shapes of secrets come on top of these."""
    yield from _conceal_logins(parsed.text)
    if not parsed.complete:
        yield from _conceal_lines(parsed.text)
    elif isinstance(parsed.root, MappingNode):
        yield from _conceal_values(parsed.root.tree, parsed.root.at, split_lines(parsed.text))


def _conceal_logins(text: str) -> Iterator[Region]:
    """Whatever may be a login before the @ of a web address, a comment's too, in any characters and with any mistake."""
    for number, line in enumerate(split_lines(text), 1):
        if "@" in line and "://" in line:
            for found in LOGIN.finditer(line):
                yield Region(number, found.start("login") + 1, number, found.end("login") + 1)


def _conceal_values(
    tree: Tree, at: int, lines: Sequence[str], depth: int = 0, section: str = "", *, inside: bool = False
) -> Iterator[Region]:
    """Walk by the numbers of nodes: the files of 10,000 domains have half a million, and nearly none has to be hidden."""
    at = tree.target(at)
    if tree.kinds[at] == SCALAR:
        if inside:
            yield _region(tree, at)
    elif tree.kinds[at] == SEQUENCE:
        for entry in tree.entries(at):
            yield from _conceal_values(tree, entry, lines, depth + 1, section, inside=inside)
    else:
        yield from _conceal_keys(tree, at, lines, depth, section, inside=inside)


def _conceal_keys(
    tree: Tree, mapping: int, lines: Sequence[str], depth: int, section: str, *, inside: bool
) -> Iterator[Region]:
    """What a flaw kept out of a mapping is hidden in any case: nobody knows what it is."""
    kinds, values = tree.kinds, tree.values
    for key, item in tree.pairs(mapping):
        if kinds[key] != SCALAR:
            yield _region(tree, key)
        if key in tree.repeated:
            yield _region(tree, item)
            continue
        text = tree.text(key)
        hides = inside or _holds_secrets(text, depth, section)
        if kinds[item] != SCALAR:
            yield from _conceal_values(tree, item, lines, depth + 1, section or text, inside=hides)
        elif hides and not _is_public(text, values[item]):
            yield _region(tree, item)
            if inside and not _has_colon(tree, key, item, lines):
                yield _region(tree, key)


def _region(tree: Tree, at: int) -> Region:
    at = tree.target(at)
    return Region(tree.lines[at], tree.columns[at], tree.end_lines[at], tree.end_columns[at])


def _has_colon(tree: Tree, key: int, item: int, lines: Sequence[str]) -> bool:
    """Tell a key from a lone word: `{hunter2}` is a mapping to YAML, with a key and no value."""
    key = tree.target(key)
    line = tree.end_lines[key]
    return tree.lines[item] != line or ":" in lines[line - 1][tree.end_columns[key] - 1 : tree.columns[item] - 1]


def _holds_secrets(key: str, depth: int, section: str) -> bool:
    if key in CREDENTIAL_KEYS:
        return depth >= ENTRY_KEYS
    if key == "from":
        return not (depth == ENTRY_KEYS and section in MAILBOX_SECTIONS)
    return NAMES_A_SECRET.match(key) is not None


def _is_public(key: str, value: object) -> bool:
    """Tell whether a value is what belongs there: a reference, the name of a variable, a duration."""
    if not isinstance(value, str):
        return False
    if key == "env":
        return ENV_NAME.match(value) is not None
    return syntax.DURATION.match(value) is not None if key in DURATIONS else _is_reference(value)


def _is_reference(value: str) -> bool:
    scheme, _, rest = value.partition("://")
    known = syntax.REFERENCE_SCHEMES.get(scheme)
    return known is not None and known[0].match(syntax.KEPT_FOR_EACH.sub("x", rest)) is not None


CREDENTIAL_LINE = re.compile(
    rf"(?:(?<![^\s{{,\"'-])(?:{'|'.join(sorted(CREDENTIAL_KEYS))}|from)|{SECRET_KEYS})[\"']?\s*:", re.IGNORECASE
)
"""To be searched for: an expression for the whole line would try every blank and brace in it as the last one."""
KEY_LINE = re.compile(r"\s*(?:- +)?[\"']?[A-Za-z0-9_.-]+[\"']?\s*:(?:\s|\Z)")
KEY_WORD = re.compile(r"[{\[(]*[\"']?[A-Za-z0-9_.-]+[\"']?:\Z")
PUNCTUATION = "{}[],\"'-"


def _conceal_lines(text: str) -> Iterator[Region]:
    """The same for a file that is no YAML: below a key that may hold a secret, only keys are shown."""
    block: int | None = None
    for number, line in enumerate(split_lines(text), 1):
        stripped = line.lstrip(" \t")
        if not stripped or stripped.startswith("#"):
            continue
        indent = len(line) - len(stripped)
        if block is not None and indent <= block and KEY_LINE.match(line):
            block = None
        if block is None and CREDENTIAL_LINE.search(line):
            block = indent
        if block is not None:
            yield from _conceal_line(number, line)


def _conceal_line(number: int, line: str) -> Iterator[Region]:
    before = ","
    for word in re.finditer(r"\S+", line):
        is_key = KEY_WORD.match(word[0]) and (before[-1] in "{[,-" or word[0][0] in "{[")
        bare = word[0].strip(PUNCTUATION)
        if bare and not is_key and not _is_reference(bare):
            yield Region(number, word.start() + 1, number, word.end() + 1)
        before = word[0]
