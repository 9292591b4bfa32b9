"""What can be wrong with a YAML file, in words people understand. No message quotes the file: it may hold a secret."""

import re
from dataclasses import dataclass, field

import yaml

from sendspec.model.spec_rule import SpecRule


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; lines and columns count from 1, `end_column` is exclusive. `label` says what is there."""

    file: str
    line: int
    column: int
    end_column: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One problem of a file. It becomes a finding once the excerpt is added and every secret in it masked."""

    rule: SpecRule
    message: str
    fix: str
    place: Place
    related: tuple[Place, ...] = field(default=())


LOOK_AGAIN = "check the indentation, the quotes and the brackets of this line and of the one above"
WORDING = (
    (
        "mapping values are not allowed",
        "a `: ` stands where no value can start",
        "quote text that holds `: `, and check the indentation of this line and of the one above",
    ),
    ("expected ':'", "this line is no `key: value`", "write a colon and a blank after the key, or quote the text"),
    ("cannot start any token", "this character cannot start a value", "put values that start with @, ` or % in quotes"),
    (
        "unexpected end of stream",
        "the quote opened here is never closed",
        "close it, or leave it out; inside '…' write '' for one, inside \"…\" write \\\"",
    ),
    ("escape character", "this backslash does not start an escape that YAML knows", "double it, or use '…' quotes"),
    ("expected ',' or ']'", "a list in [ ] is not closed, or lacks a comma", "write it as [a, b, c]"),
    ("expected ',' or '}'", "a mapping in { } is not closed, or lacks a comma", "write it as {a: 1, b: 2}"),
    ("block end", "this line does not continue what is above it", LOOK_AGAIN),
    ("expected key", "this line does not continue the mapping above it", LOOK_AGAIN),
    ("'-' indicator", "this line does not continue the list above it", LOOK_AGAIN),
    ("block sequence entries are not allowed", "a list entry cannot start here", "put `- ` on a line of its own"),
    ("tag", "a tag (`!…`) that YAML does not know", "put the value in quotes"),
    ("while scanning an alias", "`*` starts an alias, and this is no name of one", "put the value in quotes"),
    ("while scanning an anchor", "`&` starts an anchor, and this is no name of one", "put the value in quotes"),
    ("directive", "a `%` directive that cannot be used here", "leave it out"),
    ("<document start>", "text follows after the end of the document", LOOK_AGAIN),
)
UNCLOSED = "unexpected end of stream"
LEADING_TAB = re.compile(r" *\t")


def syntax_flaw(error: yaml.YAMLError, file: str, lines: list[str]) -> Flaw:
    """Turn an exception of the parser into a flaw. Tabs in the indentation of that line are the cause where there are any."""
    problem, context = str(getattr(error, "problem", "") or ""), str(getattr(error, "context", "") or "")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    opened = getattr(error, "context_mark", None)
    if mark is None:
        return Flaw(SpecRule.YAML_SYNTAX, "this cannot be read as YAML", LOOK_AGAIN, Place(file, 1, 1, 1))
    if UNCLOSED in problem and opened is not None:
        mark, opened = opened, None
    line, column = mark.line + 1, mark.column + 1
    tab = LEADING_TAB.match(lines[line - 1]) if line <= len(lines) else None
    if tab:
        return Flaw(
            SpecRule.TABS,
            "a tab stands in the indentation",
            "indent with spaces; most editors can convert the whole file",
            Place(file, line, tab.end(), tab.end() + 1),
        )
    message, fix = next(
        (wording[1:] for wording in WORDING if wording[0] in problem or wording[0] in context),
        ("this is not YAML", LOOK_AGAIN),
    )
    related: tuple[Place, ...] = ()
    if opened is not None and (opened.line + 1, opened.column + 1) < (line, column):
        related = (Place(file, opened.line + 1, opened.column + 1, opened.column + 2, "what it should belong to"),)
    return Flaw(SpecRule.YAML_SYNTAX, message, fix, Place(file, line, column, column + 1), related)
