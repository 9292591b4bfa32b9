"""The stand-in to clients that others wrote: it takes what an ESP takes, refuses what one refuses, and plays its faults."""

import asyncio
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiosmtplib
import pytest
from https_peers import client_context, server_context
from smtp_peers import HOST, PASSWORD, USER

from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.smtp_faults import SMTP_FAULTS, Act, SmtpFault, reset, say
from sendspec.rehearse.smtp_server import SmtpServer

SENDER, RECIPIENT = "a@northwind.example", "b@mail.example"
MESSAGE = "Subject: hello\r\n\r\n.dots\r\n.\r\nand ends\r\n"


@contextmanager
def running(tls: Tls = Tls.STARTTLS, *faults: SmtpFault, **more: object) -> Iterator[tuple[SmtpServer, int]]:
    """Run the stand-in in a loop of its own, for clients that block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = SmtpServer(tls, server_context(HOST), logins={(USER, PASSWORD)}, faults=faults, **more)
    port = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server, port
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class NamedContext:
    """smtplib verifies the name that it connected to; the certificate is for another one."""

    def __init__(self) -> None:
        self._context = client_context()

    def wrap_socket(self, sock: object, server_hostname: str) -> ssl.SSLSocket:
        return self._context.wrap_socket(sock, server_hostname=HOST)


@contextmanager
def client(port: int, tls: Tls = Tls.STARTTLS, *, logs_in: bool = True) -> Iterator[smtplib.SMTP]:
    if tls is Tls.IMPLICIT:
        session: smtplib.SMTP = smtplib.SMTP_SSL("127.0.0.1", port, context=NamedContext(), timeout=10)
    else:
        session = smtplib.SMTP("127.0.0.1", port, timeout=10)
        session.starttls(context=NamedContext())
    try:
        if logs_in:
            session.login(USER, PASSWORD)
        yield session
        session.quit()
    finally:
        session.close()


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_it_takes_a_message_over_tls_from_who_may_log_in(tls):
    with running(tls) as (server, port), client(port, tls) as session:
        assert session.esmtp_features["size"] == "10485760"
        assert session.noop()[0] == 250
        assert session.sendmail(SENDER, [RECIPIENT, "c@mail.example"], MESSAGE) == {}
        (message,) = server.received
        assert (message.sender, message.recipients, message.user) == (SENDER, (RECIPIENT, "c@mail.example"), USER)
        assert message.content == MESSAGE.encode()


def test_aiosmtplib_gets_through_too():
    async def send(port: int) -> None:
        session = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await session.connect()
        context = client_context()
        context.check_hostname = False
        await session.starttls(tls_context=context)
        await session.login(USER, PASSWORD)
        await session.sendmail(SENDER, [RECIPIENT], MESSAGE)
        await session.quit()

    with running() as (server, port):
        asyncio.run(send(port))
        assert len(server.received) == 1


@pytest.mark.parametrize("method", ["auth_plain", "auth_login"])
@pytest.mark.parametrize("initial", [True, False])
def test_plain_and_login_work_with_and_without_an_initial_response(method, initial):
    with running() as (_, port), client(port, logs_in=False) as session:
        session.ehlo()
        session.user, session.password = USER, PASSWORD
        code, _ = session.auth(
            method.removeprefix("auth_").upper(), getattr(session, method), initial_response_ok=initial
        )
        assert code == 235


def test_a_wrong_login_is_refused_with_535():
    with (
        running() as (_, port),
        client(port, logs_in=False) as session,
        pytest.raises(smtplib.SMTPAuthenticationError) as caught,
    ):
        session.login(USER, "wrong")
    assert caught.value.smtp_code == 535


def test_before_tls_and_before_a_login_nothing_is_taken():
    with running() as (server, port):
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as plain:
            plain.ehlo()
            assert "auth" not in plain.esmtp_features
            assert plain.docmd("AUTH PLAIN", "AHVzZXIAcGFzcw==")[0] == 530
            assert plain.mail(SENDER)[0] == 530
        with client(port, logs_in=False) as session:
            session.ehlo()
            assert "starttls" not in session.esmtp_features
            assert session.mail(SENDER)[0] == 530
            assert session.docmd("STARTTLS")[0] == 503
        assert server.received == []


def test_commands_out_of_order_and_unknown_ones_are_refused():
    with running() as (_, port), client(port) as session:
        assert session.rcpt(RECIPIENT)[0] == 503
        assert session.docmd("DATA")[0] == 503
        assert session.mail(SENDER)[0] == 250
        assert session.docmd("MAIL", f"FROM:<{SENDER}>")[0] == 503
        assert session.docmd("RCPT", "nobody")[0] == 501
        assert session.rset()[0] == 250
        assert session.docmd("VRFY", "root")[0] == 502
        assert session.docmd("AUTH", "CRAM-MD5")[0] == 504
        assert session.docmd("AUTH", "PLAIN not-base64")[0] == 504


def test_a_sender_that_is_not_verified_is_refused():
    with (
        running(may_send=lambda user, sender: sender.endswith("@northwind.example")) as (_, port),
        client(port) as session,
    ):
        assert session.mail("a@other.example")[0] == 554
        assert session.mail(SENDER)[0] == 250


def test_a_message_that_is_too_big_is_refused_as_declared_and_as_sent():
    with running(max_octets=1000) as (server, port), client(port) as session:
        assert session.mail(SENDER, ["SIZE=1001"])[0] == 552
        session.mail(SENDER)
        session.rcpt(RECIPIENT)
        assert session.data("x\r\n" * 1000)[0] == 552
        assert session.mail(SENDER)[0] == 250
        assert server.received == []


def test_what_a_client_sent_before_the_handshake_is_forgotten():
    """RFC 3207 section 4.2; CVE-2011-0411."""
    with running() as (_, port):
        session = smtplib.SMTP("127.0.0.1", port, timeout=10)
        session.ehlo()
        session.sock.sendall(b"STARTTLS\r\nMAIL FROM:<injected@mail.example>\r\n")
        assert session.getreply()[0] == 220
        session.sock = NamedContext().wrap_socket(session.sock, server_hostname=HOST)
        session.file = None
        assert session.ehlo()[0] == 250
        session.close()


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        (SMTP_FAULTS["greylisting"], [451, 250]),
        (say(Phase.RCPT, "421 4.3.2 Closing", times=1), [421]),
        (say(Phase.RCPT, "550 5.1.1 no"), [550, 550]),
    ],
)
def test_a_fault_may_pass_or_stay(fault, codes):
    with running(Tls.STARTTLS, fault) as (_, port), client(port) as session:
        session.mail(SENDER)
        assert [session.rcpt(RECIPIENT)[0] for _ in codes] == codes
        if codes == [421]:
            with pytest.raises(smtplib.SMTPServerDisconnected):
                session.noop()
            session.quit = lambda: None


def test_a_fault_can_be_switched_on_while_it_runs():
    with running() as (server, port):
        with client(port):
            pass
        server.faults = (SMTP_FAULTS["auth-refused"],)
        with pytest.raises(smtplib.SMTPAuthenticationError), client(port):
            pass
        assert server.played[SMTP_FAULTS["auth-refused"]] == 2  # smtplib tries PLAIN, then LOGIN
        assert server.connections == 2


def test_a_reset_after_the_final_dot_leaves_the_message_taken():
    with running(Tls.STARTTLS, reset(Phase.MESSAGE)) as (server, port):
        with pytest.raises(OSError, match=r"reset|closed"), client(port) as session:
            session.sendmail(SENDER, [RECIPIENT], MESSAGE)
        assert len(server.received) == 1


def test_a_tarpit_takes_its_time_and_says_the_right_thing():
    slow = SmtpFault(Act.TARPIT, Phase.MAIL, seconds=0.3)
    with running(Tls.STARTTLS, slow) as (_, port), client(port) as session:
        started = time.monotonic()
        assert session.mail(SENDER)[0] == 250
        assert time.monotonic() - started >= 0.25


def test_lines_without_end_end_the_session_only():
    with running() as (_, port):
        flood = smtplib.SMTP("127.0.0.1", port, timeout=10)
        with pytest.raises(ConnectionError):
            flood.sock.sendall(b"x" * 100_000_000)
        flood.close()
        with client(port) as session:
            assert session.noop()[0] == 250


def test_closing_hangs_up_on_everybody():
    with running() as (_, port):
        session = smtplib.SMTP("127.0.0.1", port, timeout=10)
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        session.noop()
    session.close()
