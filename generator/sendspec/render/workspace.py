"""The folder beside the output in which the next tree is built, and the lock that keeps two writers apart.

It stands beside the output because only there a rename is one step of the file system. It is gone after every run; one
that a killed run left behind is recognised and cleared by the next.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sendspec.errors import OutputError

PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.05
OWNER_ONLY = 0o700


def workspace_path(folder: Path) -> Path:
    """Give where the workspace of an output folder is."""
    return folder.parent / f".{folder.name}.sendspec-tmp"


@contextmanager
def open_workspace(folder: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Path]:
    """Lock an output folder and give an empty place beside it; both end with the block.

    What a killed run left is cleared first, and an output folder that it had moved aside is put back.

    Raises:
        OutputError: another run holds the lock for longer than `patience_seconds`, or something that is not ours
            bears the workspace's name.
        OSError: the parent folder cannot be written.
    """
    place = workspace_path(folder)
    lock = _lock(place, patience_seconds)
    try:
        _put_back(folder, place)
        _empty(place)
        yield place
    finally:
        try:
            _clear(folder, place)
        except BaseException:  # a signal in the midst of it: finish, then let it through
            _clear(folder, place)
            raise
        finally:
            os.close(lock)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it, read-only folders included; links are removed, never followed."""
    with suppress(PermissionError):
        folder.chmod(OWNER_ONLY)
    with os.scandir(folder) as found:
        items = list(found)
    for item in items:
        if item.is_dir(follow_symlinks=False):
            remove_tree(Path(item.path))
        else:
            os.unlink(item.path)  # noqa: PTH108 - ten thousand Path objects cost more than the system calls
    folder.rmdir()


def _clear(folder: Path, place: Path) -> None:
    """Remove the workspace. What cannot be removed now is cleared by the next run; what was written stands."""
    with suppress(OSError):
        _put_back(folder, place)
        _empty(place)
        (place / "lock").unlink(missing_ok=True)
        place.rmdir()


def _put_back(folder: Path, place: Path) -> None:
    """Undo the first of two renames where the second never came: without this the output folder would be lost."""
    if not os.path.lexists(folder) and (place / "old").is_dir():
        (place / "old").rename(folder)


def _empty(place: Path) -> None:
    for name in ("new", "old"):
        if os.path.lexists(place / name):
            remove_tree(place / name)


def _lock(place: Path, patience_seconds: float) -> int:
    """Give a descriptor that holds the lock. The kernel drops it when the process dies, however it dies."""
    deadline = time.monotonic() + patience_seconds
    while True:
        _make(place)
        try:
            descriptor = os.open(place / "lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue  # the run before us has just removed the folder
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() > deadline:
                raise OutputError(
                    f"another sendspec is writing {place.parent}: it holds {place / 'lock'}",
                    "wait until it is done, then run this again",
                ) from None
            time.sleep(POLL_SECONDS)
            continue
        except OSError:
            os.close(descriptor)
            raise
        if _is_current(descriptor, place / "lock"):
            return descriptor
        os.close(descriptor)


def _make(place: Path) -> None:
    with suppress(FileExistsError):
        place.mkdir(OWNER_ONLY)
        return
    with suppress(FileNotFoundError):
        status = place.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise OutputError(
                f"{place} is in the way: it has the name of sendspec's temporary folder but is not one of ours",
                "look at it and move it away",
            )


def _is_current(descriptor: int, path: Path) -> bool:
    """Tell whether the locked file still is the one with that name: the run before us may have removed it."""
    try:
        named = path.lstat()
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            return False
        raise
    held = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)
