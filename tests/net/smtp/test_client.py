"""Every fault of a submission server is the failure that it is, and a login is never sent in the clear."""

import asyncio
import base64
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from https_peers import AUTHORITY, client_context, server_context
from smtp_peers import (
    ADDRESS,
    ENVELOPE,
    HOST,
    PASSWORD,
    QUICK,
    UNHURRIED,
    USER,
    KnownSecrets,
    dial_to,
    login,
    peer,
    stand_in,
    target,
    world,
)

from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.client import deliver, greets, look
from sendspec.net.smtp.exchange import Envelope, Exchange, Failure, Patience, Phase, Target
from sendspec.rehearse.smtp_faults import SMTP_FAULTS, Act, SmtpFault, hang, reset, say

MESSAGE = b"Subject: hello\n\n.a line with a dot\n"


def look_at(
    *faults: SmtpFault,
    tls: Tls = Tls.STARTTLS,
    envelopes=(ENVELOPE,),
    password: str = PASSWORD,
    patience: Patience = UNHURRIED,
    **server,
) -> Exchange:
    """Look at the stand-in with these faults."""

    async def run() -> Exchange:
        async with stand_in(tls, *faults, **server) as (_, port):
            net = world(dial=dial_to(port), patience=patience)
            return await look(net, target(tls), login(password=password), envelopes)

    return asyncio.run(run())


def look_at_peer(serve, tls: Tls = Tls.STARTTLS, **world_options) -> Exchange:
    """Look at a server that does whatever `serve` does."""

    async def run() -> Exchange:
        async with peer(serve) as port:
            return await look(world(dial=dial_to(port), **world_options), target(tls), login(), [ENVELOPE])

    return asyncio.run(run())


def patience_for(failure: Failure) -> Patience:
    """Wait long for what comes and not for what never does."""
    return QUICK if failure is Failure.TIMEOUT else UNHURRIED


def failures(exchange: Exchange) -> list[Failure]:
    return [problem.failure for problem in exchange.problems]


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_sound_server_is_gone_through_to_its_end(tls):
    async def run() -> None:
        async with stand_in(tls) as (server, port):
            exchange = await look(world(dial=dial_to(port)), target(tls), login(), [ENVELOPE])
            assert exchange.problems == ()
            assert exchange.has_logged_in
            assert [tried.envelope for tried in exchange.tried] == [ENVELOPE]
            assert exchange.tls_version == "TLSv1.3"
            assert exchange.offer["AUTH"] == "PLAIN LOGIN"
            assert exchange.banner.startswith("220 ")
            plain = [Phase.CONNECT, Phase.BANNER, Phase.EHLO, Phase.STARTTLS, Phase.TLS]
            start = plain if tls is Tls.STARTTLS else [Phase.CONNECT, Phase.TLS, Phase.BANNER]
            rest = [Phase.EHLO_TLS, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.RSET, Phase.QUIT]
            assert [phase for phase, _ in exchange.phases] == [*start, *rest]
            assert 0 < exchange.round_trip_seconds <= max(seconds for _, seconds in exchange.phases)
            assert server.received == []
            assert not [line for line in server.heard if line.line.upper().startswith("DATA")]

    asyncio.run(run())


FAILURES = {
    "banner-421": Failure.BANNER_BUSY,
    "banner-endless": Failure.ENDLESS,
    "tarpit": Failure.TIMEOUT,
    "no-starttls": Failure.STARTTLS_MISSING,
    "starttls-injection": Failure.STARTTLS_INJECTED,
    "no-auth": Failure.AUTH_MISSING,
    "auth-refused": Failure.AUTH_REFUSED,
    "auth-temporary": Failure.AUTH_TEMPORARY,
    "mail-refused": Failure.MAIL_REFUSED,
    "rcpt-refused": Failure.RCPT_REFUSED,
    "greylisting": Failure.GREYLISTED,
    "quota": Failure.QUOTA,
    "reset": Failure.CLOSED,
    "hang": Failure.TIMEOUT,
}
ONLY_WITH_A_MESSAGE = {"suspended": Failure.DATA_REFUSED, "reset-after-dot": Failure.DATA_LOST}


def test_every_named_fault_has_its_failure():
    assert set(FAILURES) | set(ONLY_WITH_A_MESSAGE) == set(SMTP_FAULTS)


