"""Files, as containers mount them: `file:///run/secrets/postmark`. A relative path starts where the command was started."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.confirm import confirm
from sendspec.stores.interface import Store, Surroundings
from sendspec.stores.value import MAX_OCTETS, text_of

OWNER_ONLY = 0o600
OWNER_AND_READING_GROUP = 0o640


def read(path: str, surroundings: Surroundings) -> Secret | Unresolved:
    """Give what a file holds."""
    place = f"the file {path}"
    try:
        octets = _octets(os.fspath(surroundings.folder / path))
    except FileNotFoundError:
        return Unresolved(f"{place} does not exist", "create it, or correct the reference")
    except PermissionError:
        return Unresolved(f"{place} may not be read", "let the user who runs sendspec read it")
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return Unresolved(f"{place} cannot be read", "correct the reference")
    if octets is None:
        return Unresolved(f"{place} is no regular file", "name the file that holds the credential")
    if len(octets) > MAX_OCTETS:
        return Unresolved(f"{place} has more than {MAX_OCTETS:,} octets", "name a file that holds the credential alone")
    return text_of(octets, place)


def write(path: str, secret: Secret, surroundings: Surroundings) -> Unresolved | None:
    """Put a value into a file in one step: who reads meanwhile sees the old value or the new one.

    A file that exists keeps its owner, and its group with the right to read; nobody else may read it. A link is left
    alone: what it leads to is somebody else's, as a mounted secret is the orchestrator's.
    """
    place = f"the file {path}"
    target = surroundings.folder / path
    try:
        standing = target.lstat()
    except FileNotFoundError:
        standing = None
    except (OSError, ValueError):
        return Unresolved(f"{place} cannot be written", "correct the reference")
    if standing is not None and not stat.S_ISREG(standing.st_mode):
        return Unresolved(
            f"{place} is no regular file, and a link is not followed",
            "change the value where it comes from, or name the file itself",
        )
    try:
        _replace(target, secret.reveal().encode(), standing)
    except FileNotFoundError:
        return Unresolved(f"the folder of {path} does not exist", "create it, or correct the reference")
    except PermissionError:
        return Unresolved(
            f"{place} may not be written, or not with the owner it has",
            "let the user who runs sendspec write it and its folder",
        )
    except OSError:
        return Unresolved(f"{place} cannot be written", "make room, or correct the reference")
    return confirm(read, path, secret, surroundings)


def _replace(target: Path, octets: bytes, standing: os.stat_result | None) -> None:
    """Write a file beside the old one, and put it in its place when it is whole and on the disk."""
    fresh = target.with_name(f".{target.name[:80]}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(fresh, flags, OWNER_ONLY)
    try:
        try:
            if standing is not None:
                if (standing.st_uid, standing.st_gid) != (os.geteuid(), os.fstat(descriptor).st_gid):
                    os.fchown(descriptor, standing.st_uid, standing.st_gid)
                os.fchmod(descriptor, OWNER_ONLY | (standing.st_mode & OWNER_AND_READING_GROUP))
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                file.write(octets)
                file.flush()
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(target)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise
    with suppress(OSError):  # some file systems cannot
        folder = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _octets(path: str) -> bytes | None:
    """Give a file's octets, at most one past the limit; None for a folder, a pipe and the like, which could block us."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.read(descriptor, MAX_OCTETS + 1)
    finally:
        os.close(descriptor)


STORE = Store(id="file", title="files", read=read, write=write)
