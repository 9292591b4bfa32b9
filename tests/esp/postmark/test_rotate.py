"""Postmark's tokens are replaced by people, step by step, and its DKIM keys by calls, in dated steps."""

from datetime import timedelta

import pytest
import yaml
from postmark_desk import ACCOUNT, ACCOUNT_REFERENCE, TOKEN_REFERENCE, Direct
from postmark_estate import ACCOUNT_TOKEN, Estate
from rotation_bench import Bench, Shelf, Wish

from sendspec.lock.load import LOCK_FILE
from sendspec.model.live import Failure
from sendspec.model.rotation import Todo
from sendspec.rotate import dkim

KEY = f"{ACCOUNT}.server_token"
ALL, DUE = Wish((ACCOUNT,)), Wish((ACCOUNT,), is_due_only=True)
SPEC = f"""
version: 1
domains: {{northwind.example: {{}}}}
esps:
  {ACCOUNT}:
    kind: postmark
    managed: apply
    settings: {{server: northwind-production}}
    credentials:
      server_token: {{from: "{TOKEN_REFERENCE}", env: POSTMARK_SERVER_TOKEN, rotate_every: 180d}}
    manage: {{account_token: {{from: "{ACCOUNT_REFERENCE}"}}}}
streams:
  receipts:
    kind: transactional
    from: Northwind <receipts@mail.northwind.example>
    routes: [{{role: primary, via: api, esp: {ACCOUNT}}}]
apps:
  shop: {{streams: [receipts]}}
"""
FIRST, SECOND = "0c6b7f2e-aaaa-4f00-8000-00000000aaaa", "0c6b7f2e-bbbb-4f00-8000-00000000bbbb"


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC)
    estate = Estate()
    shelf = Shelf({TOKEN_REFERENCE: FIRST, ACCOUNT_REFERENCE: ACCOUNT_TOKEN})
    found = Bench(tmp_path, shelf, http=Direct(estate.answer))
    found.estate = estate
    estate.make_server(Name="northwind-production", ApiTokens=[FIRST])
    tokens(found)[:] = [FIRST]
    yield found
    found.assert_no_secret_was_told(FIRST, SECOND)


def outcome(run):
    [found] = run.rotated
    return found


def tokens(bench) -> list[str]:
    [server] = bench.estate.servers.values()
    return server["ApiTokens"]


def test_steps_resume_until_the_old_token_is_gone(bench):
    steps = outcome(bench.rotate(ALL)).then
    assert any("generate another token" in step for step in steps)
    assert any(TOKEN_REFERENCE in step for step in steps)
    assert outcome(bench.rotate(ALL)).then == steps  # nothing has happened meanwhile

    tokens(bench).append(SECOND)
    bench.shelf.held[TOKEN_REFERENCE] = SECOND
    run = outcome(bench.rotate(ALL))
    assert run.failure is None, run
    assert "accepted" in run.done[0]
    assert any("shop" in words for words in run.then)
    assert [each.todo for each in bench.rotate(ALL).prospects] == [Todo.WAIT]

    bench.passed = timedelta(hours=25)
    assert any("delete the token that is not in the store" in words for words in outcome(bench.rotate(DUE)).then)
    assert any("delete" in words for words in outcome(bench.rotate(DUE)).then)
    tokens(bench).remove(FIRST)
    assert outcome(bench.rotate(DUE)).done == ("the old token exists no more",)
    assert set(bench.entry(KEY)) == {"key", "made"}
    assert bench.rotate(DUE).rotated == ()


def test_a_new_token_that_postmark_does_not_take_is_named_and_the_steps_go_on_later(bench):
    bench.rotate(ALL)
    bench.shelf.held[TOKEN_REFERENCE] = SECOND
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.REFUSED
    assert "not accepted" in run.said
    tokens(bench).append(SECOND)
    assert outcome(bench.rotate(ALL)).failure is None


