"""`sendspec check --dask` as its users run it, on a real cluster on loopback."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from dask_cluster import Cluster, dask_cluster
from dns_shop import SPEC
from loopback_internet import loopback_internet
from sound_world import sound_records

from sendspec.cli import run
from sendspec.pipeline import compile_folder

CUSTOMERS = 50


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster") / "dask", workers=2) as running:
        yield running


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Give the folder of a spec with many domains."""
    customers = "".join(f"  customer{number}.example: {{sends: never}}\n" for number in range(CUSTOMERS))
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "shop.yaml").write_text(SPEC.replace("esps:\n", f"{customers}esps:\n", 1), encoding="utf-8")
    return folder


def test_the_shares_together_find_what_one_process_finds(sendspec, find_tool, tmp_path, spec, cluster):
    setup = compile_folder(spec).setup
    records = sound_records(setup)
    for number in range(0, CUSTOMERS, 3):
        del records[f"_dmarc.customer{number}.example", "TXT"]
    with loopback_internet(find_tool, tmp_path / "dns", setup, records) as resolver:
        arguments = ("check", "--only", "dns", "--resolver", resolver, "--format", "json")
        alone = sendspec(*arguments)
        together = sendspec(*arguments, "--dask", cluster.address)
    assert (alone.returncode, together.returncode, together.stderr) == (1, 1, "")
    one, many = json.loads(alone.stdout), json.loads(together.stdout)
    assert one["summary"]["error"] > CUSTOMERS // 3
    assert one["summary"]["unknown"] > 0
    assert alike(many) == alike(one)
    assert many["summary"] == one["summary"]
    assert many["passed"] == one["passed"] > 100
    assert many["stopped"] == ""
    assert {finding["where"]["file"] for finding in many["findings"]} == {"specs/shop.yaml"}


def alike(report: dict) -> Counter[str]:
    return Counter(json.dumps(finding, sort_keys=True) for finding in report["findings"])


def test_ctrl_c_reports_what_came(tmp_path, spec, cluster):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silence:
        silence.bind(("127.0.0.1", 0))
        silence.settimeout(30)
        options = ["--only", "dns", "--resolver", f"127.0.0.1#{silence.getsockname()[1]}", "--dask", cluster.address]
        command = [sys.executable, "-m", "sendspec", "check", *options]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        silence.recv(512)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, "")
    assert "unknown[live-dns-" in stdout
    assert "unknown[live-cluster-" not in stdout
    assert "interrupted, so not everything was looked at" in stdout


def test_a_cluster_that_cannot_be_used_is_exit_code_4(spec, monkeypatch, capsys):
    monkeypatch.chdir(spec.parent)
    assert run(["check", "--dask", "tls://127.0.0.1:9"]) == 4
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert "tls://127.0.0.1:9 needs TLS, which is not configured here\n  Dask's own configuration" in stderr


@pytest.mark.parametrize(
    "address", ["", "scheduler", "http://127.0.0.1:8786", "tcp://127.0.0.1:port", "a b:1", "tcp://\x1b[2J:1"]
)
def test_what_is_no_address_is_told(spec, capsys, address):
    assert run(["check", "--dask", address, "--spec", str(spec)]) == 64
    assert "write the scheduler's address as tcp://" in capsys.readouterr().err


def test_without_dask_the_package_to_install_is_named(spec, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run(["check", "--dask", "127.0.0.1:9", "--spec", str(spec)]) == 64
    assert "pip install 'sendspec[dask]'" in capsys.readouterr().err


def test_nothing_else_loads_dask(tmp_path, spec):
    code = (
        "import sys; from sendspec.cli import run; run(['validate']); run(['check', '--resolver', '127.0.0.1#9', "
        "'--deadline', '1']); print({'dask', 'distributed', 'sendspec.cluster'} & set(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stderr == "set()\n"


def test_a_share_that_did_not_come_back_is_explained(capsys):
    for kind in ("live-cluster-late", "live-cluster-share-failed"):
        assert run(["explain", kind]) == 0
        assert "Why it matters:" in capsys.readouterr().out
