"""The commands as their users run them: what they say, ask, write and exit with."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cli_in_world
import pytest
from aws_world import AwsWorld, aws_world, make_empty
from https_peers import AUTHORITY
from whole_world import WholeWorld, whole_world

import sendspec.net.open as opening
from sendspec.cli import run
from sendspec.lock.load import LOCK_FILE

INPUTS = ("subuser_email", "subuser_password", "subuser_ip")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def amazon() -> Iterator[AwsWorld]:
    with aws_world() as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, amazon: AwsWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[WholeWorld]:
    make_empty(amazon)
    with whole_world(tmp_path, amazon, monkeypatch) as found:
        monkeypatch.setattr(opening, "NetSettings", cli_in_world.lead_into(found.settings))
        monkeypatch.chdir(tmp_path)
        yield found


@pytest.fixture
def sendspec(world: WholeWorld, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; give its exit code, stdout and stderr."""

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        for text in said:
            assert not [secret for secret in world.all_secrets() if secret in text]
        return code, said.out, said.err

    return command


def given(world: WholeWorld) -> list[str]:
    return [part for name in INPUTS for part in ("--input", f"{name}=file://{world.secrets}/{name}")]


def built(world: WholeWorld, sendspec: Run) -> None:
    assert sendspec("apply", "--yes", *given(world))[0] == 0
    world.look_at_dns()
    assert sendspec("apply", "--yes", *given(world))[0] == 0


def test_a_plan_says_what_is_done_in_order_and_what_is_awaited(world, sendspec):
    code, out, _ = sendspec("plan", *given(world))
    assert code == 0
    headings = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert headings[:2] == ["at the ESPs, before DNS:", "in DNS:"]
    assert "+ create identity/mail.shop.example (ses)" in out
    assert "awaited, and nothing waits for it:" in out
    assert re.fullmatch(r"\d+ to create, \d+ to update; 3 awaited; 0 as the spec says", headings[-1])
    assert sendspec("plan", "--exit-code", *given(world))[0] == 2
    assert not (world.folder / LOCK_FILE).exists()


def test_an_input_that_nobody_gave_is_asked_for_by_name(world, sendspec):
    code, out, _ = sendspec("plan", "--exit-code")
    assert code == 2
    assert "--input subuser_email=REFERENCE --input subuser_ip=REFERENCE --input subuser_password=REFERENCE" in out


def test_a_value_in_place_of_a_reference_is_refused_and_not_repeated(sendspec):
    code, out, err = sendspec("plan", "--input", "subuser_password=hunter2hunter2")
    assert code == 64
    assert "hunter2" not in out + err


def test_apply_asks_and_changes_nothing_where_nobody_answers(world, sendspec):
    code, out, err = sendspec("apply", *given(world))
    assert code == 3
    assert "nobody is here to be asked" in err
    assert "create identity/mail.shop.example" in out
    assert world.aws.changes() == []


def test_apply_makes_everything_tells_each_and_a_second_one_has_nothing_to_do(world, sendspec):
    code, out, _ = sendspec("apply", "--yes", *given(world))
    assert code == 0
    assert "+ create identity/mail.shop.example (ses): done" in out
    assert "Amazon SES has not seen mail.shop.example in DNS yet" in out
    world.look_at_dns()
    assert sendspec("apply", "--yes")[0] == 0
    text = (world.folder / LOCK_FILE).read_bytes()
    code, out, _ = sendspec("apply")
    assert (code, out.splitlines()[-1].partition(";")[0]) == (0, "nothing to do")
    assert sendspec("plan", "--exit-code")[0] == 0
    assert (world.folder / LOCK_FILE).read_bytes() == text


def test_a_plan_in_json_and_markdown_says_the_same(world, sendspec):
    _, out, _ = sendspec("plan", "--format", "json", *given(world))
    found = json.loads(out)["plan"]
    _, markdown, _ = sendspec("plan", "--format", "markdown", *given(world))
    assert markdown.startswith("## sendspec plan: ")
    for change in found["changes"]:
        assert change["means"], change["key"]
        assert f"`{change['subject']}`" in markdown
    assert sendspec("plan", "--format", "sarif")[0] == 64


def test_a_reviewed_plan_is_carried_out_and_one_that_is_stale_refused(world, sendspec, tmp_path):
    saved = str(tmp_path / "plan.json")
    code, out, _ = sendspec("plan", "--out", saved, *given(world))
    assert code == 0
    assert f"`sendspec apply {saved}` carries it out" in out
    world.zone.put("_dmarc.shop.example", "TXT", 300, '"v=DMARC1; p=reject"')
    code, _, err = sendspec("apply", saved, "--yes", "--adopt", "all", *given(world))
    assert code == 3
    assert "the world moved since the plan was made" in err
    assert "update _dmarc.shop.example TXT" in err
    del world.zone.sets["_dmarc.shop.example.", "TXT", ""]
    assert sendspec("apply", saved, "--yes", *given(world))[0] == 0
    assert sendspec("apply", str(tmp_path / "nothing.json"))[0] == 64
    (tmp_path / "other.json").write_text("{}")
    assert sendspec("apply", str(tmp_path / "other.json"))[0] == 64