def test_a_store_with_the_old_token_again_is_told_before_anybody_deletes_it(bench):
    bench.rotate(ALL)
    tokens(bench).append(SECOND)
    bench.shelf.held[TOKEN_REFERENCE] = SECOND
    bench.rotate(ALL)
    bench.shelf.held[TOKEN_REFERENCE] = FIRST
    bench.passed = timedelta(hours=25)
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.NEEDS
    assert "holds the old token again" in run.said


def test_a_cron_job_counts_from_when_it_first_saw_the_token(bench):
    assert bench.rotate(DUE).rotated == ()
    assert set(bench.entry(KEY)) == {"key", "seen"}
    bench.passed = timedelta(days=181)
    assert [each.todo for each in bench.rotate(DUE).prospects] == [Todo.BY_HAND]


def test_a_token_that_cannot_be_read_is_unknown(bench):
    del bench.shelf.held[TOKEN_REFERENCE]
    run = outcome(bench.rotate(ALL))
    assert run.failure is Failure.LATER
    assert "nothing is at" in run.said


DOMAIN = "mail.northwind.example"
DKIM = Wish((ACCOUNT,), dkim=DOMAIN)


def publish_pending(bench) -> dict:
    found = next(each for each in bench.estate.domains.values() if each["Name"] == DOMAIN)
    bench.estate.dns[found["DKIMPendingHost"], "TXT"] = found["DKIMPendingTextValue"]
    return found


@pytest.fixture
def signing(bench, monkeypatch):
    """Give an account whose domain signs with its first key, which the lock file has."""
    bench.estate.make_domain(DOMAIN)
    found = next(each for each in bench.estate.domains.values() if each["Name"] == DOMAIN)
    selector, value = found["DKIMPendingHost"].partition("._domainkey.")[0], found["DKIMPendingTextValue"]
    found |= {"DKIMHost": found["DKIMPendingHost"], "DKIMTextValue": value, "DKIMVerified": True}
    found |= {"DKIMPendingHost": "", "DKIMPendingTextValue": "", "DKIMUpdateStatus": "Verified"}
    entry = {"selector": selector, "value": value, "read": "2026-01-01"}
    lock = {"version": 1, "issued": {ACCOUNT: {DOMAIN: {"dkim": entry}}}}
    (bench.folder / LOCK_FILE).write_text(yaml.safe_dump(lock))
    bench.published = False

    async def lacking(_net, _setup, name, _value):
        return "" if bench.published else f"{name} is not there yet"

    monkeypatch.setattr(dkim, "lacking", lacking)
    bench.first = selector
    return bench


def issued(bench) -> dict:
    return yaml.safe_load(bench.lock)["issued"][ACCOUNT][DOMAIN]


def test_a_dkim_key_goes_from_one_selector_over_two_to_the_other(signing):
    assert outcome(signing.rotate(DKIM)).failure is None
    new = issued(signing)["next"]["selector"]
    assert issued(signing)["dkim"]["selector"] == signing.first != new

    assert [each.todo for each in signing.rotate(DKIM).prospects] == [Todo.WAIT]
    signing.published = True  # our name servers have it, and Postmark's resolver still does not
    assert outcome(signing.rotate(DKIM)).failure is Failure.LATER
    assert issued(signing)["dkim"]["selector"] == signing.first

    found = publish_pending(signing)
    assert outcome(signing.rotate(DKIM)).failure is None
    assert issued(signing)["dkim"]["selector"] == new
    assert issued(signing)["previous"]["selector"] == signing.first

    assert "does not say yet" in outcome(signing.rotate(DKIM)).then[0]
    found["SafeToRemoveRevokedKeyFromDNS"] = True
    assert outcome(signing.rotate(DKIM)).failure is None
    assert set(issued(signing)) == {"dkim"}
    assert "under_way" not in signing.entry(f"{ACCOUNT}/dkim/{DOMAIN}")


@pytest.mark.parametrize("is_after", [False, True])
def test_killed_at_any_call_no_second_key_is_made(signing, is_after):
    position = 0
    while signing.killed(DKIM, position + 1, is_after=is_after):
        position += 1
    assert outcome(signing.rotate(DKIM)).failure is None
    rotated = [call for call in signing.estate.calls if call.path.endswith("rotatedkim")]
    assert position
    assert len(rotated) == 1
