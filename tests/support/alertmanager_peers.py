"""A real Alertmanager on loopback, and an SMTP server that offers PLAIN alone."""

import http.client
import json
import socket
import subprocess
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
