"""Every wait of a run ends with it."""

import asyncio
import time

import pytest

from sendspec.net.deadline import Deadline


def test_a_wait_ends_with_its_own_limit():
    async def run() -> float:
        deadline = Deadline(60)
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            async with deadline.limit(0.05):
                await asyncio.sleep(30)
        assert not deadline.has_passed
        return time.monotonic() - started

    assert asyncio.run(run()) < 10


def test_a_wait_ends_with_the_run():
    async def run() -> None:
        deadline = Deadline(0.05)
        with pytest.raises(TimeoutError):
            async with deadline.limit(30):
                await asyncio.sleep(30)
        assert deadline.has_passed
        assert deadline.remaining() == 0
        assert deadline.reason == "the deadline of 0.05 s has passed"

    asyncio.run(run())


def test_to_stop_ends_what_is_under_way_and_what_comes_after():
    async def run() -> None:
        deadline = Deadline(60)
        asyncio.get_running_loop().call_later(0.05, deadline.stop, "interrupted")
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with deadline.limit(30):
                    await asyncio.sleep(30)
        assert deadline.reason == "interrupted"

    asyncio.run(run())


def test_work_that_is_done_in_time_is_left_alone():
    async def run() -> None:
        deadline = Deadline(60)
        async with deadline.limit(30):
            await asyncio.sleep(0)
        deadline.stop("later")

    asyncio.run(run())
