"""The connection to a Dask cluster: made, looked at and closed again. What goes wrong there is said in words."""

import asyncio
import logging
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from sendspec import __version__
from sendspec.errors import SendspecError, UsageError
from sendspec.net.deadline import Deadline

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 3.0
VERSION_SECONDS = 10.0
WORKERS_SECONDS = 20.0
"""How long a cluster may be without workers: they may just be starting, or starting again."""
POLL_SECONDS = 0.5
NO_WORKERS = "the cluster has no workers left"
NAMED = 3
"""So many workers of another version are named."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Dask from writing on stderr what is said here in words, tracebacks and all."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(before)


def require_dask() -> None:
    """Raise UsageError where Dask is not installed."""
    try:
        import distributed  # noqa: F401 - whether it is there
    except ImportError:
        raise UsageError("--dask needs Dask, which is not installed", "pip install 'sendspec[dask]'") from None


@asynccontextmanager
async def connected(address: str, deadline: Deadline) -> "AsyncIterator[tuple[Client, int]]":
    """Give a client of the cluster, and how many threads its workers have, which have this version of sendspec.

    Raises:
        SendspecError: there is no such cluster.
        TimeoutError: the run ended before that was known.
    """
    from distributed import Client

    client = None
    try:
        try:
            async with deadline.limit(CONNECT_SECONDS + 1):  # one that accepts and says nothing outlasts Dask's own
                client = Client(
                    address, asynchronous=True, set_as_default=False, timeout=CONNECT_SECONDS, name="sendspec"
                )
                await client
        except Exception as error:  # noqa: BLE001 - see _unreachable
            if deadline.has_passed:
                raise TimeoutError from None
            raise _unreachable(address, error) from None
        threads = await _wait_for_threads(client, address, deadline)
        await _refuse_other_versions(client, deadline)
        yield client, threads
    finally:
        if client is not None:
            with suppress(OSError):  # it has gone, or does not answer in time
                async with asyncio.timeout(CLOSE_SECONDS):
                    await client.close()


def _unreachable(address: str, error: Exception) -> SendspecError:
    """Say why there is no connection. A server that speaks something else can cause anything: HTTP gives MemoryError."""
    if isinstance(error, OSError):
        return SendspecError(
            f"the Dask cluster at {address} cannot be reached: its scheduler did not answer in {CONNECT_SECONDS:g} s",
            "is it running, and may this machine connect to it? `dask scheduler` prints its address when it starts",
        )
    if address.startswith(("tls:", "wss:")) and isinstance(error, TypeError):
        return SendspecError(
            f"{address} needs TLS, which is not configured here",
            "Dask's own configuration names the certificates: distributed.comm.tls, or DASK_DISTRIBUTED__COMM__TLS__...",
        )
    return SendspecError(
        f"what answers at {address} is no Dask scheduler that this client understands ({type(error).__name__})",
        "give the address that `dask scheduler` prints, and use the cluster's version of Dask",
    )


async def _threads(client: "Client") -> int:
    """Give how many threads all workers have. Raises OSError where the scheduler has gone."""
    by_worker: Mapping[str, int] = await client.nthreads()
    return sum(by_worker.values())


async def _wait_for_threads(client: "Client", address: str, deadline: Deadline) -> int:
    try:
        async with deadline.limit(WORKERS_SECONDS):
            while not (threads := await _threads(client)):  # noqa: ASYNC110 - the event would be at the scheduler
                await asyncio.sleep(POLL_SECONDS)
            return threads
    except OSError:  # TimeoutError is one
        if deadline.has_passed:
            raise TimeoutError from None
        raise SendspecError(
            f"the Dask cluster at {address} has no workers",
            f"start some, with sendspec installed: dask worker {address}",
        ) from None


async def _refuse_other_versions(client: "Client", deadline: Deadline) -> None:
    """Raise SendspecError where a worker has another version. One that does not answer here is asked again by its share."""
    found: Mapping[str, object] = {}
    with suppress(OSError):
        async with deadline.limit(VERSION_SECONDS):
            # By name, and with nothing but the standard library: a worker without sendspec answers too.
            found = await client.run(resolve_name, "sendspec:__version__", on_error="return")
    others = {
        worker: "none" if isinstance(version, Exception) else str(version)
        for worker, version in sorted(found.items())
        if version != __version__ and not isinstance(version, OSError)
    }
    if others:
        named = ", ".join(f"{worker} has {version}" for worker, version in list(others.items())[:NAMED])
        more = f", and {len(others) - NAMED} more" if len(others) > NAMED else ""
        raise SendspecError(
            f"every worker needs sendspec {__version__}, as here: {named}{more}",
            f"pip install 'sendspec=={__version__}' on the workers, and start them again",
        )


async def end_without_workers(client: "Client", deadline: Deadline) -> None:
    """Stop the run when the cluster has been without workers for too long. Ends by being cancelled."""
    loop = asyncio.get_running_loop()
    seen_at = loop.time()
    while True:
        await asyncio.sleep(POLL_SECONDS)
        with suppress(OSError):  # the shares say that the scheduler has gone
            if await _threads(client):
                seen_at = loop.time()
        if loop.time() - seen_at > WORKERS_SECONDS:
            deadline.stop(NO_WORKERS)
