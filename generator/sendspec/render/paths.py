"""Which paths may exist below the output folder.

Names of streams, apps and zones end up in paths, and a manifest is a file anybody can edit: both pass here before a
path is used.
"""

import re
import unicodedata
from collections.abc import Iterable

from sendspec.errors import OutputError

NAME_OCTETS = 255
"""Longest name of ext4, XFS, APFS and NTFS; a longer one fails half-way through writing."""

PATH_OCTETS = 512
"""Longest path below the output folder: macOS takes 1,024 for the whole, and each folder costs a step down and up."""

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, format characters (direction marks), lone surrogates, line and paragraph separators."""

PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,200})*\Z")
"""Paths that need no closer look: nearly all of thousands."""


def path_problem(path: str) -> str:
    """Say why a path may not be written below the output folder; empty when it may."""
    if len(path) <= PATH_OCTETS and PLAIN.match(path):
        return ""
    parts = path.split("/")
    problems = {
        "it is empty": not path,
        "it holds a control character": any(unicodedata.category(sign) in INVISIBLE for sign in path),
        "it holds a backslash or a colon": "\\" in path or ":" in path,
        f"it is longer than {PATH_OCTETS} octets": len(path.encode(errors="surrogatepass")) > PATH_OCTETS,
        "it is absolute": path.startswith("/"),
        "a part of it is empty, `.` or `..`": any(part in {"", ".", ".."} for part in parts),
        # A file below .git (on macOS also .GIT) would be read by the reviewer's git: hooks, config.
        "`.git` is reserved": any(part.casefold().rstrip(". ") == ".git" for part in parts),
        f"a part of it is longer than {NAME_OCTETS} octets": any(
            len(part.encode(errors="surrogatepass")) > NAME_OCTETS for part in parts
        ),
    }
    return next((problem for problem, holds in problems.items() if holds), "")


def check_paths(owners: Iterable[tuple[str, str]]) -> None:
    """Refuse paths that lead outside, two files with one path, and a file where another needs a folder.

    Paths that differ only in case or in Unicode normal form are one file on macOS, so they are refused everywhere:
    the same spec has the same files on every machine.

    Args:
        owners: (path, who asks for it, in words) of every file.

    Raises:
        OutputError: names both owners.
    """
    seen: dict[str, tuple[str, str]] = {}
    for path, owner in owners:
        problem = path_problem(path)
        if problem:
            raise OutputError(
                f"{owner} wants to write {path!r:.200}: {problem}", "rename what the path is made from in the spec"
            )
        folded = _fold(path)
        if folded in seen:
            raise _clash(path, owner, *seen[folded])
        seen[folded] = (path, owner)
    for folded, (path, owner) in seen.items():
        parent = folded.rpartition("/")[0]
        while parent:
            if parent in seen:
                raise _clash(path, owner, *seen[parent])
            parent = parent.rpartition("/")[0]


def _fold(path: str) -> str:
    return path if path.isascii() and path.islower() else unicodedata.normalize("NFC", path).casefold()


def _clash(path: str, owner: str, other_path: str, other_owner: str) -> OutputError:
    return OutputError(
        f"two files want one place: {other_path!r} ({other_owner}) and {path!r} ({owner})",
        "rename one of the two in the spec, or ask for one of the two targets only",
    )
