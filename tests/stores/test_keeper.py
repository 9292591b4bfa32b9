"""What managing needs of secrets: read, given by a person, kept; and shown nowhere."""

import asyncio
import contextlib
import io
import logging
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.errors import UsageError
from sendspec.model.keeper import Keeper
from sendspec.model.secret import Secret, Unresolved
from sendspec.net.deadline import Deadline
from sendspec.stores.interface import Store, Surroundings, load_store
from sendspec.stores.keeper import StoreKeeper, parse_inputs
from sendspec.stores.resolve import StoreSecrets


def keeping(work, folder=Path("/"), *, inputs=None, load=load_store, seconds=30.0, environment=None):
    """Give what comes of some work with a keeper."""

    async def run():
        surroundings = Surroundings(environment or {"KEY": "hunter2"}, folder)
        keeper: Keeper = StoreKeeper(StoreSecrets(Deadline(seconds), surroundings, load), inputs or {})
        return await work(keeper)

    return asyncio.run(run())


@pytest.fixture
def key(tmp_path) -> str:
    (tmp_path / "key").write_text("hunter2-old")
    return "file://key"


def test_after_keep_the_new_value_is_given_and_stands_in_the_store(tmp_path, key, revealed):
    async def work(keeper):
        before = await keeper.value(key)
        assert await keeper.keep(key, Secret("n3w-value")) is None
        return before, await keeper.value(key)

    assert [revealed(found) for found in keeping(work, tmp_path)] == ["hunter2-old", "n3w-value"]
    assert (tmp_path / "key").read_text() == "n3w-value"


def test_old_and_new_are_hidden_after_keep(tmp_path, key):
    async def work(keeper):
        await keeper.value(key)
        await keeper.keep(key, Secret("n3w-value"))
        return keeper.hide("from hunter2-old to n3w-value")

    assert keeping(work, tmp_path) == "from … to …"


def test_a_value_is_hidden_even_where_its_store_refuses_it(tmp_path, key, unresolved):
    async def work(keeper):
        refused = await keeper.keep("env://KEY", Secret("n3w-value"))
        return refused, keeper.hide("n3w-value")

    refused, hidden = keeping(work, tmp_path)
    assert unresolved(refused).reason == "environment variables cannot be written from here"
    assert hidden == "…"


def test_what_a_store_refuses_leaves_the_old_value(tmp_path, key, revealed, unresolved):
    (tmp_path / "link").symlink_to("key")

    async def work(keeper):
        await keeper.value("file://link")
        refused = await keeper.keep("file://link", Secret("n3w-value"))
        return refused, await keeper.value("file://link")

    refused, after = keeping(work, tmp_path)
    assert unresolved(refused)
    assert revealed(after) == "hunter2-old"


@pytest.mark.parametrize("value", ["", "  ", "two\nlines", "x" * 5000])
def test_a_value_that_nobody_could_read_back_is_not_written(tmp_path, key, unresolved, value):
    assert unresolved(keeping(lambda keeper: keeper.keep(key, Secret(value)), tmp_path))
    assert (tmp_path / "key").read_text() == "hunter2-old"


def test_what_a_person_gives_is_a_reference_like_any(revealed):
    found = keeping(lambda keeper: keeper.input("PHONE"), inputs=parse_inputs(["PHONE=env://KEY"]))
    assert revealed(found) == "hunter2"


def test_what_nobody_gave_is_said_with_how_to_give_it(unresolved):
    found = unresolved(keeping(lambda keeper: keeper.input("aws-account")))
    assert found.reason == "nobody has said what `aws-account` is"
    assert found.fix == "give `--input aws-account=REFERENCE`, as in env://AWS_ACCOUNT"


@pytest.mark.parametrize("reference", ["hunter2", "hunter2://x", "op://hunter2", "file://hunter2 x", ""])
def test_a_value_in_the_place_of_a_reference_is_shown_nowhere(unresolved, reference):
    for work in (lambda keeper: keeper.value(reference), lambda keeper: keeper.keep(reference, Secret("n3w-value"))):
        found = unresolved(keeping(work))
        assert "hunter2" not in repr(found)
    with pytest.raises(UsageError) as caught:
        parse_inputs(["A=env://KEY", f"NAME={reference}"])
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert "number 2" in str(caught.value)


def test_an_input_given_twice_or_without_a_name_is_a_usage_error():
    with pytest.raises(UsageError, match="twice"):
        parse_inputs(["A=env://KEY", "A=env://OTHER"])
    for text in ("=env://KEY", "env://KEY", "hunter2"):
        with pytest.raises(UsageError, match="NAME=REFERENCE") as caught:
            parse_inputs([text])
        assert "hunter2" not in str(caught.value)


