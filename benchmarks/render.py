"""How long `sendspec render` takes beside octodns-sync writing the same zones, and how both grow.

    benchmarks/render.py [--domains 1000 10000] [--repeat 3]

octoDNS reads the zones that sendspec rendered for it and writes them as zone files; it runs as it is, and once more
with PyYAML's C loader put in the place of the Python one. Ours reads the spec and the lock file, checks every rule and
writes zone files, env files, ESP payloads, README and manifest. Wall and CPU seconds are the best of the runs.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import dns.rdatatype
import dns.zone
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
FEWEST_RECORDS = 6  # of one domain; fewer, and the two agree about nothing much
OCTODNS = "from octodns.cmds.sync import main; main()"
C_LOADER = f"import yaml; yaml.SafeLoader = yaml.CSafeLoader; {OCTODNS}"


@dataclass(frozen=True)
class Measured:
    """The best of several runs of one program."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


@dataclass(frozen=True)
class Size:
    """All programs at one number of domains."""

    domains: int
    sendspec: Measured
    octodns: Measured
    octodns_c: Measured


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


def best(command: list[str], fresh: Path, folder: Path, repeat: int) -> Measured:
    """Give the best of `repeat` runs, each into a folder that does not exist yet."""
    runs = []
    for _ in range(repeat):
        shutil.rmtree(fresh, ignore_errors=True)
        runs.append(run_once(command, folder / "log"))
    return Measured(
        min(run.wall_seconds for run in runs),
        min(run.cpu_seconds for run in runs),
        max(run.peak_megabytes for run in runs),
    )


def sendspec(spec: Path, output: Path) -> list[str]:
    """Give the command that renders a spec."""
    return [sys.executable, "-m", "sendspec", "--spec", str(spec), "--output", str(output), "render"]


def write_octodns_config(folder: Path, count: int) -> Path:
    """Render the same setup for octoDNS and give a configuration that reads it."""
    write_setup(folder / "octodns-spec", count, ("octodns",))
    run_once(sendspec(folder / "octodns-spec", folder / "octodns-output"), folder / "log")
    source = folder / "octodns-output" / "dns" / "octodns"
    config = folder / "octodns.yaml"
    config.write_text(OCTODNS_CONFIG.format(source=source, target=folder / "octodns-target"))
    return config


def records_of(zone_file: Path, name: str) -> set[tuple[str, int, str]]:
    """Read a zone file back, without the SOA that octoDNS makes up."""
    zone = dns.zone.from_file(str(zone_file), f"{name}.", relativize=False, check_origin=False)
    return {
        (owner.to_text(), ttl, rdata.to_text())
        for owner, ttl, rdata in zone.iterate_rdatas()
        if rdata.rdtype != dns.rdatatype.SOA
    }


def compare_zones(ours: Path, theirs: Path, count: int) -> None:
    """Make sure that both wrote the same records: a race between different tasks has no winner."""
    names = sorted(file.name.removesuffix(".") for file in theirs.iterdir())
    if len(names) != count:
        sys.exit(f"octoDNS wrote {len(names)} zones of {count}")
    for name in names[:: max(1, count // 50)]:
        found = records_of(ours / "dns" / name / "zone.db", name)
        if len(found) < FEWEST_RECORDS or found != records_of(theirs / f"{name}.", name):
            sys.exit(f"sendspec and octoDNS disagree about {name}")


def measure(count: int, repeat: int, folder: Path) -> Size:
    """Measure all programs with `count` domains."""
    write_setup(folder / "specs", count, ("bind",))
    ours = best(sendspec(folder / "specs", folder / "output"), folder / "output", folder, repeat)
    config = write_octodns_config(folder, count)
    target = folder / "octodns-target"
    arguments = ["--config-file", str(config), "--doit", "--force", "--quiet"]
    plain = best([sys.executable, "-c", OCTODNS, *arguments], target, folder, repeat)
    with_c = best([sys.executable, "-c", C_LOADER, *arguments], target, folder, repeat)
    compare_zones(folder / "output", target, count)
    return Size(count, ours, plain, with_c)


def print_table(sizes: list[Size]) -> None:
    """Print what was measured as a Markdown table, and the growth from each size to the next."""
    print("| domains | program | wall s | CPU s | peak MB | sendspec / this, wall | sendspec / this, CPU |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for size in sizes:
        for name, run in (
            ("sendspec render", size.sendspec),
            ("octodns-sync", size.octodns),
            ("octodns-sync, C loader", size.octodns_c),
        ):
            ratios = (size.sendspec.wall_seconds / run.wall_seconds, size.sendspec.cpu_seconds / run.cpu_seconds)
            shown = "| |" if run is size.sendspec else f"{ratios[0]:.2f} | {ratios[1]:.2f} |"
            print(
                f"| {size.domains:,} | {name} | {run.wall_seconds:.2f} | {run.cpu_seconds:.2f} "
                f"| {run.peak_megabytes:.0f} | {shown}"
            )
    for smaller, larger in pairwise(sizes):
        print(
            f"\nFrom {smaller.domains:,} to {larger.domains:,} domains ({larger.domains / smaller.domains:.1f} times): "
            f"sendspec takes {larger.sendspec.wall_seconds / smaller.sendspec.wall_seconds:.1f} times as long, "
            f"octodns-sync {larger.octodns.wall_seconds / smaller.octodns.wall_seconds:.1f} times."
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="sendspec render beside octodns-sync")
    parser.add_argument("--domains", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    sizes = []
    for count in arguments.domains:
        with tempfile.TemporaryDirectory(prefix="sendspec-benchmark-") as folder:
            sizes.append(measure(count, arguments.repeat, Path(folder)))
    print_table(sizes)


main()
