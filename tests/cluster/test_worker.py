"""What runs on a worker: one share, whatever becomes of it, and the end that the client asks for."""

import asyncio
import socket
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from sendspec import __version__
from sendspec.check.scope import Scope
from sendspec.cluster import worker
from sendspec.cluster.work import ShareRun, Work, pack_spec, unpack_spec
from sendspec.model.observation import Subject
from sendspec.net.address import Server
from sendspec.net.deadline import Deadline
from sendspec.spec.files import read_files

SPEC = "version: 1\ndomains:\n  a.example: {sends: never}\n  b.example: {sends: never}\n"

NOBODY = Server("127.0.0.1", port=9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "specs"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "deep" / "b.yaml").write_text("domains:\n  c.example: {sends: never}\n", encoding="utf-8")
    return folder


def work(folder: Path, run: str = "run", server: Server = NOBODY) -> Work:
    spec = pack_spec(read_files(folder))
    return Work(run, spec, frozenset({Subject.DNS}), Scope(), 30.0, (server,), date(2026, 11, 26))


def look_at(work: Work, share: tuple[int, int] = (1, 1)) -> ShareRun:
    """Look at a share as a worker does: in a thread that is not the main one."""
    answers: list[ShareRun | str] = []
    thread = threading.Thread(target=lambda: answers.append(worker.look_at(__version__, work.pack(), share)))
    thread.start()
    thread.join()
    assert isinstance(answers[0], ShareRun), answers[0]
    return answers[0]


@pytest.mark.parametrize("where", ["relative", "absolute", "below the current folder", "one file"])
def test_a_worker_elsewhere_names_files_as_the_caller_does(folder, tmp_path, monkeypatch, where):
    given = {
        "relative": Path("specs"),
        "absolute": folder,
        "below the current folder": folder,
        "one file": folder / "a.yaml",
    }[where]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere" if where == "absolute" else tmp_path)
    found = read_files(given)
    names = {name: found.display(name) for name in found.files}
    packed = pack_spec(found)
    monkeypatch.chdir(folder)
    unpacked = unpack_spec(packed)
    assert unpacked.files == found.files
    assert {name: unpacked.display(name) for name in names} == names
    assert names["a.yaml"] == (str(folder / "a.yaml") if where == "absolute" else "specs/a.yaml")


def test_no_folder_of_the_caller_is_looked_into(folder, monkeypatch, tmp_path):
    packed = work(folder)
    for file in folder.rglob("*.yaml"):
        file.unlink()
    run = look_at(packed).run
    assert {finding.where.file for finding in run.findings if finding.where} == {
        str(folder / "a.yaml"),
        str(folder / "deep" / "b.yaml"),
    }


def test_a_spec_is_compiled_once_for_all_shares(folder):
    packed = work(folder)
    assert worker.compiled_once(packed.spec) is worker.compiled_once(bytes(bytearray(packed.spec)))
    (folder / "a.yaml").write_text(f"{SPEC}  d.example: {{sends: never}}\n", encoding="utf-8")
    assert worker.compiled_once(work(folder).spec) is not worker.compiled_once(packed.spec)


def test_what_the_shares_look_at_is_counted(folder):
    packed = work(folder)
    parts = [look_at(packed, (number, 3)) for number in (1, 2, 3)]
    whole = look_at(packed)
    assert sum(part.run.unknown for part in parts) == whole.run.unknown > 0
    assert sum(part.looked_at for part in parts) == whole.looked_at


def test_a_bug_is_told_without_what_was_worked_on(monkeypatch, folder):
    async def fail(*_arguments: object) -> None:
        raise ValueError("hunter2")

    monkeypatch.setattr(worker.live, "look", fail)
    told = worker.look_at(__version__, work(folder).pack(), (1, 1))
    assert isinstance(told, str)
    assert "ValueError" in told
    assert "hunter2" not in told


def test_another_version_is_refused_before_anything_is_unpacked(monkeypatch):
    monkeypatch.setattr(worker, "_here", lambda: "the worker at tcp://192.0.2.1:1")
    told = worker.look_at("0.0.9", b"not for this version", (1, 1))
    assert told == f"the worker at tcp://192.0.2.1:1 has sendspec {__version__}, not 0.0.9"


def test_a_run_is_stopped_from_another_thread_and_shares_that_come_later_with_it(folder):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silence:
        silence.bind(("127.0.0.1", 0))
        silence.settimeout(20)
        packed = work(folder, "stopped", Server("127.0.0.1", port=silence.getsockname()[1]))

        def stop() -> None:
            silence.recv(512)
            worker.stop("stopped", "interrupted")

        thread = threading.Thread(target=stop)
        thread.start()
        started = time.monotonic()
        run = look_at(packed).run
        thread.join()
        assert (run.stopped, run.passed) == ("interrupted", 0)
        assert look_at(packed).run.stopped == "interrupted"
        assert time.monotonic() - started < 20


def test_a_worker_remembers_only_so_many_runs():
    underway = worker.Underway()
    for number in range(1_000):
        underway.stop(f"run {number}", "interrupted")

    async def reasons() -> list[bool]:
        ended = []
        for name in ("run 0", "run 999", "another"):
            deadline = Deadline(60)
            with underway.holding(name, deadline):
                ended.append(deadline.has_passed)
        return ended

    assert asyncio.run(reasons()) == [False, True, False]
