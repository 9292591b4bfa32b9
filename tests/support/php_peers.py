"""PHP in tests: programs that send with generated files, and the stand-ins of APIs that they call."""

import json
import os
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from failover_table import SLOW, Absence, in_thread
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import Authority

from sendspec.esp.interface import load_stand_in
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall, StandIn
from sendspec.rehearse.https_server import HttpsServer, Misbehaviour

DEBIAN = Path("/usr/share/php")
SECONDS = 2
"""How long PHP waits for an answer in a failover test."""


@dataclass(frozen=True)
class Php:
    """PHP's command line, which trusts the tests' authority."""

    path: str
    trusted: Path
    folder: Path

    @property
    def log(self) -> Path:
        """Give the file that `error_log()` writes to."""
        return self.folder / "php.log"

    def run(self, *arguments: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it. Files that it makes for itself go to the test's folder."""
        settings = {
            "openssl.cafile": str(self.trusted),
            "curl.cainfo": str(self.trusted),
            "default_socket_timeout": str(SECONDS),
            "sys_temp_dir": str(self.folder),
            "display_errors": "stderr",
            "log_errors": "0",
            "error_log": str(self.log),
            "precision": "17",
            "serialize_precision": "-1",
        }
        options = [word for name, value in settings.items() for word in ("-d", f"{name}={value}")]
        return subprocess.run(
            [self.path, *options, *arguments],
            input=text,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, script: Path, question: object, *arguments: str) -> Any:
        """Give a script a JSON value and read one back; whatever else it says fails the test."""
        done = self.run(str(script), *arguments, text=json.dumps(question))
        assert done.returncode == 0, done.stdout + done.stderr
        assert not done.stderr, done.stderr
        return json.loads(done.stdout)


@dataclass
class Api:
    """An ESP's stand-in at a port of localhost, and the calls that came."""

    port: int
    stand_in: StandIn
    server: HttpsServer

    @property
    def url(self) -> str:
        """Give the base URL, without a trailing slash."""
        return f"https://localhost:{self.port}"

    @property
    def calls(self) -> list[ApiCall]:
        """Give what was asked."""
        return self.server.calls


@contextmanager
def api_stand_in(
    authority: Authority,
    setup: Setup,
    esp: str,
    host: str,
    values: Mapping[str, str],
    fault: int | Misbehaviour | Absence | None = None,
) -> Iterator[Api]:
    """Run the stand-in of an ESP's API at https://localhost in place of `host`; `fault` is what ails it."""
    known = defaultdict(lambda: "not-real", values)
    stand_in = load_stand_in(esp).make(setup, known, lambda: datetime.now(UTC))

    def answer(call: ApiCall) -> ApiAnswer:
        if isinstance(fault, int):
            return stand_in.fault(fault)
        return stand_in.answer(replace(call, host=host))  # its header, which SES wants signed, stays

    with in_thread() as run:
        server = HttpsServer({"localhost": answer}, {"localhost": authority.server_context()})
        if isinstance(fault, Misbehaviour):
            server.misbehaviours["localhost"] = fault
        run(server.__aenter__())
        try:
            yield Api(server.port, stand_in, server)
        finally:
            run(server.__aexit__(None, None, None))


def send_side_by_side(send: Callable[..., object], cases: Sequence[object], faults: Iterable[str]) -> None:
    """Send cases in one process, and each that has to wait in one of its own, so that the waiting is done at once."""
    named = list(zip(faults, cases, strict=True))
    groups = [[case] for fault, case in named if fault in SLOW]
    groups.append([case for fault, case in named if fault not in SLOW])
    with ThreadPoolExecutor(len(groups)) as pool:
        for done in [pool.submit(send, *group) for group in groups]:
            done.result()


def find_php(find_tool: Callable[[str], str], authority: Authority, folder: Path, *libraries: str) -> Php:
    """Give PHP; without it or one of these files of Debian's libraries the test is skipped by name, and fails in CI."""
    path = find_tool("php")
    for library in libraries:
        if not (DEBIAN / library).exists():
            message = f"{DEBIAN / library} is missing: run 'make peers'"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return Php(path, authority.bundle, folder)


def display_names() -> list[str]:
    """Give names as people and hypothesis make them up, as a spec may hold them: printable, without blanks at the ends.

    Not `0`, which PHP takes for none; the files say so.
    """
    names: list[str] = []
    letters = st.characters(exclude_categories=["Cs", "Cc", "Cn"])

    @given(st.text(letters, min_size=1, max_size=12))
    @settings(max_examples=25, database=None)
    def collect(text: str) -> None:
        names.append(text)

    collect()
    names += [
        '"Shop"',
        "O'Neil",
        "'Shop'",
        "Shop <x>",
        "a, b",
        "50 %",
        "%env(HOME)%",
        "\\",
        "Zoë \\",
        "(c)",
    ]
    return [name for name in dict.fromkeys(names) if name.isprintable() and name == name.strip() != "0"]
