"""What stands in the output folder now, and what has to happen to it."""

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sendspec.errors import OutputError
from sendspec.model.output_file import OutputFile
from sendspec.render.manifest import MANIFEST_PATH, read_manifest
from sendspec.render.paths import check_paths


class Kind(StrEnum):
    """What a name in a folder is. `OTHER`: sockets, pipes and devices."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "symbolic link"
    OTHER = "special file"


@dataclass(frozen=True, slots=True)
class Entry:
    """A name below the output folder, as `lstat` sees it."""

    kind: Kind
    status: os.stat_result


@dataclass(frozen=True, slots=True)
class WritePlan:
    """How to get from the tree that is there to the tree that the spec asks for. All paths are relative and sorted.

    Attributes:
        root: Status of the output folder when it was read; None where there is none yet.
        entries: Everything in it.
        contents: Every file to be there, encoded.
        carried: What is not ours: files, links and special files that stay as they are.
        folders: Every folder of the new tree, parents first.
    """

    root: os.stat_result | None
    entries: Mapping[str, Entry]
    contents: Mapping[str, bytes]
    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    carried: tuple[str, ...]
    folders: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether the folder is already what it should be."""
        return not (self.created or self.changed or self.removed)


def make_plan(folder: Path, files: Sequence[OutputFile]) -> WritePlan:
    """Read the folder and compare it with the files it should hold. Changes nothing.

    Raises:
        OutputError: something that is not ours, or a symbolic link, stands where a file of ours has to go.
        OSError: the folder cannot be read.
    """
    contents = encode(files)
    root = read_root(folder)
    entries = scan(folder) if root else {}
    owned = _owned(folder, entries)
    for path in contents:
        _check_place(folder, path, entries, owned)
    plain = {path for path, entry in entries.items() if entry.kind is Kind.FILE}
    present = contents.keys() & plain
    changed = {path for path in present if not _holds(folder / path, entries[path], contents[path])}
    for path in sorted(changed - owned):
        raise _in_the_way(folder, path, entries[path])
    removed = (owned & plain) - contents.keys()
    carried = {path for path, entry in entries.items() if entry.kind is not Kind.FOLDER} - contents.keys() - removed
    return WritePlan(
        root=root,
        entries=entries,
        contents=contents,
        created=tuple(sorted(contents.keys() - present)),
        changed=tuple(sorted(changed)),
        removed=tuple(sorted(removed)),
        unchanged=tuple(sorted(present - changed)),
        carried=tuple(sorted(carried)),
        folders=_folders(entries, (*contents, *carried)),
    )


def encode(files: Sequence[OutputFile]) -> dict[str, bytes]:
    """Give path -> UTF-8 content. Raises OutputError for a path that may not be and for text that is not Unicode."""
    check_paths((file.path, file.why) for file in files)
    contents = {}
    for file in files:
        try:
            contents[file.path] = file.content.encode()
        except UnicodeEncodeError:
            raise OutputError(
                f"{file.path!r} would hold half a surrogate pair, which is no text in UTF-8",
                'look for an escape such as "\\ud800" in the spec',
            ) from None
    return contents


def read_root(folder: Path) -> os.stat_result | None:
    """Give the status of the output folder, None where it does not exist. Raises OutputError where it is no real folder."""
    try:
        root = folder.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(root.st_mode):
        raise OutputError(
            f"the output folder {folder} is a symbolic link, and sendspec writes through none",
            "name the folder it points to in --output",
        )
    if not stat.S_ISDIR(root.st_mode):
        raise OutputError(f"{folder} is not a folder", "name a folder in --output, or move the file away")
    return root


def scan(folder: Path) -> dict[str, Entry]:
    """Give everything below a folder by relative path; links are listed, never followed."""
    entries: dict[str, Entry] = {}
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(folder / prefix) as found:
            for item in found:
                path = prefix + item.name
                status = item.stat(follow_symlinks=False)
                kind = _kind(status.st_mode)
                entries[path] = Entry(kind, status)
                if kind is Kind.FOLDER:
                    waiting.append(path + "/")
    return entries


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return Kind.FILE
    if stat.S_ISDIR(mode):
        return Kind.FOLDER
    return Kind.LINK if stat.S_ISLNK(mode) else Kind.OTHER


def _owned(folder: Path, entries: Mapping[str, Entry]) -> frozenset[str]:
    """Give the paths that the manifest of the last run calls ours; none where there is no manifest."""
    entry = entries.get(MANIFEST_PATH)
    if entry is None or entry.kind is not Kind.FILE:
        return frozenset()
    return read_manifest(read_plain(folder / MANIFEST_PATH), str(folder / MANIFEST_PATH))


def _check_place(folder: Path, path: str, entries: Mapping[str, Entry], owned: frozenset[str]) -> None:
    """Refuse a path whose own name or one of whose folders is taken by what is not ours."""
    parent = path.rpartition("/")[0]
    while parent:
        entry = entries.get(parent)
        if entry and entry.kind is not Kind.FOLDER and not (entry.kind is Kind.FILE and parent in owned):
            raise _in_the_way(folder, parent, entry)
        parent = parent.rpartition("/")[0]
    entry = entries.get(path)
    if entry is None or entry.kind is Kind.FILE:
        return
    if entry.kind is Kind.FOLDER:
        inside = {name for name in entries if name.startswith(f"{path}/") and entries[name].kind is not Kind.FOLDER}
        if inside <= owned and not any(f"{empty}/".startswith(f"{path}/") for empty in _empty_folders(entries)):
            return
    raise _in_the_way(folder, path, entry)


def _in_the_way(folder: Path, path: str, entry: Entry) -> OutputError:
    return OutputError(
        f"a {entry.kind} that sendspec did not write is in the way: {folder / path}",
        "move it away, or name another folder in --output",
    )


def _holds(path: Path, entry: Entry, content: bytes) -> bool:
    """Tell whether a plain file holds exactly this; it is read only where the size is right."""
    return entry.status.st_size == len(content) and read_plain(path) == content


def read_plain(path: Path) -> bytes:
    """Give the bytes of a plain file; a link that took its place meanwhile is an OSError, not followed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _folders(entries: Mapping[str, Entry], paths: Iterable[str]) -> tuple[str, ...]:
    """Give every folder that the paths need and every foreign empty one, parents first."""
    wanted: set[str] = set()
    for path in (*paths, *(f"{folder}/" for folder in _empty_folders(entries))):
        parent = path.rpartition("/")[0]
        while parent and parent not in wanted:
            wanted.add(parent)
            parent = parent.rpartition("/")[0]
    return tuple(sorted(wanted))


def _empty_folders(entries: Mapping[str, Entry]) -> set[str]:
    folders = {path for path, entry in entries.items() if entry.kind is Kind.FOLDER}
    return folders - {path.rpartition("/")[0] for path in entries}