class Shelf:
    """A store in memory, that takes its time."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.values: dict[str, str] = {"x#a": "hunter2"}
        self.seconds, self.writing, self.most, self.reads = seconds, 0, 0, 0
        self.lock = threading.Lock()

    def load(self, scheme: str) -> Store:
        return Store(scheme, "a shelf", self.read, self.write)

    def read(self, rest: str, _surroundings: Surroundings) -> Secret | Unresolved:
        self.reads += 1
        return Secret(self.values[rest])

    def write(self, rest: str, secret: Secret, _surroundings: Surroundings) -> None:
        with self.lock:
            self.writing += 1
            self.most = max(self.most, self.writing)
        time.sleep(self.seconds)
        self.values[rest] = secret.reveal()
        with self.lock:
            self.writing -= 1


def test_values_are_written_one_after_the_other():
    shelf = Shelf(0.01)
    keeping(
        lambda keeper: asyncio.gather(*(keeper.keep(f"vault://x#k{n}", Secret(f"value {n}")) for n in range(10))),
        load=shelf.load,
    )
    assert shelf.most == 1
    assert shelf.values["x#k9"] == "value 9"


def test_a_value_is_written_although_the_time_of_the_run_is_over():
    shelf = Shelf(0.05)

    async def work(keeper):
        await asyncio.sleep(0.02)
        return await keeper.keep("vault://x#a", Secret("n3w-value"))

    assert keeping(work, load=shelf.load, seconds=0.01) is None
    assert shelf.values["x#a"] == "n3w-value"


def test_whoever_gives_up_waiting_does_not_stop_the_write():
    shelf = Shelf(0.2)

    async def work(keeper):
        impatient = asyncio.create_task(keeper.keep("vault://x#a", Secret("n3w-value")))
        await asyncio.sleep(0.02)
        impatient.cancel()
        return await keeper.keep("vault://x#b", Secret("another"))

    assert keeping(work, load=shelf.load) is None
    assert shelf.values["x#a"] == "n3w-value"
    assert shelf.most == 1


def test_what_was_kept_is_not_asked_for_again(revealed):
    shelf = Shelf()

    async def work(keeper):
        await keeper.keep("vault://x#a", Secret("n3w-value"))
        return await keeper.value("vault://x#a")

    assert revealed(keeping(work, load=shelf.load)) == "n3w-value"
    assert shelf.reads == 0


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_failure_after_which_the_value_is_there_is_none(is_stored):
    shelf = Shelf()

    def write(rest, secret, surroundings):
        if is_stored:
            shelf.write(rest, secret, surroundings)
        raise TimeoutError

    def load(scheme):
        return Store(scheme, "a shelf", shelf.read, write)

    found = keeping(lambda keeper: keeper.keep("vault://x#a", Secret("n3w-value")), load=load)
    assert (found is None) == is_stored


def raising(_scheme: str) -> Store:
    def read(_rest, _surroundings):
        return Unresolved("gone", "look")

    def write(_rest, secret, _surroundings):
        raise RuntimeError(f"cannot take {secret.reveal()}")

    return Store("vault", "a shelf", read, write)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=12, max_size=60))
def test_a_value_that_is_kept_is_in_no_repr_log_traceback_or_output(value):
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    async def work(keeper):
        refused = await keeper.keep("vault://x#a", Secret(value))
        said.write(f"{keeper!r} {vars(keeper)} {refused}")
        return refused

    try:
        with contextlib.redirect_stderr(said):
            found = keeping(work, load=raising)
            said.write(repr(found))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert found == Unresolved("the client of vault:// failed (RuntimeError)", "try the store's own client")
    assert value not in said.getvalue()


def test_what_stands_in_one_place_is_written_in_one_step_and_the_rest_in_order(revealed):
    writes = []

    def write_all(values, _surroundings):
        writes.append(sorted(values))

    def write(rest, _secret, _surroundings):
        writes.append([rest])

    def load(scheme):
        together = write_all if scheme == "vault" else None
        return Store(scheme, "a shelf", lambda *_: Unresolved("empty"), write, together)

    async def work(keeper):
        pairs = [("vault://x#b", "1"), ("file:///one", "2"), ("vault://y#b", "3"), ("vault://x#a", "4")]
        assert await keeper.keep_all([(reference, Secret(f"n3w-{text}")) for reference, text in pairs]) is None
        return await keeper.value("vault://x#a"), keeper.hide("n3w-1 n3w-4")

    value, hidden = keeping(work, load=load)
    assert writes == [["x#a", "x#b"], ["/one"], ["y#b"]]
    assert revealed(value) == "n3w-4"
    assert hidden == "… …"


def test_a_secret_that_was_made_just_now_is_hidden_before_it_is_kept():
    async def work(keeper):
        keeper.cover(Secret("made-just-now"))
        return keeper.hide("the server says made-just-now")

    assert keeping(work) == "the server says …"
