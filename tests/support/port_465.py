"""Port 465 of this machine, for programs that speak TLS from the first byte there and nowhere else."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import pytest
from prometheus_peers import LOOPBACK, PATIENCE_SECONDS


@contextmanager
def port_465(port: int) -> Iterator[None]:
    """Hand what comes in at port 465 on to another port of this machine; skips, or fails in CI, where it cannot be had."""
    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(_listen(port))
    except OSError as trouble:
        loop.close()
        message = f"port 465 of {LOOPBACK} cannot be opened: {trouble}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(port: int) -> asyncio.Server:
    """Listen, once no other test does."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await asyncio.start_server(partial(_hand_on, port), LOOPBACK, 465)
        except PermissionError:
            raise
        except OSError:
            if time.monotonic() > ends_at:
                raise
        await asyncio.sleep(0.1)


async def _hand_on(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    other_reader, other_writer = await asyncio.open_connection(LOOPBACK, port)
    await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
    finally:
        writer.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.01)  # a transport closes its socket in the loop's next round
