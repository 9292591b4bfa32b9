"""A real Alertmanager on loopback, an SMTP server that offers PLAIN alone, and port 465, where implicit TLS is fixed."""

import asyncio
import http.client
import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import mail_servers
import pytest
from aiosmtpd.smtp import SMTP
from prometheus_peers import LOOPBACK, eventually


def offer_plain_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave LOGIN out: Alertmanager takes the first mechanism it knows, and does not know aiosmtpd's words for LOGIN."""
    monkeypatch.setattr(mail_servers, "SMTP", partial(SMTP, auth_exclude_mechanism=["LOGIN"]))


@dataclass(frozen=True)
class Alertmanager:
    """A running Alertmanager."""

    port: int
    log: Path

    def fire(self, **labels: str) -> None:
        """Fire an alert."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=10)
        try:
            body = json.dumps([{"labels": labels}])
            connection.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
            assert connection.getresponse().status == 200
        finally:
            connection.close()

    def says(self, text: str) -> bool:
        """Tell whether its log comes to hold a text."""
        return eventually(lambda: text in self.log.read_text(encoding="utf-8"))


@contextmanager
def alertmanager(find_tool: Callable[[str], str], configuration: Path, trusted: Path) -> Iterator[Alertmanager]:
    """Run Alertmanager in the folder of its configuration, trusting the certificates of a file."""
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        port = found.getsockname()[1]
    folder = configuration.parent
    command = [
        find_tool("prometheus-alertmanager"),
        f"--config.file={configuration}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--cluster.listen-address=",
        "--log.level=debug",
    ]
    log = folder / "alertmanager.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd="/", env={"SSL_CERT_FILE": str(trusted)}, stdout=output, stderr=output
        ) as process,
    ):
        try:
            assert eventually(lambda: process.poll() is not None or _listens(port)), log.read_text(encoding="utf-8")
            assert process.poll() is None, log.read_text(encoding="utf-8")
            yield Alertmanager(port, log)
        finally:
            process.kill()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
        return True
    return False


@contextmanager
def port_465(port: int) -> Iterator[None]:
    """Hand what comes in at port 465 on to another port of this machine; skips, or fails in CI, where it cannot be had."""
    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(asyncio.start_server(partial(_hand_on, port), LOOPBACK, 465))
    except OSError as trouble:
        loop.close()
        message = f"port 465 of {LOOPBACK} cannot be opened: {trouble}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _hand_on(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    other_reader, other_writer = await asyncio.open_connection(LOOPBACK, port)
    await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
    finally:
        writer.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.01)  # a transport closes its socket in the loop's next round
