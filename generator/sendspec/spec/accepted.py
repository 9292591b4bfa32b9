"""`accepted.yaml`: the acceptances that `validate --write-accept` writes, in a file of their own.

All files of the folder are one spec, so nothing that people wrote needs to be touched.
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sendspec.errors import OutputError, UsageError
from sendspec.yaml_source import parse, to_plain

FILE_NAME = "accepted.yaml"
HEADER = """\
# What this team lives with for now. Written by `sendspec validate --write-accept`, which adds to it and rewrites it
# sorted: a comment does not survive that. An acceptance that you write yourself belongs beside the object it is about.
"""
KEYS = ("rule", "at", "because", "until")


@dataclass(frozen=True, slots=True, order=True)
class AcceptedEntry:
    """One acceptance as the file holds it; `until` is empty or a date in ISO form."""

    rule: str
    at: str = "*"
    because: str = ""
    until: str = ""

    def to_line(self) -> str:
        """Give the line of the file."""
        until = f", until: {self.until}" if self.until else ""
        return f"  - {{rule: {self.rule}, at: {_quoted(self.at)}, because: {_quoted(self.because)}{until}}}\n"


def add_accepted(folder: Path, entries: Iterable[AcceptedEntry]) -> int:
    """Add acceptances to the file, which need not exist; give how many are new. Nothing new: nothing is written.

    An acceptance of the same rule at the same place stays as it is, with its reason and its date.

    Raises:
        UsageError: the spec is no folder, or the file holds more than acceptances.
        OutputError: it cannot be read or written; it is as it was.
    """
    if not folder.is_dir():
        hint = "put the spec into a folder and name that, or write `accept:` by hand"
        raise UsageError(f"{folder} is one file, and acceptances are written into a file beside it", hint)
    path = folder / FILE_NAME
    try:
        known = {(entry.rule, entry.at): entry for entry in _read(path)}
        new = {(entry.rule, entry.at): entry for entry in sorted(entries)}
        added = new.keys() - known.keys()
        if added:
            lines = (entry.to_line() for entry in sorted({**new, **known}.values()))
            _replace(path, "".join((HEADER, "accept:\n", *lines)))
    except OSError as error:
        hint = "make it writable, or write `accept:` by hand; the file is as it was"
        raise OutputError(f"{path} cannot be written: {error.strerror or error}", hint) from error
    return len(added)


def _read(path: Path) -> list[AcceptedEntry]:
    """Give what the file holds. It has been loaded as a part of the spec, so it is sound YAML of the right shape."""
    content = path.read_bytes() if os.path.lexists(path) else b""
    root = parse(content, path.name).root
    raw: object = to_plain(root) if root is not None else {}
    found = raw.get("accept") or [] if isinstance(raw, Mapping) and raw.keys() <= {"version", "accept"} else None
    if not isinstance(found, list) or (content.strip() and not content.startswith(HEADER[:20].encode())):
        hint = f"rename it: all *.yaml files of the folder are read, and {FILE_NAME} is written by --write-accept"
        raise UsageError(f"{path} was written by hand", hint)
    return [AcceptedEntry(**{key: str(entry[key]) for key in KEYS if entry.get(key) is not None}) for entry in found]


def _quoted(text: str) -> str:
    """Give text in double quotes as JSON and YAML both read them; what cannot be seen in YAML's own spelling."""
    return "".join(
        sign if sign.isprintable() or sign == " " else f"\\U{ord(sign):08x}"
        for sign in json.dumps(text, ensure_ascii=False)
    )


def _replace(path: Path, content: str) -> None:
    """Put a new file in the place of the old one in one step; a file whose name starts with a dot is never read as spec."""
    fresh = path.with_name(f".{path.name}.new-{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content.encode())
        if path.exists():
            fresh.chmod(path.stat().st_mode & 0o777)
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise
