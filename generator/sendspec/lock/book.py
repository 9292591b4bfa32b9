"""The lock file while commands change it: one of them at a time, and nothing lost if they are killed.

Each edit is first appended to a journal beside the lock file, and only then counts. At the end the lock file is written
anew in one step and the journal goes. A journal that a killed command left is read by the next one.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sendspec.errors import RefusedError, SendspecError
from sendspec.lock.load import LOCK_FILE
from sendspec.lock.write import header_of, lock_text
from sendspec.yaml_source import parse, to_plain

JOURNAL = ".sendspec.journal"
"""Its name starts with a dot, so it is never read as a part of the spec."""


NOTHING_LOST = f"nothing is lost: {JOURNAL} beside it holds what is new. Mend that, and run the command again"


class BusyError(RefusedError):
    """Another command changes what this spec describes."""


@dataclass(slots=True)
class LockBook:
    """The content of a lock file, and how to change it.

    `contents` is plain data in the shape of the file. Nobody but `edit` and `drop` changes it.
    """

    contents: dict[str, Any]
    header: str
    journal: int | None = None
    path: Path | None = None
    is_changed: bool = False
    """Something in it is otherwise than in the file. Only then is the file written: people may have laid it out by hand."""
    as_read: bytes | None = None
    """The file as it was read. Where another stands there at the end, somebody has edited it meanwhile."""

    @property
    def text(self) -> str:
        """Give the file as it would be written now."""
        return lock_text(self.contents, self.header)

    def get(self, *path: str) -> Any:
        """Give what is at a path; None where nothing is."""
        found: Any = self.contents
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def edit(self, path: Sequence[str], value: object) -> None:
        """Set the value at a path, for good: it survives being killed right after."""
        self.edit_all({tuple(path): value})

    def edit_all(self, edits: Mapping[tuple[str, ...], object]) -> None:
        """Set values at paths with one write to the disk."""
        new = {path: value for path, value in edits.items() if self.get(*path) != value}
        self._note([{"path": list(path), "value": value} for path, value in new.items()])
        for path, value in new.items():
            _apply(self.contents, path, value)
        self.is_changed = self.is_changed or bool(new)

    def drop(self, path: Sequence[str]) -> None:
        """Take away what is at a path, and mappings that become empty above it."""
        if self.get(*path) is None:
            return
        self._note([{"path": list(path)}])
        _remove(self.contents, path)
        self.is_changed = True

    def save(self) -> bool:
        """Write the lock file in one step, if anything in it is otherwise; tell whether it was."""
        if self.path is None or not self.is_changed:
            return False
        self._take_in(self.path)
        fresh = self.path.with_name(f".{self.path.name}.new-{os.getpid()}")
        text = self.text.encode()
        try:
            with fresh.open("wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if self.path.exists():
                fresh.chmod(self.path.stat().st_mode & 0o777)
            fresh.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink()
            raise SendspecError(f"{self.path} cannot be written: {error.strerror or error}", NOTHING_LOST) from error
        self.is_changed, self.as_read = False, text
        if self.journal is not None:
            os.ftruncate(self.journal, 0)
        return True

    def _take_in(self, path: Path) -> None:
        """Lay what is new over a file that somebody edited while the command ran. Raises SendspecError."""
        now = _content(path)
        if now == self.as_read or self.journal is None:
            return
        fresh = _book(now, _read_all(self.journal))
        self.contents, self.header, self.as_read = fresh.contents, fresh.header, now

    def _note(self, edits: Sequence[Mapping[str, object]]) -> None:
        if self.journal is None or not edits:
            return
        rest = memoryview(b"".join(json.dumps(edit).encode() + b"\n" for edit in edits))
        size = os.fstat(self.journal).st_size
        try:
            while rest:
                rest = rest[os.write(self.journal, rest) :]
            os.fsync(self.journal)
        except OSError as error:
            with suppress(OSError):  # half a line would spoil the one that follows
                os.ftruncate(self.journal, size)
            message = f"{JOURNAL} beside the lock file cannot be written: {error.strerror or error}"
            hint = "what was done until then is noted: make room and run the command again, it goes on from there"
            raise SendspecError(message, hint) from error


def read_book(folder: Path, lock: bytes | None) -> LockBook:
    """Give the content for a command that only looks: the lock file, and what a killed command noted."""
    try:
        notes = (folder / JOURNAL).read_bytes()
    except OSError:
        notes = b""
    return _book(lock, notes)


@contextmanager
def open_book(folder: Path, _lock: bytes | None = None) -> Iterator[LockBook]:
    """Give the content for a command that changes it. At the end it is saved, whatever happened.

    The file is read here: what was read before the journal was locked may be older than what another command has written.

    Raises:
        BusyError: another command has it.
        SendspecError: the folder cannot be written, or the lock file is not sound.
    """
    descriptor = _take(folder / JOURNAL)
    try:
        notes = _read_all(descriptor)
        if notes and not notes.endswith(b"\n"):  # a command was killed while it wrote this line
            os.ftruncate(descriptor, notes.rfind(b"\n") + 1)
        book = _book(_content(folder / LOCK_FILE), notes)
        book.journal, book.path = descriptor, folder / LOCK_FILE
        try:
            yield book
        finally:
            book.save()
        with suppress(OSError):  # an empty journal that stays is harmless
            (folder / JOURNAL).unlink()
    finally:
        os.close(descriptor)


def _book(lock: bytes | None, notes: bytes) -> LockBook:
    text = (lock or b"").decode("utf-8", "replace")
    parsed = parse(lock, LOCK_FILE) if lock else None
    plain: object = to_plain(parsed.root) if parsed is not None and parsed.root is not None else {}
    if (parsed is not None and parsed.flaws) or not isinstance(plain, dict):
        message = f"{LOCK_FILE} is not sound YAML: two branches may have been merged in it"
        raise SendspecError(message, f"mend it (`sendspec validate` shows where); it was not written. {NOTHING_LOST}")
    contents: dict[str, Any] = plain
    contents.setdefault("version", 1)
    book = LockBook(contents, header_of(text), as_read=lock)
    for edit in _edits(notes):
        book.is_changed = True
        if "value" in edit:
            _apply(book.contents, edit["path"], edit["value"])
        else:
            _remove(book.contents, edit["path"])
    return book


def _edits(notes: bytes) -> Iterator[dict[str, Any]]:
    for line in notes.split(b"\n"):
        try:
            edit = json.loads(line)
        except ValueError:  # the line that was being written when the command was killed; its call was never made
            continue
        path = edit.get("path") if isinstance(edit, dict) else None
        if isinstance(path, list) and path and all(isinstance(part, str) for part in path):
            yield edit


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SendspecError(f"{path} cannot be read: {error.strerror or error}", NOTHING_LOST) from error


def _sync_folder(folder: Path) -> None:
    """Make a renaming last: the journal goes next, and must not go before it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take(path: Path) -> int:
    """Open the journal and lock it. A journal that its owner removed meanwhile is not the one that others will open."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        except OSError as error:
            message = f"{path.parent} cannot be written: {error.strerror or error}"
            raise SendspecError(message, "the lock file beside the spec has to be writable") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            message = f"another sendspec command is changing what {path.parent} describes"
            raise BusyError(
                message, "wait until it has ended: one at a time, so that none undoes the other's work"
            ) from None
        with suppress(OSError):
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        os.close(descriptor)


def _read_all(descriptor: int) -> bytes:
    parts = []
    os.lseek(descriptor, 0, os.SEEK_SET)
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _apply(contents: dict[str, Any], path: Sequence[str], value: object) -> None:
    place = contents
    for part in path[:-1]:
        inner = place.get(part)
        if not isinstance(inner, dict):
            inner = place[part] = {}
        place = inner
    place[path[-1]] = value


def _remove(contents: dict[str, Any], path: Sequence[str]) -> None:
    places: list[dict[str, Any]] = [contents]
    for part in path[:-1]:
        inner = places[-1].get(part)
        if not isinstance(inner, dict):
            return
        places.append(inner)
    places[-1].pop(path[-1], None)
    for part, place in zip(reversed(path[:-1]), reversed(places[:-1]), strict=True):
        if place[part]:
            return
        del place[part]
