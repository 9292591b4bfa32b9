"""Files, as containers mount them: `file:///run/secrets/postmark`. A relative path starts where the command was started."""

import os
import stat

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores.interface import Store, Surroundings
from sendspec.stores.value import MAX_OCTETS, text_of


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


def _octets(path: str) -> bytes | None:
    """Give a file's octets, at most one past the limit; None for a folder, a pipe and the like, which could block us."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.read(descriptor, MAX_OCTETS + 1)
    finally:
        os.close(descriptor)


STORE = Store(id="file", title="files", read=read)
