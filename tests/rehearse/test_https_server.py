"""The https server of a rehearsal, met by Python's own client: hosts by name, certificates by host, faults as data."""

import asyncio
import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sendspec.model.stand_in import ApiAnswer, ApiCall
from sendspec.rehearse.certificates import Authority, Flaw
from sendspec.rehearse.https_server import HttpsServer, Misbehaviour

A, B = "a.esp.example", "b.esp.example"
AUTHORITY = Authority()


def answers(name: str):
    return lambda call: ApiAnswer(
        200, (("X-Host", name),), f"{call.method} {call.path} {call.query} ".encode() + call.body
    )


@contextmanager
def running(**options) -> Iterator[HttpsServer]:
    """Run a server in a loop of its own, for clients that block."""
    contexts = {A: AUTHORITY.server_context([A]), B: AUTHORITY.server_context([B])} | options.pop("contexts", {})
    server = HttpsServer({A: answers("a"), B: answers("b")}, contexts, **options)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class Client(http.client.HTTPSConnection):
    """A client that calls a host by name and connects to loopback."""

    def __init__(self, server: HttpsServer, host: str) -> None:
        super().__init__(host, context=ssl.create_default_context(cadata=AUTHORITY.pem), timeout=10)
        self._place = (server.address, server.port)

    def connect(self) -> None:
        import socket

        self.sock = self._context.wrap_socket(socket.create_connection(self._place, 10), server_hostname=self.host)


def ask(server: HttpsServer, host: str, method="GET", path="/", body=None, headers=None) -> tuple[int, str, bytes]:
    client = Client(server, host)
    try:
        client.request(method, path, body, headers or {})
        answer = client.getresponse()
        return answer.status, answer.getheader("X-Host") or "", answer.read()
    finally:
        client.close()


def test_each_host_has_its_own_site_and_its_own_certificate():
    with running() as server:
        assert ask(server, A)[:2] == (200, "a")
        assert ask(server, B)[:2] == (200, "b")


def test_a_call_is_kept_as_it_came():
    with running() as server:
        status, _, body = ask(server, A, "POST", "/x%20y?q=1&q=%C3%A9", b"hello", {"X-Key": "k"})
        assert (status, body) == (200, "POST /x%20y (('q', '1'), ('q', 'é')) hello".encode())
        [call] = server.calls
        assert isinstance(call, ApiCall)
        assert (call.host, call.headers["x-key"], call.body) == (A, "k", b"hello")


def test_one_connection_carries_several_calls():
    with running() as server:
        client = Client(server, A)
        for number in range(3):
            client.request("GET", f"/{number}")
            assert client.getresponse().read()
        client.close()
        assert [call.path for call in server.calls] == ["/0", "/1", "/2"]


def test_a_host_that_is_not_served_gets_no_handshake():
    with running() as server, pytest.raises(ssl.SSLError):
        ask(server, "c.esp.example")


def test_a_host_header_that_is_not_served_is_misdirected():
    with running() as server:
        assert ask(server, A, headers={"Host": "c.esp.example"})[0] == 421


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        (Flaw.EXPIRED, "certificate has expired"),
        (Flaw.WRONG_NAME, "Hostname mismatch"),
        (Flaw.UNKNOWN_AUTHORITY, "unable to get local issuer"),
    ],
)
def test_a_flawed_certificate_is_shown_for_its_host_alone(flaw, words):
    with running(contexts={A: AUTHORITY.server_context([A], flaw)}) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match=words):
            ask(server, A)
        assert ask(server, B)[0] == 200


@pytest.mark.parametrize(
    ("misbehaviour", "error"),
    [
        (Misbehaviour.RESET, (ConnectionResetError, http.client.RemoteDisconnected, ssl.SSLError)),
        (Misbehaviour.GARBAGE, http.client.BadStatusLine),
        (Misbehaviour.ENDLESS_HEAD, http.client.HTTPException),
    ],
)
def test_a_host_misbehaves_while_the_others_do_not(misbehaviour, error):
    with running(misbehaviours={A: misbehaviour}) as server:
        with pytest.raises(error):
            ask(server, A)
        assert ask(server, B)[0] == 200
        server.misbehaviours.clear()
        assert ask(server, A)[0] == 200


def test_a_host_that_hangs_ends_with_the_server():
    with running(misbehaviours={A: Misbehaviour.HANG}) as server:
        client = Client(server, A)
        client.request("GET", "/")
    with pytest.raises((OSError, http.client.HTTPException)):
        client.getresponse()
    client.close()


def test_a_slow_host_answers_late():
    with running(misbehaviours={A: Misbehaviour.SLOW}, slow_seconds=0.2) as server:
        assert ask(server, A)[0] == 200


@pytest.mark.parametrize("line", [b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\x00\xff\r\n\r\n"])
def test_what_is_no_call_is_refused(line):
    with running() as server:
        client = Client(server, A)
        client.connect()
        client.sock.sendall(line)
        assert client.sock.recv(100).startswith(b"HTTP/1.1 400")
        client.close()


def test_a_body_without_a_length_is_asked_for_one():
    with running() as server:
        assert ask(server, A, "POST", "/", iter([b"a"]), {"Transfer-Encoding": "chunked"})[0] == 411
