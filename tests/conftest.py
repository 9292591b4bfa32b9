"""What every test may use: the repository, the shipped example, real tools, and no way out to the network."""

import ipaddress
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# Debian keeps daemons and zone checkers where a user's PATH may not look.
SYSTEM_FOLDERS = "/usr/sbin:/sbin"

# A busy machine is no reason to fail: what a property says does not depend on milliseconds.
hypothesis.settings.register_profile("sendspec", deadline=None, print_blob=True)
hypothesis.settings.load_profile("sendspec")


class NetworkRefusedError(RuntimeError):
    """A test tried to leave the machine."""


def _is_local(host: object) -> bool:
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if text in {"", "localhost", socket.gethostname()} or text.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_foreign_hosts(event: str, arguments: tuple[object, ...]) -> None:
    """See every connection of this process, C extensions included; programs that tests start are not seen."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        if isinstance(address, tuple) and not _is_local(address[0]):
            raise NetworkRefusedError(f"{event} to {address[0]}: tests stay on this machine")
    elif event == "socket.getaddrinfo" and not _is_local(arguments[0]):
        raise NetworkRefusedError(f"looking up {arguments[0]!r}: tests stay on this machine")


def pytest_configure(config: pytest.Config) -> None:
    """Put up the guard once for each process; an audit hook cannot be taken away again."""
    sys.addaudithook(_refuse_foreign_hosts)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Give the root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def find_tool() -> Callable[[str], str]:
    """Give a function from a program's name to its path.

    A missing program skips the test by name; where `CI` is set it fails it, so that no gap stays unseen.
    """

    def find(name: str) -> str:
        path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}")
        if path is not None:
            return path
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing: run 'make peers'")
        pytest.skip(f"{name} is not installed; 'make peers' installs it")

    return find


@pytest.fixture
def northwind(tmp_path: Path) -> Path:
    """Give a copy of the shipped example that a test may change: a folder with spec and lock file."""
    folder = tmp_path / "specs"
    shutil.copytree(REPOSITORY / "specs", folder)
    return folder
