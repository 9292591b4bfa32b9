"""How long `sendspec render` takes beside octodns-sync writing the same zones, and how both grow.

    benchmarks/render.py [--domains 1000 10000] [--repeat 3]

octoDNS reads the zones that sendspec rendered for it and writes them as zone files; it runs as it is, and once more
with PyYAML's C loader put in the place of the Python one. Ours reads the spec and the lock file, checks every rule and
writes zone files, env files, ESP payloads, README and manifest. Wall and CPU seconds are the best of the runs.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import dns.rdatatype
import dns.zone
from programs import Measured, best, sendspec, write_octodns_config
from setups import write_setup

FEWEST_RECORDS = 6  # of one domain; fewer, and the two agree about nothing much
OCTODNS = "from octodns.cmds.sync import main; main()"
C_LOADER = f"import yaml; yaml.SafeLoader = yaml.CSafeLoader; {OCTODNS}"


@dataclass(frozen=True)
class Size:
    """All programs at one number of domains."""

    domains: int
    sendspec: Measured
    octodns: Measured
    octodns_c: Measured


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
    ours = best(sendspec(folder / "specs", folder / "output", "render"), folder / "output", folder, repeat)
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
