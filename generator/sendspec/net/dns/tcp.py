"""One question over TCP: what is left where an answer does not fit a datagram."""

import asyncio
import os
from contextlib import suppress

from sendspec.net.address import Dial, Server
from sendspec.net.dns.answer import Status
from sendspec.net.dns.wire import answers

_MOST_STRAY_MESSAGES = 8
"""A server that answers something else this often will not answer our question."""

Failure = tuple[Status, str]


async def ask_over_tcp(server: Server, message: bytes, section: bytes, dial: Dial) -> bytes | Failure:
    """Ask one question over a connection of its own; give the whole answer, or what was in the way.

    `message` is without its id, `section` its question section. The caller limits the time.
    Source: RFC 7766.
    """
    identity = os.urandom(2)
    try:
        reader, writer = await asyncio.open_connection(*dial(server.address, server.port))
    except (OSError, ValueError, OverflowError) as error:
        return Status.UNREACHABLE, f"over TCP: {getattr(error, 'strerror', None) or error}"
    try:
        writer.write((len(message) + 2).to_bytes(2, "big") + identity + message)
        for _ in range(_MOST_STRAY_MESSAGES):
            size = int.from_bytes(await reader.readexactly(2), "big")
            received = await reader.readexactly(size)
            if received[:2] == identity and answers(received, section):
                return received
    except asyncio.IncompleteReadError:
        return Status.MALFORMED, "over TCP: the connection was closed before the answer was whole"
    except OSError as error:
        return Status.UNREACHABLE, f"over TCP: {error.strerror or error}"
    else:
        return Status.MALFORMED, "over TCP: answers to other questions"
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