def test_an_outage_is_refused_until_it_is_allowed_by_name(world, sendspec):
    built(world, sendspec)
    spec = world.folder / "spec.yaml"
    old = "{role: primary, via: api, esp: postmark}, {role: fallback, via: smtp, esp: ses}"
    spec.write_text(spec.read_text().replace(old, "{role: primary, via: smtp, esp: ses}"))
    code, out, err = sendspec("apply", "--yes")
    assert code == 3
    assert "it stops mail of receipts" in err
    assert "--allow-outage receipts" in err
    assert "stops mail of receipts: --allow-outage receipts" in out
    assert sendspec("apply", "--yes", "--allow-outage", "reciepts")[0] == 64
    assert sendspec("apply", "--yes", "--allow-outage", "receipts")[0] == 0


def test_a_spec_with_an_error_is_no_base_for_a_plan(world, sendspec):
    spec = world.folder / "spec.yaml"
    spec.write_text(spec.read_text().replace("from: Shop <receipts@mail.shop.example>", "from: nobody"))
    for command in ("plan", "apply", "drift"):
        code, out, _ = sendspec(command)
        assert (code, "error[" in out) == (1, True), command


def test_pull_fills_the_lock_file_and_says_what_that_means(world, sendspec):
    sendspec("apply", "--yes", *given(world))
    lock = world.folder / LOCK_FILE
    text = lock.read_text()
    lock.write_text("version: 1\nowned:" + text.partition("\nowned:")[2])
    code, out, _ = sendspec("pull")
    assert "issued/ses/mail.shop.example/dkim: new" in out
    assert "for `receipts`" in out
    assert code in {0, 1}, out  # the SPF records of vendors are not in this world
    assert "issued:" in lock.read_text()
    before = lock.read_bytes()
    sendspec("pull")
    assert lock.read_bytes() == before


def test_drift_is_quiet_when_nothing_has_drifted_and_names_what_has(world, sendspec, monkeypatch):
    built(world, sendspec)
    monkeypatch.setenv("SENDSPEC_OUTPUT", str(world.folder.parent / "output"))
    assert sendspec("render")[0] == 0
    look = ("drift", "--only", "api")
    monkeypatch.setattr("sendspec.live.check", lambda *_: _nothing_found())
    code, out, err = sendspec(*look)
    assert (code, out, err) == (0, "", "")
    world.aws.ses.sets["ses-receipts"]["SendingOptions"]["SendingEnabled"] = False
    code, out, _ = sendspec(*look)
    assert code == 2
    assert "SendingOptions.SendingEnabled: False -> True" in out
    code, out, _ = sendspec(*look, "--format", "github")
    assert code == 2
    assert "::error" in out
    assert "configuration-set/ses-receipts" in out
    for form in ("json", "markdown", "sarif", "junit"):
        assert "ses-receipts" in sendspec(*look, "--format", form)[1], form
    (world.folder.parent / "output" / "README.md").write_text("edited")
    code, out, _ = sendspec(*look)
    assert code == 2
    assert "1 file is not what the spec says" in out


def _nothing_found():
    from sendspec.check.run import CheckRun

    return CheckRun(passed=3)


def test_what_cannot_be_looked_at_is_never_green(world, sendspec):
    (world.secrets / "postmark-managing").unlink()
    code, out, _ = sendspec("plan")
    assert code == 4
    assert "could not be looked at:" in out


@pytest.mark.parametrize("calls", [1, 4, 9, 16])
def test_a_process_that_is_killed_leaves_nothing_that_the_next_one_cannot_finish(world, sendspec, tmp_path, calls):
    authority = tmp_path / "authority.pem"
    authority.write_bytes(AUTHORITY.cert_pem.bytes())
    environment = {
        **os.environ,
        "WORLD_RESOLVER": str(world.settings.resolvers[0].port),
        "WORLD_HTTPS": str(world.settings.dial("192.0.2.80", 443)[1]),
        "WORLD_AUTHORITY": str(authority),
        "WORLD_KILL": str(calls),
    }
    command = [sys.executable, cli_in_world.__file__, "apply", "--yes", *given(world)]
    ended = subprocess.run(command, env=environment, capture_output=True, check=False, cwd=tmp_path, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    there = world.census()
    code, out, _ = sendspec("apply", "--yes", *given(world))
    assert code == 0, out
    world.look_at_dns()
    assert sendspec("apply", "--yes")[0] == 0
    assert sendspec("plan", "--exit-code")[0] == 0
    assert all(count <= world.census()[what] for what, count in there.items())
    assert world.census()["identities"] == world.census()["servers"] == 1
