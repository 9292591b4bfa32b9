"""Tell Prometheus how old credentials are: a file for node_exporter's textfile collector."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from sendspec.errors import OutputError
from sendspec.model.rotation import RotationRun

READABLE = 0o644
"""node_exporter runs as somebody else."""
AGE, LIMIT = "sendspec_credential_age_seconds", "sendspec_credential_rotate_every_seconds"
HELP = {
    AGE: "Seconds since the key in the store was made, or was first seen.",
    LIMIT: "The age at which the spec wants it replaced.",
}


def check_place(file: Path) -> None:
    """Raise OutputError where the file could not be written afterwards: better before a key is made."""
    if file.is_dir() or not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise OutputError(f"{file} cannot be written", "name a file in a folder that exists and may be written to")


def ages_text(run: RotationRun) -> str:
    """Give the file's text: one line for each credential whose age is known."""
    lines: list[str] = []
    for name, place in ((AGE, 1), (LIMIT, 2)):
        known = [
            (key, values[0], values[place]) for key, values in sorted(run.ages.items()) if values[place] is not None
        ]
        if known:
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge"]
            lines += [f'{name}{{credential="{key}",esp="{account}"}} {value:.0f}' for key, account, value in known]
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
                stream.write(ages_text(run))
            Path(name).chmod(READABLE)
            Path(name).replace(file)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}", "the rotation itself has run") from None
