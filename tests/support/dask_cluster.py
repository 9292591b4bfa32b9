"""A Dask cluster on loopback: its scheduler and workers are processes, which a test may stop, freeze and kill."""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

LIBRARIES = sysconfig.get_paths()["purelib"]
PATIENCE_SECONDS = 30.0
WITHOUT_SENDSPEC = (sys.executable, "-S")
"""Without `site`, which is what puts an editable sendspec on the path."""


@dataclass
class Worker:
    """One worker: one process, one thread."""

    process: "subprocess.Popen[bytes]"
    address: str

    def kill(self) -> None:
        """Have it die, as when memory runs out."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Have it keep its connections and say nothing any more."""
        self.process.send_signal(signal.SIGSTOP)


@dataclass
class Cluster:
    """A scheduler, and the workers that have been added."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    address: str
    workers: list[Worker] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def add(self, workers: int = 1, *, python: tuple[str, ...] = (sys.executable,), path: str = "") -> list[Worker]:
        """Start workers. `path` is what their PYTHONPATH holds: another sendspec, or the libraries alone."""
        started = [self._start_worker(f"worker-{next(self._numbers)}", python, path) for _ in range(workers)]
        new = [Worker(process, _registered(process, log)) for process, log in started]
        self.workers += new
        return new

    def _start_worker(self, name: str, python: tuple[str, ...], path: str) -> "tuple[subprocess.Popen[bytes], Path]":
        folder = self.folder / name
        folder.mkdir()
        command = [*python, "-m", "distributed.cli.dask_worker", self.address, "--host", "127.0.0.1", "--no-nanny"]
        command += ["--no-dashboard", "--nthreads", "1", "--name", name, "--local-directory", str(folder)]
        return _start(command, folder, {"PYTHONPATH": path}), folder / "log"

    def die(self) -> None:
        """Have the scheduler die."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End everything that is still there, frozen workers too."""
        self.kill_workers()
        self.die()

    def kill_workers(self) -> None:
        """End all workers, and wait until the scheduler knows."""
        for worker in self.workers:
            worker.kill()
        for worker in self.workers:
            if self.process.poll() is None:
                _logged(f"Remove worker.*({re.escape(worker.address)})", self.process, self.folder / "log")
        self.workers.clear()


@contextmanager
def dask_cluster(folder: Path, workers: int = 0, environment: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Run a scheduler without sendspec, and workers that have it."""
    folder.mkdir()
    command = [*WITHOUT_SENDSPEC, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    command.append("--no-dashboard")
    process = _start(command, folder, {"PYTHONPATH": LIBRARIES, **(environment or {})})
    cluster = Cluster(folder, process, "")
    try:
        cluster.address = _logged(r"Scheduler at: +(\S+)", process, folder / "log")
        cluster.add(workers)
        yield cluster
    finally:
        cluster.stop()


def _start(command: list[str], folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )


def _registered(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Give the address of a worker that its scheduler knows."""
    address = _logged(r"Start worker at: +(\S+)", process, log)
    _logged(r"(Registered to): +tcp", process, log)
    return address


def _logged(pattern: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    """Wait for a line of a log."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while (found := re.search(pattern, log.read_text(errors="replace"))) is None:
        if process.poll() is not None or time.monotonic() > ends_at:
            raise RuntimeError(f"{pattern} is not in the log:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)
    return found[1]
