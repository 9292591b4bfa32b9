"""Prometheus' own programs, as tests run them: promtool, the blackbox exporter, Prometheus itself. On loopback only."""

import http.client
import json
import re
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 30
SUCCESS = re.compile(r"^probe_success ([01])$", re.MULTILINE)


def run(*command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever its exit code; stderr is in stdout."""
    return subprocess.run(
        command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60
    )


def get(port: int, path: str) -> str:
    """Give the body of an answer with status 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode()
        assert answer.status == 200, f"{answer.status} {body}"
        return body
    finally:
        connection.close()


@dataclass(frozen=True)
class Blackbox:
    """A running blackbox exporter."""

    port: int

    def metrics(self, module: str, target: str) -> str:
        """Give everything a probe says."""
        return get(self.port, "/probe?" + urllib.parse.urlencode({"module": module, "target": target}))

    def succeeds(self, module: str, target: str) -> bool:
        """Tell `probe_success`."""
        found = SUCCESS.search(self.metrics(module, target))
        assert found is not None
        return found[1] == "1"

    def log_of(self, module: str, target: str) -> str:
        """Give what a probe did, step by step."""
        return get(self.port, "/probe?" + urllib.parse.urlencode({"module": module, "target": target, "debug": "true"}))


@contextmanager
def blackbox_exporter(
    find_tool: Callable[[str], str], folder: Path, config: Mapping[str, object]
) -> Iterator[Blackbox]:
    """Run the exporter with a configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "blackbox.yml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    port = _free_port()
    command = [find_tool("prometheus-blackbox-exporter"), f"--config.file={file}"]
    with _daemon([*command, f"--web.listen-address={LOOPBACK}:{port}"], port, folder / "blackbox.log"):
        yield Blackbox(port)


@contextmanager
def prometheus(find_tool: Callable[[str], str], folder: Path, config: Path) -> Iterator[Callable[[str], object]]:
    """Run Prometheus with a configuration file; gives a function from a path of its API to the data of the answer."""
    port = _free_port()
    command = [
        find_tool("prometheus"),
        f"--config.file={config}",
        f"--web.listen-address={LOOPBACK}:{port}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
    ]
    with _daemon(command, port, folder / "prometheus.log"):
        yield lambda path: json.loads(get(port, f"/api/v1/{path}"))["data"]


def eventually(look: Callable[[], bool]) -> bool:
    """Tell whether something becomes true in good time."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not look():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.1)
    return True


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        return found.getsockname()[1]


@contextmanager
def _daemon(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            if not eventually(lambda: process.poll() is not None or _listens(port)) or process.poll() is not None:
                raise RuntimeError(f"{command[0]} did not come up:\n{log.read_text(errors='replace')[-2000:]}")
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
        return True
    return False
