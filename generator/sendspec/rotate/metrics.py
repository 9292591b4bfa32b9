"""Tell Prometheus how old credentials are: a file for node_exporter's textfile collector."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from sendspec.errors import OutputError
from sendspec.model.rotation import RotationRun

READABLE = 0o644
"""node_exporter runs as somebody else."""
ROTATED = "sendspec_credential_rotated_timestamp_seconds"
"""What the alerts below `output/monitoring/` ask for. A moment, not an age: the file may be read long after it was written."""


def check_place(file: Path) -> None:
    """Raise OutputError where the file could not be written afterwards: better before a key is made."""
    if file.is_dir() or not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise OutputError(f"{file} cannot be written", "name a file in a folder that exists and may be written to")


def metrics_text(run: RotationRun) -> str:
    """Give the file's text: one line for each credential of which it is known since when it is there."""
    if not run.since:
        return ""
    lines = [f"# HELP {ROTATED} When the key in the store was made, or was first seen.", f"# TYPE {ROTATED} gauge"]
    lines += [f'{ROTATED}{{credential="{name}"}} {when.timestamp():.0f}' for name, when in sorted(run.since.items())]
    return "".join(f"{line}\n" for line in lines)


def write_metrics(file: Path, run: RotationRun) -> None:
    """Write the file as a whole.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(metrics_text(run))
            Path(name).chmod(READABLE)
            Path(name).replace(file)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}", "the rotation itself has run") from None
