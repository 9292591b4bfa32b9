"""What may stand in the lock file: nothing that the next command could not read, and nothing of the shape of a secret."""

import json
from collections.abc import Mapping

from sendspec.lock.load import LOCK_FILE
from sendspec.lock.write import lock_text
from sendspec.spec.source_file import SourceFile
from sendspec.yaml_source import parse, to_plain

READ = "read"
"""The key of the day in every entry."""


def as_plain(value: object) -> object:
    """Give a value as the lock file holds it: mappings, lists, text, numbers. Raises TypeError or ValueError for others."""
    return json.loads(json.dumps(value, allow_nan=False))


def without_day(entry: object) -> object:
    """Give an entry without the day it was read."""
    return {key: value for key, value in entry.items() if key != READ} if isinstance(entry, Mapping) else entry


def secret_in(section: str, path: tuple[str, ...], entry: object) -> str:
    """Say what kind of secret an entry has the shape of, as the lock file would show it; empty for none."""
    parsed = parse(lock_text(_nested(section, path, entry)).encode(), LOCK_FILE)
    return next((secret.title for secret in SourceFile(LOCK_FILE, LOCK_FILE, parsed).secrets), "")


def reads_back(section: str, path: tuple[str, ...], entry: object) -> bool:
    """Tell whether the lock file gives back what is written to it."""
    written = _nested(section, path, entry)
    parsed = parse(lock_text(written).encode(), LOCK_FILE)
    return not parsed.flaws and parsed.root is not None and to_plain(parsed.root) == written


def _nested(section: str, path: tuple[str, ...], entry: object) -> dict[str, object]:
    for name in reversed((section, *path)):
        entry = {name: entry}
    return {"version": 1, **(entry if isinstance(entry, dict) else {})}