@pytest.mark.parametrize(("name", "failure"), FAILURES.items())
def test_a_named_fault_is_seen_as_what_it_is(name, failure):
    assert failures(look_at(SMTP_FAULTS[name], patience=patience_for(failure))) == [failure]


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (say(Phase.BANNER, "554 5.3.2 No SMTP service here"), Failure.BANNER_NO_SERVICE),
        (say(Phase.BANNER, "500 go away"), Failure.BANNER_OTHER),
        (say(Phase.BANNER, "SSH-2.0-OpenSSH_9.2"), Failure.MALFORMED),
        (SmtpFault(Act.CLOSE, Phase.BANNER), Failure.CLOSED_BEFORE_BANNER),
        (reset(Phase.BANNER), Failure.CLOSED_BEFORE_BANNER),
        (say(Phase.EHLO, "550 5.7.1 You are blocked"), Failure.EHLO_REFUSED),
        (say(Phase.EHLO_TLS, "502 no"), Failure.EHLO_REFUSED),
        (say(Phase.EHLO, "421 4.3.2 Going down"), Failure.CLOSING),
        (say(Phase.STARTTLS, "454 4.7.0 TLS not available"), Failure.STARTTLS_REFUSED),
        (say(Phase.STARTTLS, "250 fine, and now?"), Failure.UNEXPECTED),
        (reset(Phase.STARTTLS), Failure.CLOSED),
        (reset(Phase.TLS), Failure.CLOSED),
        (hang(Phase.TLS), Failure.TIMEOUT),
        (say(Phase.AUTH, "534 5.7.9 Mechanism is too weak"), Failure.AUTH_MECHANISM),
        (say(Phase.AUTH, "421 4.7.0 Too many failed logins"), Failure.AUTH_TEMPORARY),
        (say(Phase.AUTH, "250 yes"), Failure.UNEXPECTED),
        (say(Phase.MAIL, "530 5.7.0 Authentication required"), Failure.AUTH_REQUIRED),
        (say(Phase.MAIL, "451 4.3.0 Try again"), Failure.MAIL_DEFERRED),
        (say(Phase.MAIL, "421 4.3.2 Closing"), Failure.CLOSING),
        (say(Phase.RCPT, "450 4.2.0 Greylisted"), Failure.GREYLISTED),
        (say(Phase.RCPT, "452 4.5.3 Too many recipients"), Failure.RCPT_DEFERRED),
        (say(Phase.RCPT, "454 4.7.0 Throttling failure: Maximum sending rate exceeded"), Failure.QUOTA),
        (say(Phase.RSET, "500 what?"), Failure.UNEXPECTED),
        (hang(Phase.RCPT), Failure.TIMEOUT),
        (SmtpFault(Act.ENDLESS, Phase.EHLO_TLS, "250-X" + "y" * 200), Failure.ENDLESS),
    ],
)
def test_a_fault_of_one_phase_is_seen_as_what_it_is(fault, failure):
    exchange = look_at(fault, patience=patience_for(failure))
    assert failures(exchange) == [failure]
    assert exchange.problems[0].phase is fault.at


def test_a_server_that_hangs_up_at_quit_has_done_nothing_wrong():
    assert look_at(reset(Phase.QUIT)).problems == ()


def test_a_reset_says_in_which_phase_it_came():
    problem = look_at(reset(Phase.RCPT)).problem
    assert (problem.failure, problem.phase) == (Failure.CLOSED, Phase.RCPT)


@pytest.mark.parametrize("keyword", ["PIPELINING", "NOTHING"])
def test_one_refused_sender_does_not_keep_the_others_from_being_tried(keyword):
    refused = Envelope("news@other.example", "sink@mail.example")
    exchange = look_at(
        SmtpFault(Act.HIDE, Phase.EHLO_TLS, keyword),
        envelopes=[ENVELOPE, refused, ENVELOPE],
        may_send=lambda user, sender: sender != refused.sender and user == USER,
    )
    assert [tried.problem and tried.problem.failure for tried in exchange.tried] == [None, Failure.MAIL_REFUSED, None]
    assert exchange.problem is None
    assert "news@other.example is not verified" in exchange.tried[1].problem.reply


def test_a_refused_recipient_that_names_the_sender_is_the_senders_refusal():
    exchange = look_at(say(Phase.RCPT, f"554 5.7.1 <{ENVELOPE.sender}>: Sender address rejected"))
    assert failures(exchange) == [Failure.MAIL_REFUSED]


