"""SendGrid keys are replaced by calls, killed at each of them, and plan finds nothing to do afterwards."""

import asyncio
from datetime import timedelta

import pytest
from rotation_bench import Bench, Shelf, Wish
from sendgrid_estate import ACCOUNT, MANAGE, MANAGED, SEND, Estate

from sendspec.esp.rotating import KeyRotator, load_rotator
from sendspec.esp.sendgrid.resources import sending_keys
from sendspec.esp.sendgrid.rotate import rotator
from sendspec.lock.book import read_book
from sendspec.model.live import Failure
from sendspec.model.rotation import Todo
from sendspec.plan.ownership import read_owned
from sendspec.rotate import run
from sendspec.spec.files import read_files

KEY = f"{ACCOUNT}.api_key"
ALL, DUE = Wish((ACCOUNT,)), Wish((ACCOUNT,), is_due_only=True)
OLD = timedelta(hours=25)
SPEC = f"""
version: 1
domains: {{northwind.example: {{}}}}
esps:
  {ACCOUNT}:
    kind: sendgrid
    settings: {{region: eu, subuser: northwind-eu}}
    credentials:
      api_key: {{from: "{SEND}", env: SENDGRID_API_KEY, rotate_every: 90d, overlap: 12h}}
streams:
  newsletter:
    kind: marketing
    from: Northwind <hello@news.northwind.example>
    unsubscribe: {{one_click: "https://northwind.example/u/{{token}}"}}
    routes: [{{role: primary, via: api, esp: {ACCOUNT}}}]
apps:
  shop: {{streams: [newsletter]}}
""".replace(*MANAGED, 1)


class Benches:
    """Makes benches, each with an account of its own, and closes them."""

    def __init__(self, folder, compile_spec) -> None:
        self.folder, self.compile_spec, self.count = folder, compile_spec, 0

    def __call__(self) -> Bench:
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        (folder / "spec.yaml").write_text(SPEC)
        estate = Estate(self.compile_spec(SPEC))
        estate.is_direct = True
        bench = Bench(folder, Shelf(dict(estate.vault.values)), http=estate)
        bench.estate = estate
        return bench


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    """SendGrid says when it takes calls again; nobody waits for it here."""

    async def pause(_seconds: float) -> None:
        return

    monkeypatch.setattr(run, "load_rotator", lambda _kind: rotator(pause))


@pytest.fixture
def make_bench(tmp_path, compile_spec):
    return Benches(tmp_path, compile_spec)


@pytest.fixture
def bench(make_bench):
    found = make_bench()
    yield found
    found.assert_no_secret_was_told(*found.estate.user.keys)


def sending(bench) -> dict[str, str]:
    """Give secret -> name of the keys that do not manage."""
    user = bench.estate.user
    return {secret: user.names[secret] for secret in user.keys if secret not in user.managing}


def is_served(bench) -> bool:
    return bench.shelf.held[SEND] in sending(bench)


def outcome(run):
    [found] = run.rotated
    return found


def differences(bench) -> dict[str, list[str]]:
    """Give what plan would do about keys."""
    estate = bench.estate
    estate.vault.values = bench.shelf.held
    estate._runner = asyncio.Runner()
    setup = bench.setup()
    estate.with_setup(setup)
    files = read_files(bench.folder)
    estate.owned = dict(read_owned(read_book(files.folder, files.lock).get("owned")).of_account(ACCOUNT))
    found = estate.differences()
    estate._runner.close()
    return {key: paths for key, paths in found.items() if key.startswith("api-key/")}


def test_a_key_is_replaced_by_one_with_the_scopes_of_its_streams_and_plan_has_nothing_to_do(bench):
    [first] = sending(bench)
    done = outcome(bench.rotate(ALL))
    assert done.failure is None, done
    assert any("shop" in words for words in done.then)
    second = bench.shelf.held[SEND]
    assert second != first
    assert is_served(bench)
    assert set(sending(bench)) == {first, second}
    assert sending(bench)[second] == KEY
    assert bench.estate.user.keys[second] == frozenset({"mail.send"})
    assert differences(bench) == {}

    bench.passed = timedelta(hours=11)
    assert [each.todo for each in bench.rotate(ALL).prospects] == [Todo.WAIT]
    bench.passed = timedelta(hours=13)  # the spec says 12
    assert outcome(bench.rotate(DUE)).failure is None
    assert set(sending(bench)) == {second}
    assert differences(bench) == {}
    assert set(bench.entry(KEY)) == {"key", "made"}


