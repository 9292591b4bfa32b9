"""One question over TCP: what is left where an answer does not fit a datagram."""

import asyncio
import os
import socket

from sendspec.net.address import Dial, Server
from sendspec.net.dns.answer import Status
from sendspec.net.dns.peer import resolve_numeric
from sendspec.net.dns.wire import answers

_MOST_STRAY_MESSAGES = 8
"""A server that answers something else this often will not answer our question."""

Failure = tuple[Status, str]


async def ask_over_tcp(server: Server, message: bytes, section: bytes, dial: Dial) -> bytes | Failure:
    """Ask one question over a connection of its own; give the whole answer, or what was in the way.

    `message` is without its id, `section` its question section. The caller limits the time. A bare socket, because the
    streams of asyncio leave reference cycles behind, and nobody collects them in a run.
    Source: RFC 7766.
    """
    try:
        family, address = resolve_numeric(*dial(server.address, server.port))
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, address)
            return await _exchange(connection, message, section)
    except (OSError, ValueError, OverflowError) as error:
        return Status.UNREACHABLE, f"over TCP: {getattr(error, 'strerror', None) or error}"


async def _exchange(connection: socket.socket, message: bytes, section: bytes) -> bytes | Failure:
    identity = os.urandom(2)
    question = (len(message) + 2).to_bytes(2, "big") + identity + message
    await asyncio.get_running_loop().sock_sendall(connection, question)
    for _ in range(_MOST_STRAY_MESSAGES):
        size = int.from_bytes(await _read(connection, 2), "big")
        received = await _read(connection, size)
        if len(received) < size or not size:
            return Status.MALFORMED, "over TCP: the connection was closed before the answer was whole"
        if received[:2] == identity and answers(received, section):
            return received
    return Status.MALFORMED, "over TCP: answers to other questions"


async def _read(connection: socket.socket, size: int) -> bytes:
    """Read so many octets; fewer if there are no more."""
    pieces = []
    while size:
        piece = await asyncio.get_running_loop().sock_recv(connection, size)
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
