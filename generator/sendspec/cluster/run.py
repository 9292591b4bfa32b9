"""The client's side of a run on a Dask cluster: hand out the shares, take what comes back, end in time.

The deadline and the first Ctrl-C end a run alike: the workers are told and answer with what they have seen; what is not
back a few seconds later is unknown.
"""

import asyncio
import math
import operator
import uuid
from collections.abc import AsyncIterator, Collection, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from sendspec import __version__, live
from sendspec.check.run import CheckRun, Watcher, checks_of
from sendspec.check.scope import Scope, names, narrow, split
from sendspec.check.shares import FAILED, LATE
from sendspec.cluster import worker
from sendspec.cluster.connection import (
    CLOSE_SECONDS,
    NO_WORKERS,
    connected,
    end_without_workers,
    quiet,
    require_dask,
)
from sendspec.cluster.tally import Tally
from sendspec.cluster.work import Share, ShareRun, Work, pack_spec
from sendspec.model.observation import Subject
from sendspec.net.address import Server
from sendspec.net.deadline import Deadline
from sendspec.pipeline import Compiled
from sendspec.spec.files import SpecFiles

if TYPE_CHECKING:
    from distributed import Client, Future

    Missing = dict[Future[ShareRun | str], Share]
    Results = AsyncIterator[tuple[Future[ShareRun | str], object]]

SHARES_PER_THREAD = 4
"""More than one, so that a slow share does not keep the others waiting at the end."""
SMALLEST_SHARE = 20
"""Names that a share holds where there are enough: each share asks anew for what shares have in common."""
GRACE_SECONDS = 5.0
"""How long shares that were told to end may take to answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to look at, and how long. `found` are the files that `compiled` was made of."""

    found: SpecFiles
    compiled: Compiled
    subjects: Collection[Subject]
    scope: Scope
    seconds: float
    resolvers: tuple[Server, ...]
    today: date

    def size(self, share: Share) -> int:
        """Give about how many things a share holds."""
        setup = narrow(self.compiled.setup, replace(self.scope, share=share))
        return sum(check.size(setup) for check in checks_of(self.subjects))


def check(address: str, request: Request, watcher: Watcher) -> CheckRun:
    """Look at the world from the workers of a Dask cluster. The watcher hears of each share's findings when it is back.

    Raises:
        UsageError: Dask is not installed.
        SendspecError: the cluster cannot be reached, or has workers with another version of sendspec.
    """
    require_dask()
    with quiet():
        return asyncio.run(_check(address, request, watcher))


async def _check(address: str, request: Request, watcher: Watcher) -> CheckRun:
    deadline = Deadline(request.seconds)
    tally = Tally(watcher, 1, request.size(request.scope.share), request.size)
    with live.interruptible(lambda: deadline.stop(live.INTERRUPTED)):
        try:
            async with connected(address, deadline) as (client, threads):
                tally.run.stopped = await _look(client, threads, request, tally, deadline)
        except TimeoutError:  # before anything was handed out
            tally.lose(request.scope.share, LATE, deadline.reason)
            tally.run.stopped = deadline.reason
    run = tally.finish()
    run.is_interrupted = run.stopped == live.INTERRUPTED
    return run


async def _look(client: "Client", threads: int, request: Request, tally: Tally, deadline: Deadline) -> str:
    """Hand out the shares and take what comes back. Gives why the run ended early, else nothing."""
    from distributed import as_completed

    run = f"sendspec-{uuid.uuid4().hex}"
    shares = [scope.share for scope in split(request.compiled.setup, request.scope, _parts(request, threads))]
    tally.shares = len(shares)
    missing = _submit(client, run, request, shares, deadline.remaining())
    results = as_completed(list(missing), loop=client.loop, with_results=True, raise_errors=False)
    try:
        async with deadline.limit(math.inf):
            with _beside(end_without_workers(client, deadline)):
                await _take(results, missing, tally)
    except TimeoutError:
        await _end(client, run, deadline.reason, results, missing, tally)
        for share in missing.values():
            tally.lose(share, LATE, deadline.reason)
        return deadline.reason
    return ""


def _parts(request: Request, threads: int) -> int:
    """Give into how many shares to split the work."""
    count = sum(1 for _ in names(narrow(request.compiled.setup, request.scope)))
    return max(threads, min(threads * SHARES_PER_THREAD, count // SMALLEST_SHARE))


def _submit(client: "Client", run: str, request: Request, shares: Sequence[Share], seconds: float) -> "Missing":
    """Hand out the shares.

    The scheduler unpickles what tasks are made of: here these are values of the standard library, so that it need not
    have sendspec. The work travels to each worker once, and Dask can make it again if the worker that has it dies.
    """
    work = Work(
        run=run,
        spec=pack_spec(request.found),
        subjects=frozenset(request.subjects),
        scope=request.scope,
        seconds=seconds,
        resolvers=request.resolvers,
        today=request.today,
    )
    look_at = client.submit(resolve_name, f"{worker.__name__}:{worker.look_at.__name__}", key=f"{run}-code")
    packed = client.submit(bytes, work.pack(), key=f"{run}-work")
    return {
        client.submit(operator.call, look_at, __version__, packed, share, key=f"{run}-{share[0]}"): share
        for share in shares
    }


async def _take(results: "Results", missing: "Missing", tally: Tally) -> None:
    """Count shares as they come back, until none is missing."""
    async for future, result in results:
        share = missing.pop(future)
        if isinstance(result, ShareRun):
            tally.add(result)
        else:
            tally.lose(share, FAILED, _why(result))


def _why(result: object) -> str:
    """Say why a share failed: its worker said so, its task raised (type, exception, traceback), or it was cancelled."""
    from distributed import KilledWorker

    if isinstance(result, str):
        return result
    error = result[1] if isinstance(result, tuple) else result
    if isinstance(error, KilledWorker):
        tries, last = error.allowed_failures + 1, error.last_worker.address
        return (
            f"{tries} workers died over it, the last one at {last}"
            if tries > 1
            else f"a worker died over it, the one at {last}"
        )
    if isinstance(error, ImportError):
        return "its worker has no sendspec"
    if isinstance(error, CancelledError):
        is_lost = getattr(error, "reason", "") == "scheduler-connection-lost"
        return "the connection to the cluster was lost" if is_lost else "somebody cancelled it on the cluster"
    return f"its worker failed ({type(error).__name__})"


async def _end(client: "Client", run: str, reason: str, results: "Results", missing: "Missing", tally: Tally) -> None:
    """Have the workers end a run, take what they answer with, and cancel the rest."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0 if reason == NO_WORKERS else GRACE_SECONDS):
            with _beside(_tell(client, run, reason)):
                await _take(results, missing, tally)
    with suppress(OSError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.cancel(list(missing))


async def _tell(client: "Client", run: str, reason: str) -> None:
    """Tell every worker that a run is to end. One that does not answer holds nothing up: nobody waits for this."""
    with suppress(OSError):
        await client.run(worker.stop, run, reason, on_error="ignore")


@contextmanager
def _beside(work: Coroutine[None, None, None]) -> Iterator[None]:
    """Do something else while the block runs. Not a task group, which wraps what the block raises (a closed pipe)."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
