"""How long `sendspec validate` takes: on the shipped example, and on many domains beside octodns-validate.

    benchmarks/validate.py [--domains 10000] [--repeat 3]

octodns-validate reads the zones that sendspec rendered for it and checks each record by itself; it runs as it is, and
once more with PyYAML's C loader put in the place of the Python one. Ours reads the spec and the lock file, compiles them
into the same records, and runs every rule over them: SPF, DKIM, DMARC, alignment, streams, routes, accounts.
Wall and CPU seconds are the best of the runs. On the example CPU time must stay under half a second: it is what a
reviewer waits for.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from programs import Measured, best, sendspec, write_octodns_config
from setups import write_setup

EXAMPLE = Path(__file__).resolve().parent.parent / "specs"
MOST_CPU_SECONDS = 0.5
OCTODNS = "from octodns.cmds.validate import main; main()"
C_LOADER = f"import yaml; yaml.SafeLoader = yaml.CSafeLoader; {OCTODNS}"


def measure_example(repeat: int) -> Measured:
    """Measure the shipped example."""
    with tempfile.TemporaryDirectory(prefix="sendspec-benchmark-") as folder:
        return best(sendspec(EXAMPLE, Path(folder) / "output", "validate"), None, Path(folder), repeat)


def measure_many(count: int, repeat: int) -> dict[str, Measured]:
    """Measure all programs with `count` domains; by name, ours first."""
    with tempfile.TemporaryDirectory(prefix="sendspec-benchmark-") as name:
        folder = Path(name)
        write_setup(folder / "specs", count, ("bind",))
        config = ["--config-file", str(write_octodns_config(folder, count))]
        commands = {
            "sendspec validate": sendspec(folder / "specs", folder / "output", "validate"),
            "octodns-validate": [sys.executable, "-c", OCTODNS, *config],
            "octodns-validate, C loader": [sys.executable, "-c", C_LOADER, *config],
        }
        return {program: best(command, None, folder, repeat) for program, command in commands.items()}


def main() -> None:
    """Measure and print; fail where the example takes too long."""
    parser = argparse.ArgumentParser(description="sendspec validate beside octodns-validate")
    parser.add_argument("--domains", type=int, nargs="*", default=[10000])
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    example = measure_example(max(3, arguments.repeat))
    print(
        f"specs/: {example.cpu_seconds:.2f} s of CPU, {example.wall_seconds:.2f} s, {example.peak_megabytes:.0f} MB\n"
    )
    if arguments.domains:
        print("| domains | program | wall s | CPU s | peak MB | sendspec / this, wall | sendspec / this, CPU |")
        print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for count in arguments.domains:
        measured = measure_many(count, arguments.repeat)
        ours = measured["sendspec validate"]
        for program, run in measured.items():
            ratios = (ours.wall_seconds / run.wall_seconds, ours.cpu_seconds / run.cpu_seconds)
            shown = "| |" if run is ours else f"{ratios[0]:.2f} | {ratios[1]:.2f} |"
            print(
                f"| {count:,} | {program} | {run.wall_seconds:.2f} | {run.cpu_seconds:.2f} "
                f"| {run.peak_megabytes:.0f} | {shown}"
            )
    if example.cpu_seconds > MOST_CPU_SECONDS:
        sys.exit(f"the example takes {example.cpu_seconds:.2f} s of CPU; it must stay under {MOST_CPU_SECONDS}")


main()
