"""A whole pull: everything side by side, nothing lost when it is killed, quiet when nothing changed."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pulls import SENDGRID, TODAY, Pulls, world_dns

from sendspec.lock.book import JOURNAL, read_book
from sendspec.model.live import LiveAccount
from sendspec.pipeline import validate

NEWS = "news.northwind.example"
SUPPORT = Path(__file__).resolve().parent.parent / "support"
KILLED = """
import os, signal, sys
from pathlib import Path
from pulls import *
pulls = Pulls(Path(sys.argv[1]), dns=world_dns({("spf.crm.example", "TXT"): ("v=spf1 -all",)}))
pulls.accounts["sendgrid-eu"] = LiveAccount(issued={"news.northwind.example": SENDGRID})
def die(account):
    if account == "ses-eu":
        os.kill(os.getpid(), signal.SIGKILL)
pulls.before_account = die
pulls.run()
"""


@pytest.fixture
def pulls(northwind) -> Pulls:
    return Pulls(northwind)


def test_a_pull_from_nothing_fills_the_lock_file_and_validate_finds_nothing_missing(pulls):
    pulls.accounts["sendgrid-eu"] = LiveAccount(issued={NEWS: SENDGRID})
    full = read_book(pulls.folder, pulls.lock.read_bytes()).contents
    for account in ("ses-eu", "postmark-main"):
        parts = {
            domain: {"dkim": {key: value for key, value in entry["dkim"].items() if key != "read"}}
            for domain, entry in full["issued"][account].items()
        }
        pulls.accounts[account] = LiveAccount(issued=parts)
    pulls.lock.unlink()
    run = pulls.run()
    assert run.is_complete
    assert len(run.found.changes) == 2 + 2 + 3 + 3
    after = validate(pulls.folder, TODAY)
    assert not [each for each in after.findings if each.rule in {"pending-values", "spf-tree-unknown"}]
    assert not [each for each in after.findings if each.severity.name in {"ERROR", "WARNING"}]


def test_a_pull_that_changes_nothing_leaves_every_byte(pulls):
    pulls.run()
    first, times = pulls.lock.read_bytes(), pulls.lock.stat().st_mtime_ns
    pulls.today += timedelta(days=3)
    assert pulls.run().is_quiet
    assert (pulls.lock.read_bytes(), pulls.lock.stat().st_mtime_ns) == (first, times)
    assert not (pulls.folder / JOURNAL).exists()


def test_killed_in_the_middle_what_was_read_is_in_the_next_run(pulls):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(pulls.folder)],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (pulls.folder / JOURNAL).read_bytes()
    assert "em4242" not in pulls.lock.read_text()
    pulls.dns = world_dns({("spf.crm.example", "TXT"): ("v=spf1 -all",)})
    pulls.run()
    text = pulls.lock.read_text()
    assert "em4242" in text
    assert 'text: "v=spf1 -all"' in text
    assert not (pulls.folder / JOURNAL).exists()
    assert validate(pulls.folder)


def test_a_run_that_is_stopped_says_why_and_keeps_everything(pulls):
    before = read_book(pulls.folder, pulls.lock.read_bytes()).contents
    pulls.seconds = 0.0
    pulls.dns = world_dns()
    run = pulls.run()
    assert run.stopped == "the deadline of 0 s has passed"
    assert not run.is_complete
    assert read_book(pulls.folder, pulls.lock.read_bytes()).contents == before


def test_progress_is_told(pulls):
    pulls.run()
    assert pulls.told == ["reading SPF: 3 names"]
