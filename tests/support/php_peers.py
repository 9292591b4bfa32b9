"""PHP in tests: programs that send with generated files, and servers that fail in every way a failover table asks for."""

import asyncio
import json
import os
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import Authority

from sendspec.esp.interface import load_stand_in
from sendspec.model.setup import Setup
from sendspec.model.stand_in import ApiAnswer, ApiCall, StandIn
from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.https_server import HttpsServer, Misbehaviour
from sendspec.rehearse.smtp_faults import SmtpFault, hang, reset, say
from sendspec.rehearse.smtp_server import SmtpServer

DEBIAN = Path("/usr/share/php")
SECONDS = 2
"""How long PHP waits for an answer in a failover test."""
USER = PASSWORD = "both-user-and-password"

TABLE_SMTP: Mapping[str, SmtpFault | None] = {
    "421 at the banner": say(Phase.BANNER, "421 4.3.2 Too many connections"),
    "535 at AUTH": say(Phase.AUTH, "535 5.7.8 Authentication credentials invalid"),
    "451 at RCPT": say(Phase.RCPT, "451 4.7.1 Greylisted"),
    "451 at DATA": say(Phase.MESSAGE, "451 4.3.0 Try again later"),
    "550 at RCPT": say(Phase.RCPT, "550 5.1.1 No such mailbox"),
    "550 at DATA": say(Phase.MESSAGE, "550 5.7.1 Content refused"),
    "resets at MAIL": reset(Phase.MAIL),
    "hangs at MAIL": hang(Phase.MAIL),
    "hangs behind the final dot": hang(Phase.MESSAGE),
    "absent": None,
}
REFUSALS = ("550 at RCPT", "550 at DATA", "HTTP 422")
"""What a second ESP must not be asked to do again."""
TABLE_API: Mapping[str, int | Misbehaviour | None] = {
    "HTTP 401": 401,
    "HTTP 422": 422,
    "HTTP 429": 429,
    "HTTP 500": 500,
    "API resets the call": Misbehaviour.RESET,
    "API hangs in the call": Misbehaviour.HANG,
    "API is absent": None,
}


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
class FaultyServers:
    """Servers that fail, each in its own way, and one that is well, in an event loop of their own thread.

    Attributes:
        ports: Of the failing servers, by the name of the fault.
        port: Of the one that is well.
    """

    ports: dict[str, int] = field(default_factory=dict)
    port: int = 0
    failing: dict[str, SmtpServer] = field(default_factory=dict)
    well: SmtpServer | None = None

    def delivered(self, fault: str) -> dict[str, object]:
        """Give what became of the message to `<number of the fault>@customer.test`, as a row of the failover table."""
        recipient = address_for(fault)
        trouble = TABLE_SMTP.get(fault)
        assert trouble is None or self.failing[fault].played[trouble], f"{fault} was not met"
        primary = self.failing[fault].received if fault in self.failing else []
        assert self.well is not None
        taken = [message for message in self.well.received if recipient in message.recipients]
        first = [message for message in primary if recipient in message.recipients]
        by = "fallback" if taken else "primary" if first else "nobody"
        return {
            "fault": fault,
            "delivered_by": by,
            "resent_after_refusal": bool(taken) and fault in REFUSALS,
        }


def address_for(fault: str) -> str:
    """Give the recipient whose message meets a fault."""
    return "".join(character if character.isalnum() else "-" for character in fault.lower()) + "@customer.test"


@contextmanager
def in_thread() -> Iterator[Callable[..., object]]:
    """Give a function that runs a coroutine in the event loop of a thread and waits for it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def failing_server(authority: Authority, fault: SmtpFault) -> Iterator[tuple[SmtpServer, int]]:
    """Run one server with a fault, and give it with its port."""
    server = SmtpServer(Tls.STARTTLS, authority.server_context(), [(USER, PASSWORD)], faults=(fault,))
    with in_thread() as run:
        try:
            yield server, run(server.start())
        finally:
            run(server.close())


@contextmanager
def faulty_servers(authority: Authority, tls: Tls = Tls.STARTTLS) -> Iterator[FaultyServers]:
    """Run a server for each fault of SMTP, and one that is well."""
    context = authority.server_context()
    found = FaultyServers()

    def make(*faults: SmtpFault) -> SmtpServer:
        return SmtpServer(tls, context, [(USER, PASSWORD)], faults=faults)

    with in_thread() as run:
        found.well = make()
        found.port = run(found.well.start())
        for name, fault in TABLE_SMTP.items():
            server = make(*([fault] if fault else []))
            found.ports[name] = run(server.start())
            found.failing[name] = server
            if fault is None:
                run(server.close())
        try:
            yield found
        finally:
            for server in (found.well, *found.failing.values()):
                run(server.close())


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
    fault: int | Misbehaviour | None = None,
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


def compare_golden(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Compare a failover table with its file; `WRITE_GOLDEN=1` writes it."""
    text = "[\n" + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]\n"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def send_side_by_side(send: Callable[..., object], cases: Sequence[object], faults: Iterable[str]) -> None:
    """Send cases in one process, and each whose server hangs in one of its own, so that the waiting is done at once."""
    named = list(zip(faults, cases, strict=True))
    groups = [[case] for fault, case in named if "hang" in fault]
    groups.append([case for fault, case in named if "hang" not in fault])
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
