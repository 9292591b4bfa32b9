"""A name server that does what it is told to: wrong ids, loops, floods, silence, streams without end.

It listens on an address of its own in 127.0.0.0/8, UDP and TCP on one port, in a thread. What it does is a function from
the question's octets to what is sent back: datagrams over UDP, pieces of a stream over TCP.
"""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
from name_servers import free_server

from sendspec.net.address import Server

Behaviour = Callable[[bytes], Iterable[bytes]]


def silence(_question: bytes) -> Iterable[bytes]:
    """Say nothing."""
    return ()


@dataclass
class Hostile:
    """A running server: where it is, and the questions it got, in order."""

    server: Server
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    """(`udp` or `tcp`, octets)."""

    def count(self, transport: str) -> int:
        """Give the number of questions over UDP or TCP."""
        return sum(kind == transport for kind, _ in self.asked)


@contextmanager
def hostile_dns(
    udp: Behaviour = silence, tcp: Behaviour | None = None, *, from_elsewhere: bool = False, at: Server | None = None
) -> Iterator[Hostile]:
    """Run a server; without `tcp` it refuses connections. `from_elsewhere`: answers come from another port."""
    server = at or free_server()
    running = Hostile(server)
    is_over, is_ready = threading.Event(), threading.Barrier(2 if tcp is None else 3)
    threads = [threading.Thread(target=_serve_udp, args=(running, udp, is_over, is_ready, from_elsewhere))]
    if tcp is not None:
        threads.append(threading.Thread(target=_serve_tcp, args=(running, tcp, is_over, is_ready)))
    for thread in threads:
        thread.start()
    is_ready.wait(10)
    try:
        yield running
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def _family(server: Server) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server.address else socket.AF_INET


def _serve_udp(
    running: Hostile, behave: Behaviour, is_over: threading.Event, is_ready: threading.Barrier, from_elsewhere: bool
) -> None:
    with (
        socket.socket(_family(running.server), socket.SOCK_DGRAM) as listener,
        socket.socket(_family(running.server), socket.SOCK_DGRAM) as other,
    ):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        listener.bind((running.server.address, running.server.port))
        other.bind((running.server.address, 0))
        is_ready.wait(10)
        while not is_over.is_set():
            if not select.select([listener], [], [], 0.02)[0]:
                continue
            question, asker = listener.recvfrom(4096)
            running.asked.append(("udp", question))
            for datagram in behave(question):
                if is_over.is_set():
                    return
                with suppress(OSError):
                    (other if from_elsewhere else listener).sendto(datagram, asker)


def _serve_tcp(running: Hostile, behave: Behaviour, is_over: threading.Event, is_ready: threading.Barrier) -> None:
    connections = []
    with socket.create_server(
        (running.server.address, running.server.port), family=_family(running.server)
    ) as listener:
        is_ready.wait(10)
        while not is_over.is_set():
            if not select.select([listener], [], [], 0.02)[0]:
                continue
            connection, _ = listener.accept()
            thread = threading.Thread(target=_serve_connection, args=(running, behave, is_over, connection))
            thread.start()
            connections.append(thread)
    for thread in connections:
        thread.join()


def _serve_connection(running: Hostile, behave: Behaviour, is_over: threading.Event, connection: socket.socket) -> None:
    with connection, suppress(OSError):
        connection.settimeout(0.5)
        question = connection.recv(4096)[2:]
        running.asked.append(("tcp", question))
        for piece in behave(question):
            if is_over.is_set():
                return
            connection.sendall(piece)


def respond(
    question: bytes,
    *records: str,
    authority: Iterable[str] = (),
    additional: Iterable[str] = (),
    flags: str = "AA",
    rcode: str = "NOERROR",
) -> bytes:
    """Give the answer to a question: records as `name TTL IN TYPE value`, with each value in a set of its own."""
    message = dns.message.make_response(dns.message.from_wire(question))
    for flag in flags.split():
        message.flags |= dns.flags.from_text(flag)
    message.set_rcode(dns.rcode.from_text(rcode))
    for section, texts in ((message.answer, records), (message.authority, authority), (message.additional, additional)):
        for text in texts:
            owner, ttl, _, rtype, value = text.split(maxsplit=4)
            section.append(dns.rrset.from_text(owner, int(ttl), "IN", rtype, value))
    return message.to_wire(max_size=65535)


def stream(message: bytes) -> bytes:
    """Give a message as it goes over TCP."""
    return len(message).to_bytes(2, "big") + message


def asked_name(question: bytes) -> str:
    """Give the name that a question asks for, with its final dot."""
    return dns.message.from_wire(question).question[0].name.to_text()


def slowly(pieces: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    """Give pieces with a pause before each."""
    for piece in pieces:
        time.sleep(seconds)
        yield piece
