"""A run on a cluster whose processes die, freeze, differ or are not there: what is told, and that it ends."""

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from dask_cluster import LIBRARIES, WITHOUT_SENDSPEC, Cluster, dask_cluster

from sendspec import __version__, cluster
from sendspec.check.run import CheckRun
from sendspec.check.scope import Scope
from sendspec.cluster import connection
from sendspec.cluster import run as module
from sendspec.errors import SendspecError
from sendspec.model.finding import Finding
from sendspec.model.observation import Subject
from sendspec.net.address import Server
from sendspec.pipeline import compile_files
from sendspec.spec.files import read_files

NOWHERE = "127.0.0.1:9"
SPEC = "version: 1\ndomains:\n" + "".join(f"  customer{number}.example: {{sends: never}}\n" for number in range(60))


@dataclass
class Watch:
    told: list[Finding] = field(default_factory=list)
    progress: list[tuple[int, int, str]] = field(default_factory=list)

    def found(self, finding: Finding) -> None:
        self.told.append(finding)

    def advanced(self, done: int, total: int, title: str) -> None:
        self.progress.append((done, total, title))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """A real cluster deserves more patience."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(connection, "WORKERS_SECONDS", 1.0)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory) -> Iterator[Cluster]:
    """Give a cluster without workers."""
    with dask_cluster(tmp_path_factory.mktemp("scheduler") / "dask") as running:
        yield running


@pytest.fixture
def mortals(scheduler: Cluster, monkeypatch) -> Iterator[Cluster]:
    """Give a cluster with two workers that a test may kill."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 10.0)
    monkeypatch.setattr(module, "SMALLEST_SHARE", 5)  # so that each worker has something to do
    scheduler.add(2)
    yield scheduler
    scheduler.kill_workers()


