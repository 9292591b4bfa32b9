"""Programs run to their end, with what they cost; and the zones of a made-up setup as octoDNS reads them."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from setups import write_setup

OCTODNS_CONFIG = """\
providers:
  source:
    class: octodns.provider.yaml.YamlProvider
    directory: {source}
    enforce_order: false
  target:
    class: octodns_bind.ZoneFileProvider
    directory: {target}
zones:
  '*':
    sources: [source]
    targets: [target]
"""


@dataclass(frozen=True)
class Measured:
    """The best of several runs of one program."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


def run_once(command: list[str], log: Path) -> Measured:
    """Run a program to its end. Ends the benchmark with the program's output where it fails."""
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-4000:]}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def best(command: list[str], fresh: Path | None, folder: Path, repeat: int) -> Measured:
    """Give the best of `repeat` runs; `fresh` is removed before each, for programs that write a folder."""
    runs = []
    for _ in range(repeat):
        if fresh:
            shutil.rmtree(fresh, ignore_errors=True)
        runs.append(run_once(command, folder / "log"))
    return Measured(
        min(run.wall_seconds for run in runs),
        min(run.cpu_seconds for run in runs),
        max(run.peak_megabytes for run in runs),
    )


def sendspec(spec: Path, output: Path, command: str) -> list[str]:
    """Give the command line of one of our commands."""
    return [sys.executable, "-m", "sendspec", "--spec", str(spec), "--output", str(output), command]


def write_octodns_config(folder: Path, count: int) -> Path:
    """Render the same setup for octoDNS and give a configuration that reads it."""
    write_setup(folder / "octodns-spec", count, ("octodns",))
    run_once(sendspec(folder / "octodns-spec", folder / "octodns-output", "render"), folder / "log")
    source = folder / "octodns-output" / "dns" / "octodns"
    config = folder / "octodns.yaml"
    config.write_text(OCTODNS_CONFIG.format(source=source, target=folder / "octodns-target"))
    return config
