"""`validate --write-accept`: an old setup becomes quiet, and stays honest."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ACCEPT = ("validate", "--write-accept", "--because", "before sendspec", "--today", "2026-12-01")
ONE_CLICK = 'unsubscribe: {one_click: "https://northwind.example/u/{token}"}'


@pytest.fixture
def old(northwind: Path) -> Path:
    """Give a setup with errors and warnings, written in somebody's own manner."""
    spec = northwind / "northwind.yaml"
    text = spec.read_text().replace(ONE_CLICK, "").replace('reports: ["mailto:dmarc@northwind.example"]', "")
    spec.write_text(f"# ours,   with our blanks\n{text}")
    return northwind


def rules(ran: "subprocess.CompletedProcess[str]", part: str = "findings", but: str = "info") -> list[str]:
    return sorted(each["rule"] for each in json.loads(ran.stdout)[part] if each["severity"] != but)


def test_what_is_found_today_is_accepted_and_nothing_else_is_touched(sendspec: Run, old: Path) -> None:
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    found = rules(sendspec("validate", "--format", "json"))
    assert len(found) >= 2
    ran = sendspec(*ACCEPT)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == f"specs/accepted.yaml: {len(found)} acceptances added"
    after = {path.name: path.read_bytes() for path in old.iterdir()}
    written = after.pop("accepted.yaml")
    assert after == before
    entries = yaml.safe_load(written)["accept"]
    assert sorted(entry["rule"] for entry in entries) == found
    assert {entry["because"] for entry in entries} == {"before sendspec"}
    clean = sendspec("validate", "--fail-on", "warning", "--format", "json", "--today", "2026-12-01")
    assert (clean.returncode, rules(clean), rules(clean, "accepted")) == (0, [], found)
    assert sendspec("render").returncode == 0


def test_the_second_run_changes_nothing(sendspec: Run, old: Path) -> None:
    sendspec(*ACCEPT)
    file = old / "accepted.yaml"
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino)
    ran = sendspec(*ACCEPT)
    assert ran.stdout.splitlines()[-1] == "specs/accepted.yaml: nothing to add"
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_a_new_finding_still_shows_and_is_added_to_what_is_there(sendspec: Run, old: Path) -> None:
    sendspec(*ACCEPT)
    first = yaml.safe_load((old / "accepted.yaml").read_text())["accept"]
    spec = old / "northwind.yaml"
    spec.write_text(
        spec.read_text().replace(
            "streams: [support]\n    speaks: [smtp]", "streams: [support]\n    blocked_ports: [587]\n    speaks: [smtp]"
        )
    )
    ran = sendspec("validate", "--format", "json")
    new = rules(ran)
    assert new
    assert sendspec(*ACCEPT[:2], "--because", "another day").returncode == 0
    second = yaml.safe_load((old / "accepted.yaml").read_text())["accept"]
    assert [entry for entry in second if entry["because"] == "before sendspec"] == first
    assert sorted(entry["rule"] for entry in second if entry["because"] == "another day") == new
    assert second == sorted(second, key=lambda entry: (entry["rule"], entry["at"]))


def test_a_finding_that_was_cured_leaves_an_acceptance_that_says_so(sendspec: Run, old: Path) -> None:
    sendspec(*ACCEPT)
    spec = old / "northwind.yaml"
    spec.write_text(spec.read_text().replace("    events: {url", f"    {ONE_CLICK}\n    events: {{url", 1))
    found = json.loads(sendspec("validate", "--format", "json").stdout)["findings"]
    (unused,) = [each for each in found if each["rule"] == "accept-unused"]
    assert unused["where"]["file"] == "specs/accepted.yaml"


def test_past_its_day_an_acceptance_is_an_error_that_no_acceptance_quiets(sendspec: Run, old: Path) -> None:
    assert sendspec(*ACCEPT, "--until", "2027-03-01").returncode == 0
    assert sendspec("validate", "--today", "2027-03-01").returncode == 0
    ran = sendspec("validate", "--today", "2027-03-02", "--format", "json")
    assert ran.returncode == 1
    assert set(rules(ran)) == {"accept-expired"}
    assert sendspec(*ACCEPT[:2], "--today", "2027-03-02").returncode == 1
    (old / "mine.yaml").write_text('accept: [{rule: accept-expired, because: "hush"}]\n')
    assert sendspec("validate", "--today", "2027-03-02").returncode == 1


def test_infos_are_accepted_only_where_they_would_fail(sendspec: Run, northwind: Path) -> None:
    ran = sendspec(*ACCEPT)
    assert ran.stdout.splitlines()[-1] == "specs/accepted.yaml: nothing to add"
    assert not (northwind / "accepted.yaml").exists()
    assert sendspec("validate", "--fail-on", "info", "--today", "2026-12-01").returncode == 1
    ran = sendspec(*ACCEPT, "--fail-on", "info")
    assert ran.returncode == 0
    assert sendspec("validate", "--fail-on", "info", "--today", "2026-12-01").returncode == 0


def test_what_somebody_wrote_by_hand_stays_beside_it(sendspec: Run, old: Path) -> None:
    mine = 'accept:   # by hand\n  - {rule: dmarc-no-reports, because: "mine"}\n'
    (old / "mine.yml").write_text(mine)
    assert sendspec(*ACCEPT).returncode == 0
    assert (old / "mine.yml").read_text() == mine
    assert "dmarc-no-reports" not in (old / "accepted.yaml").read_text()
    found = json.loads(sendspec("validate", "--format", "json").stdout)
    assert {each["because"] for each in found["accepted"]} == {"mine", "before sendspec"}


def test_problems_of_the_files_cannot_be_accepted(sendspec: Run, old: Path) -> None:
    spec = old / "northwind.yaml"
    spec.write_text(spec.read_text().replace("esp: ses-eu", "esp: ses-e"))
    ran = sendspec(*ACCEPT)
    assert ran.returncode == 1
    assert "spec-unknown-reference" in ran.stdout
    assert not (old / "accepted.yaml").exists()


def test_json_says_what_was_written(sendspec: Run, old: Path) -> None:
    document = json.loads(sendspec(*ACCEPT, "--format", "json").stdout)
    assert document["written"]["file"] == "specs/accepted.yaml"
    assert document["written"]["added"] == len(document["accepted"]) > 0


def test_without_a_reason_the_entry_says_that_nobody_has_looked(sendspec: Run, old: Path) -> None:
    assert sendspec("validate", "--write-accept").returncode == 0
    assert "nobody has looked at it yet" in (old / "accepted.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--because", "x"], "belong to --write-accept"),
        (["--until", "2027-01-01"], "belong to --write-accept"),
        (["--write-accept", "--because", " "], "--because holds no text"),
        (["--write-accept", "--because", "a\x1b[2J"], "--because holds no text"),
        (["--write-accept", "--until", "2020-01-01"], "2020-01-01 has passed"),
        (["--write-accept", "--spec", "specs/northwind.yaml"], "is one file"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_and_writes_nothing(
    sendspec: Run, old: Path, arguments: list[str], said: str
) -> None:
    ran = sendspec("validate", *arguments)
    assert ran.returncode == 64
    assert said in ran.stderr
    assert not (old / "accepted.yaml").exists()
