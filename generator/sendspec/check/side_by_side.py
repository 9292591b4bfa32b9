"""Many pieces of work at once, not too many, and what they see as soon as it is seen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import islice
from typing import TypeVar

from sendspec.model.observation import Seen

Job = TypeVar("Job")
Result = TypeVar("Result")
WAITING = 256
"""Things seen that nobody has taken yet; then the work waits."""


async def side_by_side(
    jobs: Iterable[Job], work: Callable[[Job], Awaitable[Iterable[Seen]]], at_once: int
) -> AsyncIterator[Seen]:
    """Do the work of each job, so many at once, and give what comes of it in the order in which it ends.

    Jobs are taken from the iterable one by one, so ten thousand of them need not exist at a time.
    """
    waiting = iter(jobs)
    results: asyncio.Queue[Seen | None] = asyncio.Queue(WAITING)

    async def take_jobs() -> None:
        try:
            for job in waiting:
                for seen in await work(job):
                    await results.put(seen)
        finally:
            await results.put(None)

    workers = [asyncio.create_task(take_jobs()) for _ in range(at_once)]
    try:
        running = len(workers)
        while running:
            seen = await results.get()
            if seen is None:
                running -= 1
            else:
                yield seen
        await asyncio.gather(*workers)  # a bug in the work is an error here, not silence
    finally:
        for worker in workers:
            worker.cancel()


async def all_of(jobs: Iterable[Job], work: Callable[[Job], Awaitable[Result]], at_once: int) -> list[Result]:
    """Do the work of each job, so many at once, and give the results in the order of the jobs."""
    waiting = iter(jobs)
    results: list[Result] = []
    while batch := tuple(islice(waiting, at_once)):
        results += await asyncio.gather(*(work(job) for job in batch))
    return results
