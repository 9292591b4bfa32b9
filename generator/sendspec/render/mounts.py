"""File systems mounted inside the output folder.

They cannot be carried over: a swap would take the mounted tree along, and clearing the old folder would empty it.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sendspec.errors import OutputError

MOUNTINFO = Path("/proc/self/mountinfo")
"""Linux only, and the only place that shows bind mounts, which have the device number of what they show."""
OCTAL = re.compile(r"\\([0-7]{3})")


def refuse_mounts(folder: Path, root: os.stat_result, statuses: Iterable[tuple[str, os.stat_result]]) -> None:
    """Refuse an output folder with a mount point inside. `statuses` are those of everything below it.

    Raises:
        OutputError: names the mount point.
    """
    other_device = (str(folder / path) for path, status in statuses if status.st_dev != root.st_dev)
    found = next(other_device, "") or next(_mounted_below(folder.resolve()), "")
    if found:
        raise OutputError(
            f"a file system is mounted inside the output folder: {found}",
            "mount it elsewhere: the output folder is replaced as a whole",
        )


def _mounted_below(folder: Path) -> Iterator[str]:
    """Give the mount points below a folder; none where the system does not tell."""
    try:
        lines = MOUNTINFO.read_bytes().decode(errors="surrogateescape").splitlines()
    except OSError:
        return iter(())
    # man 5 proc_pid_mountinfo: the fifth field is the mount point, with blanks and the like in octal.
    points = (OCTAL.sub(lambda match: chr(int(match[1], 8)), line.split(" ")[4]) for line in lines)
    return (point for point in points if point.startswith(f"{folder}/"))
