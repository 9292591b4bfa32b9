"""Put one folder in the place of another in a single step of the kernel.

Linux: renameat2 with RENAME_EXCHANGE (Linux 3.15; man 2 renameat2). macOS: renamex_np with RENAME_SWAP (10.12; man 2
rename). Python offers neither, so ctypes calls them.
"""

import ctypes
import errno
import os
import sys
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2
RENAME_SWAP = 2
# errno values that say "not here" rather than "this went wrong": an old kernel, a file system without exchange (NFS).
UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def exchange(left: Path, right: Path) -> bool:
    """Swap two folders of one file system atomically.

    Returns:
        False where this system or file system cannot; nothing has changed then.

    Raises:
        OSError: anything else, such as a mount point (EBUSY) or no permission; nothing has changed then.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    old, new = os.fsencode(left), os.fsencode(right)
    if sys.platform == "darwin":
        result = libc.renamex_np(old, new, RENAME_SWAP)
    elif hasattr(libc, "renameat2"):
        result = libc.renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_EXCHANGE)
    else:  # musl before 1.2.6 has no wrapper
        return False
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), os.fspath(left))
