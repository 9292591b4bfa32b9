"""The benchmark runs, and compares programs that do the same work."""

import re
import subprocess
import sys

from sendspec.pipeline import validate


def test_a_small_run_prints_every_program_with_its_ratio(repository):
    done = subprocess.run(
        [sys.executable, str(repository / "benchmarks" / "render.py"), "--domains", "2", "6", "--repeat", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(
        r"^\| (\d+) \| (sendspec render|octodns-sync(?:, C loader)?) \| [\d.]+ ", done.stdout, re.MULTILINE
    )
    programs = ["sendspec render", "octodns-sync", "octodns-sync, C loader"]
    assert rows == [(count, program) for count in ("2", "6") for program in programs]
    assert "From 2 to 6 domains (3.0 times)" in done.stdout


def test_validation_is_measured_on_the_example_and_beside_octodns(repository):
    done = subprocess.run(
        [sys.executable, str(repository / "benchmarks" / "validate.py"), "--domains", "4", "--repeat", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    # What a busy machine measures is no reason for a test to fail; everything else is.
    assert done.returncode == 0 or done.stderr.startswith("the example takes"), done.stdout + done.stderr
    assert re.match(r"specs/: [\d.]+ s of CPU", done.stdout)
    rows = re.findall(r"^\| 4 \| (.+?) \| [\d.]+ ", done.stdout, re.MULTILINE)
    assert rows == ["sendspec validate", "octodns-validate", "octodns-validate, C loader"]


def test_the_made_up_setups_are_sound_and_wait_for_nothing(repository, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    from setups import write_setup

    write_setup(tmp_path / "specs", 6, ("bind",))
    validation = validate(tmp_path / "specs")
    assert [finding for finding in validation.findings if finding.severity != "info"] == []
    assert list(validation.setup.pending()) == []
    sizes = {sum(len(rrset.values) for rrset in domain.zone.rrsets) for domain in validation.setup.domains}
    assert sizes == {6, 9}
