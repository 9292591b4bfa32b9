"""One run's secrets: each reference once, side by side, within the deadline, and never a word of a value."""

import asyncio
import contextlib
import copy
import io
import json
import logging
import pickle
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.secret import Secret, Unresolved
from sendspec.net.deadline import Deadline
from sendspec.stores.interface import Store, Surroundings, load_store
from sendspec.stores.resolve import AT_ONCE, StoreSecrets

HERE = Surroundings({"KEY": "hunter2\n"}, Path.cwd())


def credential(reference: str, name: str = "token") -> Credential:
    return Credential(f"esp.{name}", "esp", name, reference, "", None, Origin(("esps", "esp")))


def running(
    work: Callable[[StoreSecrets], Awaitable[object]],
    read: Callable[[str], Secret | Unresolved] | None = None,
    seconds: float = 30.0,
    surroundings: Surroundings = HERE,
) -> object:
    """Give what comes of some work with secrets; `read` stands in for every store."""

    async def run() -> object:
        load = load_store if read is None else lambda scheme: Store(scheme, "a store", lambda rest, _: read(rest))
        return await work(StoreSecrets(Deadline(seconds), surroundings, load))

    return asyncio.run(run())


def test_a_reference_leads_to_its_value_without_the_line_end(revealed):
    assert revealed(running(lambda secrets: secrets.get(credential("env://KEY")))) == "hunter2"


def test_a_value_that_was_resolved_is_hidden_from_then_on():
    async def work(secrets):
        before = secrets.hide("535 hunter2")
        await secrets.get(credential("env://KEY"))
        return before, secrets.hide("535 hunter2")

    assert running(work) == ("535 hunter2", "535 …")


@pytest.mark.parametrize("reference", ["keychain://x", "hunter2", "", "://"])
def test_a_reference_that_no_store_reads_is_no_exception(unresolved, reference):
    found = unresolved(running(lambda secrets: secrets.get(credential(reference))))
    assert "hunter2" not in found.reason or reference == "hunter2"


def test_a_reference_is_asked_for_once_however_many_wait_for_it(revealed):
    asked = []

    def read(rest):
        asked.append(rest)
        time.sleep(0.05)
        return Secret("hunter2")

    async def work(secrets):
        first = await asyncio.gather(*(secrets.get(credential("x://a", str(n))) for n in range(50)))
        return [*first, await secrets.get(credential("x://a"))]

    found = running(work, read)
    assert asked == ["a"]
    assert {revealed(each) for each in found} == {"hunter2"}


def test_what_cannot_be_had_is_not_asked_for_again():
    asked = []

    def read(rest):
        asked.append(rest)
        return Unresolved("gone", "look")

    async def work(secrets):
        return [await secrets.get(credential("x://a")) for _ in range(3)]

    assert running(work, read) == [Unresolved("gone", "look")] * 3
    assert asked == ["a"]


def test_references_are_read_side_by_side_but_not_all_at_once():
    lock, open_now, most = threading.Lock(), 0, 0

    def read(rest):
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        time.sleep(0.02)
        with lock:
            open_now -= 1
        return Secret(f"value {rest}")

    running(lambda secrets: asyncio.gather(*(secrets.get(credential(f"x://{n}")) for n in range(40))), read)
    assert 1 < most <= AT_ONCE


def test_who_gives_up_does_not_take_the_answer_from_the_others(revealed):
    def read(_rest):
        time.sleep(0.1)
        return Secret("hunter2")

    async def work(secrets):
        impatient = asyncio.create_task(secrets.get(credential("x://a")))
        patient = asyncio.create_task(secrets.get(credential("x://a")))
        await asyncio.sleep(0.02)
        impatient.cancel()
        return await patient

    assert revealed(running(work, read)) == "hunter2"


def test_after_the_deadline_everything_is_unresolved_at_once_and_the_program_can_end():
    release = threading.Event()

    def read(_rest):
        release.wait(60)
        return Secret("hunter2")

    async def work(secrets):
        return await asyncio.gather(*(secrets.get(credential(f"x://{n}")) for n in range(AT_ONCE * 3)))

    started = time.monotonic()
    found = running(work, read, seconds=0.2)
    elapsed = time.monotonic() - started
    release.set()
    assert found == [Unresolved("the deadline of 0.2 s has passed")] * (AT_ONCE * 3)
    assert elapsed < 10


def test_a_stopped_run_says_why_it_was_stopped():
    release = threading.Event()

    def read(_rest):
        release.wait(60)
        return Secret("hunter2")

    async def run():
        deadline = Deadline(60)
        secrets = StoreSecrets(deadline, HERE, lambda scheme: Store(scheme, "", lambda rest, _: read(rest)))
        asyncio.get_running_loop().call_later(0.05, deadline.stop, "interrupted")
        return await secrets.get(credential("x://a"))

    assert asyncio.run(run()) == Unresolved("interrupted")
    release.set()


def raising(value: str) -> Callable[[str], Secret | Unresolved]:
    def read(_rest: str) -> Secret | Unresolved:
        try:
            json.loads(value + "{")  # its error holds the text
        except ValueError as error:
            raise RuntimeError(f"cannot take {value}") from error
        raise AssertionError

    return read


FAILURES: dict[str, Callable[[str], Callable[[str], Secret | Unresolved]]] = {
    "a client that raises": raising,
    "a value with a line end inside": lambda value: lambda _: Secret(f"{value}\n{value}"),
    "a value that is too long": lambda value: lambda _: Secret(value * 5000),
}


@pytest.mark.parametrize("failure", FAILURES)
@given(value=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1), other=st.just("hunter2"))
def test_a_reason_is_the_same_whatever_the_value(failure, value, other):
    """What does not depend on the value cannot tell anything of it."""
    read = FAILURES[failure]
    found, same = (
        running(lambda secrets: secrets.get(credential("x://a")), read(each or " ")) for each in (value + ".", other)
    )
    assert isinstance(found, Unresolved)
    assert found == same


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs")), min_size=12, max_size=60))
def test_a_value_is_in_no_repr_log_traceback_pickle_or_output(value):
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    kept: list[StoreSecrets] = []

    async def work(secrets):
        kept.append(secrets)
        return await secrets.get(credential("env://KEY"))

    try:
        with contextlib.redirect_stderr(said):
            found = running(work, surroundings=Surroundings({"KEY": value}, Path("/")))
            assert isinstance(found, Secret)
            assert found.reveal() == value
            said.write(f"{found} {found!r} {[found]} {vars(kept[0])}")
            for leave in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, hash):
                try:
                    said.write(repr(leave(found)))
                except TypeError:
                    traceback.print_exc()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert value not in said.getvalue()
    assert json.dumps(value)[1:-1] not in said.getvalue()