def test_what_plan_and_apply_own_is_the_new_key(bench):
    bench.rotate(ALL)
    files = read_files(bench.folder)
    owned = read_owned(read_book(files.folder, files.lock).get("owned")).of_account(ACCOUNT)
    assert owned[f"api-key/{KEY}"].native_id == bench.shelf.held[SEND].split(".")[1]
    assert owned[f"api-key/{KEY}"].streams == ("newsletter",)


def test_killed_after_any_call_the_next_run_finishes(make_bench):
    for is_after in (False, True):
        position = 0
        while True:
            position += 1
            bench = make_bench()
            [first] = sending(bench)
            if not bench.killed(ALL, position, is_after=is_after):
                break
            what = f"{position} {bench.deadly.calls[-1]} {'after' if is_after else 'before'}"
            assert is_served(bench), what
            done = bench.rotate(ALL)
            assert [each.failure for each in done.rotated] == [None], (what, done)
            assert is_served(bench), what
            second = bench.shelf.held[SEND]
            if second != first:
                assert sending(bench) == {first: sending(bench)[first], second: KEY}, what
            bench.passed = OLD
            bench.rotate(ALL)
            assert set(sending(bench)) == {bench.shelf.held[SEND]}, what
            bench.assert_no_secret_was_told(*bench.estate.user.keys)
        assert position > 8, bench.deadly.calls


def test_killed_while_the_old_key_is_revoked_the_next_run_finishes(make_bench):
    for is_after in (False, True):
        position = 0
        while True:
            position += 1
            bench = make_bench()
            bench.rotate(ALL)
            bench.passed = OLD
            if not bench.killed(DUE, position, is_after=is_after):
                break
            assert is_served(bench)
            bench.rotate(DUE)
            assert set(sending(bench)) == {bench.shelf.held[SEND]}
            assert "under_way" not in bench.entry(KEY)


@pytest.mark.parametrize("fault", ["before:reset", "after:reset", "before:500", "after:500", "before:429"])
def test_whatever_becomes_of_the_call_that_makes_a_key_none_is_left_over(bench, fault):
    [first] = sending(bench)
    made = []

    def once(call) -> str:
        if call.method == "POST" and not made:
            made.append(call)
            return fault
        return ""

    bench.estate.fault_on = once
    done = outcome(bench.rotate(ALL))
    assert is_served(bench)
    if done.failure is not None:
        assert outcome(bench.rotate(ALL)).failure is None
    assert set(sending(bench)) == {first, bench.shelf.held[SEND]}
    assert len(sending(bench)) == 2


def test_a_store_that_refuses_leaves_everything_as_it_was(bench):
    before, held = sending(bench), dict(bench.shelf.held)
    bench.shelf.refuses = "access denied"
    done = outcome(bench.rotate(ALL))
    assert done.failure is Failure.NEEDS
    assert "access denied" in done.said
    assert (sending(bench), bench.shelf.held) == (before, held)
    assert "under_way" not in bench.entry(KEY)


def test_an_account_with_as_many_keys_as_sendgrid_allows_gets_no_other(bench):
    user = bench.estate.user
    for number in range(99):
        user.keys[f"SG.{number:022}.{number:043}"] = frozenset({"mail.send"})
        user.names[f"SG.{number:022}.{number:043}"] = f"other {number}"
    before = set(user.keys)
    done = outcome(bench.rotate(ALL))
    assert done.failure is Failure.NEEDS
    assert "100" in done.said
    assert set(user.keys) == before


def test_a_store_with_another_value_is_not_guessed_about(bench):
    bench.shelf.held[SEND] = "SG.somebody-elses-key-0001.and-its-secret-which-is-long-enough-0001"
    done = outcome(bench.rotate(ALL))
    assert done.failure is Failure.LATER
    assert "lists no key" in done.said
    assert len(sending(bench)) == 1


def test_dkim_is_sendgrids_own_matter(bench):
    done = bench.rotate(Wish((ACCOUNT,), dkim=""))
    [note] = done.notes
    assert "behind the CNAMEs" in note
    assert done.rotated == ()


def test_every_sending_key_can_be_replaced(compile_spec):
    setup = compile_spec(SPEC)
    found = load_rotator("sendgrid")
    assert isinstance(found.keys, KeyRotator)
    keys = found.keys.keys(setup, setup.account(ACCOUNT))
    assert [key.id for key in keys] == [each.id for each in sending_keys(setup, setup.account(ACCOUNT))]
    assert MANAGE not in {each.reference for key in keys for each in key.credentials}
