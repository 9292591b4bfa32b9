"""The commands that compare and change, without a world: what they refuse before they look, and what they say when stopped."""

import json
from pathlib import Path

import pytest

from sendspec import live, manage
from sendspec.check.run import CheckRun
from sendspec.cli import run
from sendspec.model.live import Failure, Outcome, Unread
from sendspec.model.plan import Plan
from sendspec.plan.apply import Applied, Done

SPEC = """\
version: 1
domains:
  shop.example:
    dmarc: {policy: none, reports: ["mailto:dmarc@shop.example"]}
esps:
  postmark:
    kind: postmark
    managed: apply
    credentials: {server_token: {from: "env://TOKEN", env: POSTMARK_SERVER_TOKEN}}
    manage: {account_token: {from: "env://ACCOUNT"}}
streams:
  receipts:
    kind: transactional
    from: Shop <receipts@mail.shop.example>
    events: {url: "https://hooks.shop.example/mail/{kind}", types: [bounced, complained]}
    routes: [{role: primary, via: api, esp: postmark}]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "spec.yaml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_file_that_cannot_be_written_is_refused_before_the_world_is_read(monkeypatch, capsys):
    monkeypatch.setattr(manage, "plan", interrupted)
    assert run(["plan", "--out", "nowhere/plan.json"]) == 4
    assert "its folder does not exist" in capsys.readouterr().err
    assert run(["plan", "--out", "specs"]) == 4
    assert "specs is a folder" in capsys.readouterr().err


def test_ctrl_c_while_a_plan_is_made_says_that_there_is_none(monkeypatch, capsys):
    monkeypatch.setattr(manage, "plan", interrupted)
    assert run(["plan"]) == 130
    assert "interrupted before everything was looked at" in capsys.readouterr().err


@pytest.mark.parametrize("when", ["checks", "plan"])
def test_ctrl_c_in_drift_reports_what_was_seen_by_then(when, monkeypatch, capsys):
    assert run(["render"]) == 0
    stopped = live.INTERRUPTED if when == "checks" else ""
    monkeypatch.setattr(live, "check", lambda *_: CheckRun(passed=3, stopped=stopped))
    monkeypatch.setattr(manage, "plan", interrupted)
    capsys.readouterr()
    assert run(["drift", "--format", "json"]) == 130
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], found["stopped"]) == (3, "interrupted")
    assert found["plan"]["is_complete"] is False
    assert run(["drift"]) == 130
    assert "interrupted, so not everything was looked at" in capsys.readouterr().out


def test_a_plan_that_could_not_look_at_everything_is_complete_for_nobody(monkeypatch, capsys):
    monkeypatch.setattr(manage, "plan", lambda *_: Plan(unread=(Unread("postmark", "no token", "give one"),)))
    assert run(["plan", "--exit-code"]) == 4
    assert run(["plan", "--format", "markdown"]) == 4
    assert "### Could not be looked at" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("failures", "code"),
    [
        ((), 0),
        ((Failure.UNKNOWN,), 4),
        ((Failure.LATER,), 4),
        ((Failure.NEEDS, Failure.LATER), 1),
        ((Failure.REFUSED,), 1),
    ],
)
def test_the_worst_failure_gives_the_exit_code(failures, code, monkeypatch, capsys):
    from plans import identity

    plan = Plan((identity(),))
    failed = [Done(identity(number), Outcome(failure, "no")) for number, failure in enumerate(failures)]
    applied = Applied(plan, done=[Done(identity(9), Outcome())], failed=failed, after=Plan())
    monkeypatch.setattr(manage, "apply", lambda *_: applied)
    assert run(["apply", "--yes", "--format", "json"]) == code
    assert [each["done"] for each in json.loads(capsys.readouterr().out)["done"]] == [True, *(False for _ in failures)]


@pytest.mark.parametrize("name", ["live-drift-differs", "live-drift-unread"])
def test_what_drift_finds_is_explained(name, capsys):
    assert run(["explain", name]) == 0
    assert "Why it matters" in capsys.readouterr().out


def test_a_pending_record_says_who_makes_what_it_waits_for(folder, capsys):
    assert run(["explain", "*._domainkey.mail.shop.example"]) == 0
    assert "`managed: apply`: `sendspec apply` makes it" in " ".join(capsys.readouterr().out.split())
    (folder / "specs" / "spec.yaml").write_text(SPEC.replace("    managed: apply\n", ""))
    assert run(["explain", "*._domainkey.mail.shop.example"]) == 0
    assert "whoever applies esps/postmark/ makes it, then `sendspec pull`" in " ".join(capsys.readouterr().out.split())
