"""The files of a spec: which ones they are, and their bytes. Nothing outside the folder is read."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sendspec.lock.load import LOCK_FILE
from sendspec.model.finding import Severity
from sendspec.model.spec_rule import SpecRule
from sendspec.spec import secret_shapes
from sendspec.yaml_source import MAX_FILE_BYTES

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file or folder that cannot be read. `path` is what findings show."""

    rule: SpecRule
    path: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class SpecFiles:
    """What was found. `files` maps the path below the folder to the bytes, sorted; `lock` is None without a lock file.

    `shown` is what findings call the folder, where it was read on another machine: nothing is there under that name here.
    """

    folder: Path
    files: dict[str, bytes] = field(default_factory=dict)
    lock: bytes | None = None
    troubles: list[Trouble] = field(default_factory=list)
    shown: str = ""

    def display(self, relative: str = "") -> str:
        """Give what findings call a file or the folder: as the spec was named, relative to the current folder if below it."""
        if self.shown:
            return printable((Path(self.shown) / relative).as_posix())
        return display_name(self.folder / relative)

    def elsewhere(self) -> "SpecFiles":
        """Give the same for another machine, where findings call the files what they are called here."""
        return replace(self, folder=Path(), shown=self.display())


def display_name(path: Path) -> str:
    """Give a path for people: below the current folder relative to it, else as given; never with control characters."""
    shown = path
    if path.is_absolute():
        try:
            shown = path.relative_to(Path.cwd())
        except (ValueError, OSError):  # elsewhere, or the current folder is gone
            shown = path
    return printable(shown.as_posix())


def printable(text: str) -> str:
    """Give a file name that can be shown: `?` for control characters and for what is no UTF-8, `*` for a secret."""
    return secret_shapes.mask("".join(character if character.isprintable() else "?" for character in text))


def read_files(path: Path) -> SpecFiles:
    """Read a spec: a folder, or a single file with the lock file beside it."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        found = SpecFiles(path)
        reason = (error.strerror or "it cannot be read").lower()
        fix = "name the folder with --spec, or start one from an example: specs/ or examples/ of the repository"
        message = f"there is no spec at `{display_name(path)}`: {reason}"
        found.troubles.append(Trouble(SpecRule.NOT_FOUND, "", message, fix))
        return found
    found = SpecFiles(path if is_folder else path.parent)
    candidates = _spec_files(found) if is_folder else iter([(path.name, path)])
    for relative, file in candidates:
        content = _read(file, found)
        if content is not None:
            found.files[relative] = content
    for relative in found.files:
        for secret in secret_shapes.find(relative):
            message = f"the name of this file has the shape of {secret.title}; it is not shown"
            trouble = Trouble(SpecRule.SECRET, found.display(relative), message, "revoke it, and rename the file")
            found.troubles.append(trouble)
    lock = found.folder / LOCK_FILE
    if not os.path.lexists(lock) or _leads_out(lock, found, Severity.ERROR):
        return found
    return replace(found, lock=_read(lock, found))


def _spec_files(found: SpecFiles) -> Iterator[tuple[str, Path]]:
    """Give the YAML files below the folder, sorted by path; each real file once, under its own name if that is among them."""
    paths = {relative: found.folder / relative for relative in sorted(_candidates(found))}
    seen = {os.path.realpath(path) for path in paths.values() if not path.is_symlink()}
    for relative, path in paths.items():
        real = os.path.realpath(path)
        if path.is_symlink():
            if _leads_out(path, found, Severity.WARNING):
                continue
            if real in seen or Path(real).is_dir():
                continue
            seen.add(real)
        yield relative, path


def _leads_out(path: Path, found: SpecFiles, severity: Severity) -> bool:
    """Tell whether a path is a link that must not be followed, and note it: an excerpt would show what it leads to."""
    root = os.path.realpath(found.folder)
    inside = os.path.commonpath([root, os.path.realpath(path)]) == root
    if not path.is_symlink() or (inside and os.path.exists(path)):  # noqa: PTH110 - never raises
        return False
    message = "this symbolic link leads out of the spec folder, or nowhere, and is not followed"
    fix = "put the file itself here, or remove the link"
    found.troubles.append(Trouble(SpecRule.LINK_OUTSIDE, display_name(path), message, fix, severity))
    return True


def _candidates(found: SpecFiles) -> Iterator[str]:
    """Give the path of every file that counts, and of every linked folder: a link out of the spec is worth a word."""

    def report(error: OSError) -> None:
        found.troubles.append(_unreadable(Path(error.filename), error))

    for folder, folders, files in os.walk(found.folder, onerror=report):
        folders[:] = [name for name in folders if not name.startswith(".")]
        wanted = [name for name in files if name.endswith(SUFFIXES) and name[0] != "." and name != LOCK_FILE]
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*wanted, *linked):
            yield (Path(folder) / name).relative_to(found.folder).as_posix()


def _read(path: Path, found: SpecFiles) -> bytes | None:
    """Give a file's bytes, None when it cannot be read. At most one byte more than is allowed: the parser refuses it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            shown = display_name(path)
            found.troubles.append(Trouble(SpecRule.UNREADABLE, shown, "this is no regular file", "remove it"))
            return None
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        found.troubles.append(_unreadable(path, error))
        return None


def _unreadable(path: Path, error: OSError) -> Trouble:
    message = f"this cannot be read: {(error.strerror or 'input or output error').lower()}"
    return Trouble(
        SpecRule.UNREADABLE, display_name(path), message, "make it readable, or move it out of the spec folder"
    )