@pytest.fixture
def silence() -> Iterator[socket.socket]:
    """Give a name server that hears and does not answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(30)
        yield server


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., CheckRun]:
    """Give a function that looks at DNS from a cluster."""
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    found = read_files(tmp_path)
    compiled = compile_files(found)

    def run(address: str, seconds: float = 30.0, server: socket.socket | None = None, watch: Watch | None = None):
        resolvers = (Server(*server.getsockname()[:1], port=server.getsockname()[1]),) if server else ()
        subjects = frozenset({Subject.DNS})
        request = cluster.Request(found, compiled, subjects, Scope(), seconds, resolvers, date(2026, 11, 26))
        return cluster.check(address, request, watch or Watch())

    return run


@contextmanager
def once_at_work(silence: socket.socket, act: Callable[[], None]) -> Iterator[None]:
    """Do something when the workers have begun to ask."""

    def wait_and_act() -> None:
        silence.recv(512)
        time.sleep(0.7)
        act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    yield
    thread.join()


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def kinds(run: CheckRun) -> set[str]:
    return {finding.rule for finding in run.findings}


def test_at_the_deadline_the_workers_tell_what_they_could_not_look_at(mortals, silence, check, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 30.0)
    watch = Watch()
    run = check(mortals.address, 2.0, silence, watch)
    assert (run.stopped, run.passed, run.is_interrupted) == ("the deadline of 2 s has passed", 0, False)
    assert run.unknown > len(run.findings) > 0
    assert not any(kind.startswith("live-cluster-") for kind in kinds(run))
    assert watch.told == run.findings
    assert re.fullmatch(r"(\d+) of \1 shares are back", watch.progress[-1][2])


def test_ctrl_c_ends_the_run_and_what_a_frozen_worker_has_is_late(mortals, silence, check, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 2.0)

    def freeze_and_press_ctrl_c() -> None:
        mortals.workers[0].freeze()
        press_ctrl_c()

    with once_at_work(silence, freeze_and_press_ctrl_c):
        run = check(mortals.address, server=silence)
    assert (run.stopped, run.is_interrupted) == ("interrupted", True)
    late = [finding for finding in run.findings if finding.rule == "live-cluster-late"]
    assert late
    for finding in late:
        said = re.fullmatch(r"share (\d+/\d+), about [\d,]+ things: interrupted", finding.message)
        assert f"`sendspec check --shard {said[1]}` looks at just this share" in finding.fix
    assert kinds(run) > {"live-cluster-late"}


def test_the_share_of_a_worker_that_dies_is_looked_at_by_another(mortals, silence, check, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 30.0)

    def kill_and_press_ctrl_c() -> None:
        mortals.workers[0].kill()
        time.sleep(0.5)
        press_ctrl_c()

    with once_at_work(silence, kill_and_press_ctrl_c):
        run = check(mortals.address, server=silence)
    assert run.stopped == "interrupted"
    assert kinds(run)
    assert not any(kind.startswith("live-cluster-") for kind in kinds(run))


def test_where_no_worker_is_left_the_rest_is_unknown(mortals, silence, check):
    with once_at_work(silence, lambda: [worker.kill() for worker in mortals.workers]):
        run = check(mortals.address, server=silence)
    assert run.stopped == "the cluster has no workers left"
    assert kinds(run) == {"live-cluster-late"}
    assert run.unknown >= 60


def test_a_share_that_kills_its_worker_is_given_up_and_the_others_go_on(tmp_path, silence, check, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 10.0)
    monkeypatch.setattr(module, "SMALLEST_SHARE", 5)
    monkeypatch.setattr(module, "GRACE_SECONDS", 30.0)
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with dask_cluster(tmp_path / "dask", 2, once) as mortals:
        dead = mortals.workers[0]

        def kill_and_press_ctrl_c() -> None:
            dead.kill()
            time.sleep(0.5)
            press_ctrl_c()

        with once_at_work(silence, kill_and_press_ctrl_c):
            run = check(mortals.address, server=silence)
    failed = [finding for finding in run.findings if finding.rule == "live-cluster-share-failed"]
    assert failed
    assert all(each.message.endswith(f": a worker died over it, the one at {dead.address}") for each in failed)
    assert kinds(run) > {"live-cluster-share-failed"}


def test_where_the_scheduler_goes_the_rest_is_unknown(tmp_path, silence, check, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 10.0)
    with dask_cluster(tmp_path / "dask", 1) as mortals, once_at_work(silence, mortals.die):
        run = check(mortals.address, server=silence)
    assert kinds(run) == {"live-cluster-share-failed"}
    assert {finding.message.partition(": ")[2] for finding in run.findings} == {
        "the connection to the cluster was lost"
    }
    assert run.unknown >= 60


def test_workers_with_another_sendspec_or_none_are_named(tmp_path, mortals, check):
    other = tmp_path / "other" / "sendspec"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text('__version__ = "0.0.9"', encoding="utf-8")
    (old,) = mortals.add(path=str(other.parent))
    (bare,) = mortals.add(python=WITHOUT_SENDSPEC, path=LIBRARIES)
    with pytest.raises(SendspecError) as refused:
        check(mortals.address)
    said = str(refused.value)
    assert said.startswith(f"every worker needs sendspec {__version__}, as here: ")
    assert f"{old.address} has 0.0.9" in said
    assert f"{bare.address} has none" in said
    assert mortals.workers[0].address not in said


def test_a_cluster_without_workers_is_told(scheduler, check):
    with pytest.raises(SendspecError, match=f"the Dask cluster at {scheduler.address} has no workers"):
        check(scheduler.address)


def test_a_cluster_that_is_not_there_is_told(check):
    with pytest.raises(SendspecError, match=f"the Dask cluster at {NOWHERE} cannot be reached"):
        check(NOWHERE)


@pytest.mark.parametrize(
    ("says", "told"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "is no Dask scheduler"), (b"", "cannot be reached")]
)
def test_a_server_that_is_no_scheduler_is_told(check, says, told):
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections = []

        def serve() -> None:
            connections.append(server.accept()[0])
            connections[0].sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(SendspecError, match=told):
            check(f"127.0.0.1:{server.getsockname()[1]}")
        thread.join()
        connections[0].close()


def test_a_cluster_that_is_not_reached_before_the_deadline_leaves_all_unknown(check):
    run = check(NOWHERE, 0.1)
    (finding,) = run.findings
    assert re.fullmatch(r"share 1/1, about \d+ things: the deadline of 0.1 s has passed", finding.message)
    assert (run.stopped, run.unknown >= 60) == ("the deadline of 0.1 s has passed", True)