def test_an_address_outside_ascii_needs_smtputf8():
    assert failures(look_at(envelopes=[Envelope("grüße@mail.example", None)])) == [Failure.SMTPUTF8_MISSING]
    offered = SmtpFault(Act.OFFER, Phase.EHLO_TLS, "SMTPUTF8")
    assert failures(look_at(offered, envelopes=[Envelope("grüße@mail.example", None)])) == []


def test_auth_login_is_spoken_where_nothing_else_is_offered():
    async def run() -> None:
        async with stand_in(Tls.STARTTLS, SmtpFault(Act.OFFER, Phase.EHLO_TLS, "AUTH LOGIN XOAUTH2")) as (server, port):
            exchange = await look(world(dial=dial_to(port)), target(), login(), [])
            assert exchange.has_logged_in
            assert "AUTH LOGIN" in [line.line for line in server.heard]

    asyncio.run(run())


def test_without_a_login_everything_before_it_is_looked_at():
    async def run() -> None:
        async with stand_in() as (server, port):
            exchange = await look(world(dial=dial_to(port)), target(), None, [ENVELOPE])
            assert exchange.problem is None
            assert not exchange.has_logged_in
            assert "AUTH" in exchange.offer
            assert [line.line.split()[0] for line in server.heard] == ["EHLO", "STARTTLS", "EHLO", "QUIT"]

    asyncio.run(run())


# TLS


def expired() -> ssl.SSLContext:
    return server_context(HOST, not_after=datetime.now(UTC) - timedelta(days=1))


def early() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    AUTHORITY.issue_cert(HOST, not_before=tomorrow, not_after=tomorrow + timedelta(days=9)).configure_cert(context)
    return context


TLS_FAULTS = {
    expired: Failure.CERTIFICATE_EXPIRED,
    early: Failure.CERTIFICATE_EARLY,
    lambda: server_context("smtp.somebody-else.example"): Failure.CERTIFICATE_NAME,
    lambda: server_context(ADDRESS): Failure.CERTIFICATE_NAME,
    lambda: server_context(HOST, authority=trustme.CA()): Failure.CERTIFICATE_AUTHORITY,
}


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
@pytest.mark.parametrize(("make", "failure"), TLS_FAULTS.items(), ids=[str(each.name) for each in TLS_FAULTS.values()])
def test_whatever_is_wrong_with_tls_has_its_name_and_no_login_leaves(make, failure, tls):
    async def run() -> None:
        async with stand_in(tls, context=make()) as (server, port):
            exchange = await look(world(dial=dial_to(port)), target(tls), login(), [ENVELOPE])
            assert failures(exchange) == [failure]
            assert exchange.problem.phase is Phase.TLS
            assert not [line for line in server.heard if "AUTH" in line.line.upper()]

    asyncio.run(run())


def old() -> ssl.SSLContext:
    context = server_context(HOST)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


def impossible() -> ssl.SSLContext:
    """Give settings that leave no version at all: OpenSSL sends an alert before it has read anything."""
    context = server_context(HOST)
    context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    return context


def without_common_cipher() -> ssl.SSLContext:
    context = server_context(HOST)
    context.options |= ssl.OP_NO_TLSv1_3
    context.set_ciphers("PSK")
    return context


