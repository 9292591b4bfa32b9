"""How long a whole check of many domains takes, DNS only, beside checkdmarc.

    benchmarks/check.py [--domains 100] [--delay 0 30] [--repeat 3] [--alone 10000]

Real servers on loopback (port 53, so it wants root): one nsd with every zone, their parents and whatever they lead to, and
an unbound that resolves for others. Both programs ask in the same run; checkdmarc asks the resolver, sendspec every
authoritative server and then the resolver. Before a number is printed, sendspec has found everything as declared, and
checkdmarc every SPF and DMARC record. `--alone` measures sendspec's time and memory on a size that nobody waits for with
the other program. The tables are Markdown.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from dns_questions import relay
from name_servers import free_server, nsd, unbound
from programs import Measured, run_once
from setups import write_setup

from sendspec.model.dns_record import Mx
from sendspec.net.address import Server
from sendspec.pipeline import compile_folder
from sendspec.rehearse.internet import PARENT_SERVER, internet
from sendspec.rehearse.values import public_key
from sendspec.rehearse.world import NAME_SERVERS, DnsWorld

PORT = 53
NAME_SERVER_NAMES = frozenset({*NAME_SERVERS, PARENT_SERVER})
PASSED = re.compile(r"^no findings; ([\d,]+) things are as declared", re.MULTILINE)


@contextmanager
def served(folder: Path, spec: Path, delay: float) -> Iterator[Server]:
    """Serve the world of a spec, each answer so many milliseconds later. Gives the resolver."""
    world = internet(compile_folder(spec).setup, {}, public_key())
    with ExitStack() as stack:
        behind, front = free_server(PORT), free_server(PORT)
        seen = front if delay else behind
        zones = dict(zone_texts(world, seen.address))
        stack.enter_context(nsd(find_tool, folder / "nsd", zones, behind))
        stack.enter_context(relay(behind, delay, 0.0, front))
        resolver = stack.enter_context(
            unbound(find_tool, folder / "unbound", dict.fromkeys(zones, behind), free_server(PORT))
        )
        yield stack.enter_context(relay(resolver, delay, 0.0, free_server(PORT)))


def zone_texts(world: DnsWorld, address: str) -> Iterator[tuple[str, str]]:
    """Give (zone, text) of every zone. All name servers are at one address."""
    lines = {zone: [f"@ NS {name}." for name in names] for zone, names in world.zones.items()}
    for zone, names in world.zones.items():
        if zone:
            lines[zone.partition(".")[2]] += [f"{zone}. NS {name}." for name in names]
    for (name, rtype), values in world.records.items():
        shown = [address] if name in NAME_SERVER_NAMES else [_data(value, rtype) for value in values]
        lines[world.zone_of(name)] += [f"{name}. {rtype} {value}" for value in shown]
    for zone in sorted(lines, key=lambda each: -each.count(".")):
        yield zone, "\n".join(lines[zone]) + "\n"


def _data(value: str | Mx, rtype: str) -> str:
    if isinstance(value, Mx):
        return f"{value.preference} {value.exchange}."
    if rtype != "TXT":
        return f"{value}." if rtype == "CNAME" else value
    return " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))


def find_tool(name: str) -> str:
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") or sys.exit(f"{name} is missing: make peers")


def ours(spec: Path, resolver: Server) -> list[str]:
    command = [sys.executable, "-m", "sendspec", "--spec", str(spec), "check", "--only", "dns", "--fail-on", "info"]
    return [*command, "--resolver", resolver.address]


def theirs(folder: Path, names: list[str], resolver: Server) -> list[str]:
    (folder / "domains").write_text("\n".join(names))
    program = str(Path(sys.executable).with_name("checkdmarc"))
    return [
        program,
        str(folder / "domains"),
        "-n",
        resolver.address,
        "--skip-tls",
        "-t",
        "10",
        "-o",
        str(folder / "out.json"),
    ]


def best_of(command: list[str], folder: Path, repeat: int) -> Measured:
    runs = [run_once(command, folder / "log") for _ in range(repeat)]
    return min(runs, key=lambda run: run.wall_seconds)


def compare(count: int, delay: float, repeat: int, folder: Path) -> None:
    spec = folder / "specs"
    write_setup(spec, count, ("bind",))
    names = [domain.name for domain in compile_folder(spec).setup.domains]
    with served(folder, spec, delay) as resolver:
        mine = best_of(ours(spec, resolver), folder, repeat)
        found = PASSED.search((folder / "log").read_text())
        if found is None:
            sys.exit((folder / "log").read_text()[-4000:])
        other = best_of(theirs(folder, names, resolver), folder, 1 if delay else repeat)
        answers = json.loads((folder / "out.json").read_text())
    sound = [each for each in answers if each["spf"].get("record") and each["dmarc"].get("record")]
    if len(sound) != len(names):
        sys.exit(f"checkdmarc found records for {len(sound)} of {len(names)} domains")
    show(count, delay, "sendspec check", mine, other)
    show(count, delay, "checkdmarc", other, None)


def alone(count: int, folder: Path) -> None:
    spec = folder / "specs"
    write_setup(spec, count, ("bind",))
    with served(folder, spec, 0) as resolver:
        mine = run_once(ours(spec, resolver), folder / "log")
        found = PASSED.search((folder / "log").read_text())
        if found is None:
            sys.exit((folder / "log").read_text()[-4000:])
    show(count, 0, "sendspec check", mine, None)
    print(f"\n{count:,} domains: {found[1]} things looked at and as declared.")


def show(count: int, delay: float, program: str, run: Measured, other: Measured | None) -> None:
    ratios = (
        f"{run.wall_seconds / other.wall_seconds:.3f} | {run.cpu_seconds / other.cpu_seconds:.3f}" if other else " | "
    )
    print(
        f"| {count:,} | {delay:g} | {program} | {run.wall_seconds:.2f} | {run.cpu_seconds:.2f} | {run.peak_megabytes:.0f} "
        f"| {ratios} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=100)
    parser.add_argument("--delay", type=float, nargs="*", default=[0.0, 30.0], metavar="MS")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--alone", type=int, default=0, metavar="DOMAINS")
    options = parser.parse_args()
    print("| domains | delay ms | program | wall s | CPU s | peak MB | sendspec / this, wall | sendspec / this, CPU |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    for delay in options.delay:
        with tempfile.TemporaryDirectory() as folder:
            compare(options.domains, delay, options.repeat, Path(folder))
    if options.alone:
        with tempfile.TemporaryDirectory() as folder:
            alone(options.alone, Path(folder))


if __name__ == "__main__":
    main()
