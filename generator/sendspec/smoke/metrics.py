"""Tell Prometheus what a smoke test came to: a file for node_exporter's textfile collector."""

import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sendspec.errors import OutputError
from sendspec.model.canary import CanaryRun, canary_samples, metrics_text
from sendspec.model.smoke import End, SmokeRun

MOST_OCTETS = 65_536
READABLE = 0o644
"""node_exporter runs as somebody else."""


def check_place(file: Path) -> None:
    """Raise OutputError where the file could not be written afterwards: better before a message is sent."""
    if file.is_dir() or not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise OutputError(f"{file} cannot be written", "name a file in a folder that exists and may be written to")


def write_metrics(file: Path, run: SmokeRun, ended: datetime) -> None:
    """Write the file as a whole. What this run cannot say, such as when the last good one was, stays as it was.

    Raises:
        OutputError: it cannot be written.
    """
    text = metrics_text(tuple(canary_samples(canary(run, ended), _before(file))))
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(name).chmod(READABLE)
            Path(name).replace(file)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}", "the smoke test itself has run") from None


def canary(run: SmokeRun, ended: datetime) -> CanaryRun:
    """Give what a run means to a canary."""
    return CanaryRun(run.plan.stream.id, ended.timestamp(), run.is_through, run.is_by_fallback, tuple(_phases(run)))


def _phases(run: SmokeRun) -> list[tuple[str, float]]:
    phases = []
    if run.accepted is not None:
        phases.append(("accepted", run.accepted.seconds))
    elif run.app_run is not None and run.app_run.end is End.GOOD:
        phases.append(("accepted", run.app_run.seconds))
    if run.event is not None and run.event.end is End.GOOD:
        phases.append(("event", run.event.seconds))
    return phases


def _before(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(MOST_OCTETS)
    except OSError:
        return ""