@contextmanager
def openssl_server(context: ssl.SSLContext, tls: Tls) -> Iterator[int]:
    """Do handshakes as OpenSSL does them by itself: asyncio drops the alert that a failed one ends with."""

    def serve() -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            with client:
                client.settimeout(5)
                if tls is Tls.STARTTLS:
                    for reply in (b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", b"220 go\r\n"):
                        client.sendall(reply)
                        if b"go" not in reply:
                            client.recv(1000)
                context.wrap_socket(client, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the options that allow old TLS
@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
@pytest.mark.parametrize(
    ("make", "failure"),
    [(old, Failure.TLS_VERSION), (without_common_cipher, Failure.TLS_FAILED), (impossible, Failure.TLS_VERSION)],
)
def test_a_handshake_that_the_server_ends_says_why(make, failure, tls):
    with openssl_server(make(), tls) as port:

        async def run() -> Exchange:
            return await look(world(dial=dial_to(port)), target(tls), login(), [ENVELOPE])

        exchange = asyncio.run(run())
    assert failures(exchange) == [failure]
    assert "alert" in exchange.problem.detail


def test_a_server_with_other_mechanisms_takes_no_password():
    exchange = look_at(SmtpFault(Act.OFFER, Phase.EHLO_TLS, "AUTH CRAM-MD5 XOAUTH2"))
    assert failures(exchange) == [Failure.AUTH_MECHANISM]
    assert exchange.problem.detail == "offers CRAM-MD5 XOAUTH2"


def test_the_days_that_a_certificate_has_left_are_counted_from_now():
    context = server_context(HOST, not_after=datetime.now(UTC) + timedelta(days=9, hours=12))
    assert look_at(context=context).certificate_days == 9


def test_starttls_declared_where_tls_is_expected_from_the_first_byte_is_told_from_a_hang():
    async def run() -> list[Failure]:
        async with stand_in(Tls.IMPLICIT) as (_, port):
            net = world(dial=dial_to(port), patience=Patience(connect=15, reply=1))
            return failures(await look(net, target(Tls.STARTTLS), login(), [ENVELOPE]))

    assert asyncio.run(run()) == [Failure.TLS_EXPECTED]


def test_a_certificate_that_cannot_be_trusted_still_shows_that_tls_was_expected():
    async def run() -> list[Failure]:
        async with stand_in(Tls.IMPLICIT, context=expired()) as (_, port):
            net = world(dial=dial_to(port), patience=Patience(connect=15, reply=1))
            return failures(await look(net, target(Tls.STARTTLS), login(), [ENVELOPE]))

    assert asyncio.run(run()) == [Failure.TLS_EXPECTED]


def test_tls_declared_where_plain_text_is_spoken_is_named():
    async def run() -> list[Failure]:
        async with stand_in(Tls.STARTTLS) as (_, port):
            return failures(await look(world(dial=dial_to(port)), target(Tls.IMPLICIT), login(), [ENVELOPE]))

    assert asyncio.run(run()) == [Failure.PLAIN_TEXT]


async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(4096):
        pass


def test_a_server_that_never_says_anything_is_waited_for_no_longer_than_allowed():
    for tls in (Tls.STARTTLS, Tls.IMPLICIT):
        exchange = look_at_peer(swallow, tls, patience=QUICK)
        assert failures(exchange) == [Failure.TIMEOUT]
        assert exchange.slowest[1] < 5


# Hostile peers


async def say_and_stay(writer: asyncio.StreamWriter, *pieces: bytes) -> None:
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    await asyncio.sleep(60)


async def endless_banner(reader, writer) -> None:
    while True:
        writer.write(b"2" * 4096)
        await writer.drain()
        await asyncio.sleep(0)


async def many_lines(reader, writer) -> None:
    for _ in range(100):
        writer.write(b"220-hello\r\n" * 1000)
        await writer.drain()
        await asyncio.sleep(0)
    await asyncio.sleep(60)


async def dribble(reader, writer) -> None:
    while True:
        writer.write(b"2")
        await asyncio.sleep(0.01)


async def alert(reader, writer) -> None:
    await reader.read(1)
    await say_and_stay(writer, b"\x15\x03\x03\x00\x02\x02\x28")


async def http(reader, writer) -> None:
    await say_and_stay(writer, b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def garbage_after_starttls(reader, writer) -> None:
    writer.write(b"220 hi\r\n")
    await reader.readline()
    writer.write(b"250-hi\r\n250 STARTTLS\r\n")
    await reader.readline()
    writer.write(b"220 go\r\n")
    await writer.drain()
    await asyncio.sleep(0.05)
    await say_and_stay(writer, b"250 AUTH PLAIN\r\n")


@pytest.mark.parametrize(
    ("serve", "tls", "failure"),
    [
        (endless_banner, Tls.STARTTLS, Failure.ENDLESS),
        (many_lines, Tls.STARTTLS, Failure.ENDLESS),
        (dribble, Tls.STARTTLS, Failure.TIMEOUT),
        (http, Tls.STARTTLS, Failure.MALFORMED),
        (alert, Tls.IMPLICIT, Failure.TLS_FAILED),
        (http, Tls.IMPLICIT, Failure.PLAIN_TEXT),
        (garbage_after_starttls, Tls.STARTTLS, Failure.STARTTLS_INJECTED),
    ],
)
def test_a_hostile_peer_is_named_in_time(serve, tls, failure):
    exchange = look_at_peer(serve, tls, patience=patience_for(failure))
    assert failures(exchange) == [failure]
    assert sum(seconds for _, seconds in exchange.phases) < 10


def test_a_certificate_chain_of_a_thousand_links_ends_the_handshake_and_nothing_else(tmp_path):
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST)
    chain = [certificate.cert_chain_pems[0].bytes()] + [AUTHORITY.cert_pem.bytes()] * 1000
    (tmp_path / "chain.pem").write_bytes(b"".join(chain))
    (tmp_path / "key.pem").write_bytes(certificate.private_key_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    exchange = look_at(context=context)
    assert failures(exchange) == [Failure.TLS_FAILED]
    assert "excessive" in exchange.problem.detail


@pytest.mark.parametrize("octets", [b"\0" * 300, b"\x1b]0;title\x07\x1b[2J" * 30, b"\xff\xfe" * 200])
def test_control_characters_are_kept_short_and_end_nothing(octets):
    async def serve(reader, writer) -> None:
        await say_and_stay(writer, b"554 " + octets + b"\r\n")

    exchange = look_at_peer(serve)
    assert failures(exchange) == [Failure.BANNER_NO_SERVICE]
    assert len(exchange.problem.reply) <= 200


def test_a_login_that_a_server_sends_back_is_shown_in_no_form():
    token = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    alone = base64.b64encode(PASSWORD.encode()).decode()
    reply = look_at(say(Phase.AUTH, f"535 no {token} {alone} {PASSWORD}")).problem.reply
    assert reply == "535 no … … …"


def test_only_base64_of_a_login_leaves_and_only_over_tls():
    """Whatever the server does, the login is never in a line that came in plain text."""
    faults = [*SMTP_FAULTS.values(), say(Phase.STARTTLS, "220 go\r\n250-hi\r\n250 AUTH PLAIN LOGIN")]
    offers = SmtpFault(Act.OFFER, Phase.EHLO, "AUTH PLAIN LOGIN")
    secret = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()

    async def run() -> int:
        hidden = 0
        for fault in faults:
            async with stand_in(Tls.STARTTLS, offers, fault) as (server, port):
                await look(world(dial=dial_to(port), patience=QUICK), target(), login(), [ENVELOPE])
                with_login = [line for line in server.heard if secret in line.line or PASSWORD in line.line]
                assert all(line.is_hidden for line in with_login)
                hidden += len(with_login)
        return hidden

    assert asyncio.run(run()) > 5


def test_a_man_in_the_middle_who_strips_starttls_gets_nothing():
    heard = bytearray()

    async def serve(reader, writer) -> None:
        writer.write(b"220 hi\r\n")
        heard.extend(await reader.readline())
        writer.write(b"250-hi\r\n250 AUTH PLAIN LOGIN\r\n")
        heard.extend(await reader.read())

    assert failures(look_at_peer(serve)) == [Failure.STARTTLS_MISSING]
    assert b"AUTH" not in heard


# Connections


def test_a_port_where_nobody_listens_refuses():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        async def run() -> Exchange:
            return await look(world(dial=dial_to(port)), target(), login(), [ENVELOPE])

        assert failures(asyncio.run(run())) == [Failure.CONNECTION_REFUSED]


@asynccontextmanager
async def full_queue():
    """A listener whose queue is full: the next connection is never answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(3):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        await asyncio.sleep(0.05)
        yield listener.getsockname()[1]
        for client in waiting:
            client.close()


def test_a_connection_that_is_not_answered_is_told_from_a_refused_one():
    async def run() -> Exchange:
        async with full_queue() as port:
            return await look(world(dial=dial_to(port), patience=QUICK), target(), login(), [ENVELOPE])

    exchange = asyncio.run(run())
    assert failures(exchange) == [Failure.CONNECT_TIMEOUT]
    assert exchange.problem.failure.is_unknown


NOWHERE = """
import asyncio
from smtp_peers import target, world
from sendspec.net.address import dial_straight
from sendspec.net.smtp.client import look

async def run():
    return await look(world(dial=dial_straight), target(), None, [])

print(asyncio.run(run()).problem.failure.name)
"""


def test_a_machine_without_a_route_says_nothing_about_the_server(find_tool, repository):
    done = subprocess.run(
        [find_tool("unshare"), "--net", sys.executable, "-c", NOWHERE],
        env={"PYTHONPATH": str(repository / "tests" / "support")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode and "unshare" in done.stderr:
        pytest.skip(f"no network of its own: {done.stderr.strip()}")
    assert done.stdout.strip() == "NO_ROUTE", done.stderr
    assert Failure.NO_ROUTE.is_unknown


def test_ipv6_is_spoken_too():
    async def run() -> Exchange:
        async with stand_in() as (server, _):
            port = await server.start("::1")
            there = Target(HOST, "2001:db8::25", 587, Tls.STARTTLS)
            exchange = await look(world(dial=dial_to(port, "::1")), there, login(), [ENVELOPE])
            assert server.heard[0].line == "EHLO [IPv6:::1]"
            return exchange

    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
    assert asyncio.run(run()).problems == ()


def test_no_wait_outlasts_the_deadline_of_the_run():
    async def run() -> tuple[Exchange, Exchange, float]:
        async with stand_in(Tls.STARTTLS, hang(Phase.AUTH)) as (_, port):
            loop = asyncio.get_running_loop()
            began = loop.time()
            net = world(dial=dial_to(port), patience=Patience(), deadline_seconds=0.4)
            first = await look(net, target(), login(), [ENVELOPE])
            second = await look(net, target(), login(), [ENVELOPE])
            return first, second, loop.time() - began

    first, second, seconds = asyncio.run(run())
    assert failures(first) == failures(second) == [Failure.STOPPED]
    assert first.problem.phase is Phase.AUTH
    assert second.phases == []
    assert seconds < 5


def test_somebody_who_greets_is_told_from_nobody():
    async def run() -> list[bool]:
        found = []
        for tls in (Tls.STARTTLS, Tls.IMPLICIT):
            async with stand_in(tls) as (_, port):
                net = world(dial=dial_to(port), patience=Patience(connect=15, reply=1))
                found += [await greets(net, target(spoken)) for spoken in (Tls.STARTTLS, Tls.IMPLICIT)]
        return found

    assert asyncio.run(run()) == [True, False, False, True]


# One message


def test_a_message_arrives_as_it_was_written():
    async def run() -> None:
        async with stand_in() as (server, port):
            exchange = await deliver(world(dial=dial_to(port)), target(), login(), ENVELOPE, MESSAGE)
            assert exchange.problems == ()
            assert exchange.accepted == "250 2.0.0 OK 1"
            (message,) = server.received
            assert (message.sender, message.recipients) == (ENVELOPE.sender, (ENVELOPE.recipient,))
            assert message.content == b"Subject: hello\r\n\r\n.a line with a dot\r\n"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("fault", "failure", "phase", "kept"),
    [
        (SMTP_FAULTS["suspended"], Failure.DATA_REFUSED, Phase.MESSAGE, 0),
        (SMTP_FAULTS["reset-after-dot"], Failure.DATA_LOST, Phase.MESSAGE, 1),
        (hang(Phase.MESSAGE), Failure.DATA_LOST, Phase.MESSAGE, 1),
        (say(Phase.MESSAGE, "451 4.3.0 Try again"), Failure.DATA_DEFERRED, Phase.MESSAGE, 0),
        (say(Phase.MESSAGE, "454 4.7.0 Throttling failure"), Failure.QUOTA, Phase.MESSAGE, 0),
        (say(Phase.DATA, "554 5.7.1 Access denied"), Failure.DATA_REFUSED, Phase.DATA, 0),
        (SMTP_FAULTS["rcpt-refused"], Failure.RCPT_REFUSED, Phase.RCPT, 0),
        (SMTP_FAULTS["reset"], Failure.CLOSED, Phase.MAIL, 0),
    ],
)
def test_a_message_that_is_not_taken_says_where_it_was_lost(fault, failure, phase, kept):
    async def run() -> None:
        async with stand_in(Tls.STARTTLS, fault) as (server, port):
            patience = QUICK if fault.act is Act.HANG else UNHURRIED
            net = world(dial=dial_to(port), patience=patience)
            exchange = await deliver(net, target(), login(), ENVELOPE, MESSAGE)
            assert (exchange.problem.failure, exchange.problem.phase) == (failure, phase)
            assert exchange.accepted == ""
            assert len(server.received) == kept

    asyncio.run(run())


def test_the_context_of_a_run_asks_for_verification():
    """The tests above stand on it."""
    assert client_context().verify_mode is ssl.CERT_REQUIRED
    assert client_context().check_hostname


def test_no_secret_is_in_what_an_exchange_shows():
    for fault in (
        say(Phase.AUTH, f"535 {PASSWORD}"),
        say(Phase.MAIL, f"554 {PASSWORD}"),
        say(Phase.BANNER, f"554 {PASSWORD}"),
    ):
        shown = repr(look_at(fault))
        assert PASSWORD not in shown
    assert PASSWORD not in KnownSecrets().hide(PASSWORD)
