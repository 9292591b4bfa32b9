"""Real name servers' zone checkers, on a zone as its owner keeps it: SOA, NS, and our fragment taken in."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sendspec.model.output_file import OutputFile

# testbed.md 1.4 has `-i full`, which asks the system's resolver about hosts outside the zone; local keeps all else.
STRICT = ("-i", "local", "-k", "fail", "-m", "fail", "-n", "fail", "-M", "fail", "-S", "fail", "-r", "fail")
ZONE = "northwind.example"


@pytest.fixture(scope="session")
def owners_zone(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give a function that writes the fragment and an owner's zone that includes it; gives the path of the latter."""
    folder = tmp_path_factory.mktemp("zone")

    def write(file: OutputFile, after: str = "") -> Path:
        fragment = folder / "fragment.db"
        fragment.write_text(file.content, encoding="utf-8")
        zone = folder / "owner.db"
        zone.write_text(
            f"$ORIGIN {ZONE}.\n$TTL 86400\n@ IN SOA ns1 hostmaster 1 7200 900 1209600 300\n@ IN NS ns1\n"
            f"ns1 IN A 192.0.2.53\n$INCLUDE {fragment} {ZONE}.\n{after}",
            encoding="utf-8",
        )
        return zone

    return write


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="session", params=["named-checkzone", "nsd-checkzone", "kzonecheck"])
def accepts(request: pytest.FixtureRequest, find_tool: Callable[[str], str]) -> Callable[[Path], str]:
    """Give a function from a zone file to what one zone checker has against it; empty when it accepts."""
    program = find_tool(request.param)
    command: dict[str, Callable[[Path], tuple[str, ...]]] = {
        "named-checkzone": lambda path: (program, *STRICT, ZONE, str(path)),
        "nsd-checkzone": lambda path: (program, ZONE, str(path)),
        "kzonecheck": lambda path: (program, "-o", ZONE, str(path)),
    }

    def complaint(path: Path) -> str:
        done = _run(*command[request.param](path))
        return "" if done.returncode == 0 else done.stdout + done.stderr + f"exit {done.returncode}"

    return complaint


@pytest.fixture(scope="session")
def bind_reads(find_tool: Callable[[str], str]) -> Callable[[Path], str]:
    """Give a function from a zone file to BIND's own text of it: one record a line, all names absolute."""
    program = find_tool("named-compilezone")

    def read(path: Path) -> str:
        done = _run(program, "-q", "-i", "local", "-s", "full", "-f", "text", "-o", "-", ZONE, str(path))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return read
