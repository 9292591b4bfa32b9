"""What render would change, as unified diffs."""

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sendspec.errors import OutputError
from sendspec.model.output_file import OutputFile
from sendspec.render.tree import make_plan, read_plain

CONTEXT = 3
MAX_COMPARED = 2000
"""difflib is quadratic; a longer run of differing lines is shown as one block replaced by another."""

HUNK = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@\Z")


@dataclass(frozen=True, slots=True)
class FileDiff:
    """How one file differs: `change` is created, changed or removed; `text` is a unified diff ending in a newline."""

    path: str
    change: str
    text: str


def compare(folder: Path, files: Sequence[OutputFile]) -> tuple[FileDiff, ...]:
    """Give how the folder differs from these files, sorted by path; empty when it does not. Writes nothing.

    Raises:
        OutputError: the folder cannot be read, or could not be written either.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a link that we must refuse
    try:
        plan = make_plan(folder, files)
        diffs = []
        for change, paths in (("created", plan.created), ("changed", plan.changed), ("removed", plan.removed)):
            for path in paths:
                old = read_plain(folder / path) if change != "created" else b""
                diffs.append(FileDiff(path, change, unified(path, old, plan.contents.get(path, b""))))
    except OSError as error:
        raise OutputError(f"{folder} cannot be read: {error.strerror}", "make it readable") from error
    return tuple(sorted(diffs, key=lambda diff: diff.path))


def unified(path: str, old: bytes, new: bytes) -> str:
    """Give the unified diff of two contents; octets that are no UTF-8 are shown in hexadecimal."""
    left, right = _lines(old), _lines(new)
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    source, destination = (f"a/{path}" if old else "/dev/null"), (f"b/{path}" if new else "/dev/null")
    if max(len(left), len(right)) - head - tail > MAX_COMPARED:
        gone, come = left[head : len(left) - tail], right[head : len(right) - tail]
        hunk = [f"@@ -{_range(head, len(gone))} +{_range(head, len(come))} @@"]
        lines = [f"--- {source}", f"+++ {destination}", *hunk, *(f"-{line}" for line in gone)]
        return "".join(f"{line}\n" for line in (*lines, *(f"+{line}" for line in come)))
    before, after = max(head - CONTEXT, 0), max(tail - CONTEXT, 0)
    differing = _differing(left[before : len(left) - after], right[before : len(right) - after], source, destination)
    if (before and not _is_context(differing[3 : 3 + CONTEXT])) or (after and not _is_context(differing[-CONTEXT:])):
        # Equal lines may be paired up otherwise than at the ends: a hunk without context there would not apply.
        before, differing = 0, _differing(left, right, source, destination)
    return "".join(f"{_shifted(line, before)}\n" for line in differing)


def _differing(left: Sequence[str], right: Sequence[str], source: str, destination: str) -> list[str]:
    return list(difflib.unified_diff(left, right, source, destination, n=CONTEXT, lineterm=""))


def _is_context(lines: Sequence[str]) -> bool:
    return all(line.startswith(" ") for line in lines)


def _lines(content: bytes) -> list[str]:
    lines = content.decode(errors="backslashreplace").split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _range(start: int, count: int) -> str:
    """Write a range as `diff -u` does: an empty one names the line before it."""
    return f"{start + 1 if count else start},{count}"


def _shifted(line: str, offset: int) -> str:
    """Count the lines left out in front into a hunk's header."""
    header = HUNK.match(line)
    if header is None:
        return line
    return f"@@ -{int(header[1]) + offset}{header[2] or ''} +{int(header[3]) + offset}{header[4] or ''} @@"
