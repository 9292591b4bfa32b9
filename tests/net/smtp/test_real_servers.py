"""The client against servers that others wrote: Postfix with Dovecot's logins, and aiosmtpd."""

import asyncio
from collections.abc import Iterator

import pytest
from https_peers import dial_to
from mail_servers import Authority, smtp_server
from smtp_peers import ENVELOPE, HOST, PASSWORD, USER, login, target, world
from submission_mta import Mta, submission_mta

from sendspec.model.vocabulary import Tls
from sendspec.net.net import Net
from sendspec.net.smtp.client import deliver, look
from sendspec.net.smtp.exchange import Envelope, Exchange, Failure, Patience, Target

MESSAGE = b"From: a@mail.example\nSubject: hello\n\nbody\n.\n..\n"


@pytest.fixture(scope="module")
def mta(find_tool) -> Iterator[Mta]:
    with submission_mta(find_tool, USER, PASSWORD) as running:
        yield running


def port_of(mta: Mta, tls: Tls) -> int:
    return mta.implicit if tls is Tls.IMPLICIT else mta.submission


def run(mta: Mta, tls: Tls, envelopes=(ENVELOPE,), spoken: Tls | None = None, **login_options) -> Exchange:
    async def go() -> Exchange:
        net = world(dial=dial_to(port_of(mta, spoken or tls)))
        return await look(net, target(tls), login(**login_options), envelopes)

    return asyncio.run(go())


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_postfix_is_gone_through_to_its_end_and_gets_no_message(mta, tls):
    messages = mta.log.count("queue active")
    exchange = run(mta, tls)
    assert exchange.problems == ()
    assert exchange.has_logged_in
    assert exchange.offer["AUTH"] == "PLAIN LOGIN"
    assert exchange.offer["SIZE"] == "10485760"
    assert "AUTH" not in exchange.plain_offer
    assert mta.log.count("queue active") == messages


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_postfix_refuses_a_wrong_password(mta, tls):
    problem = run(mta, tls, password="wrong").problem
    assert problem.failure is Failure.AUTH_REFUSED
    assert problem.reply.startswith("535 5.7.8 ")


def test_postfix_refuses_one_sender_and_greylists_one_recipient(mta):
    refused = Envelope("refused@mail.example", "sink@mail.example")
    grey = Envelope("a@mail.example", "grey@mail.example")
    exchange = run(mta, Tls.STARTTLS, [refused, grey, ENVELOPE])
    assert [tried.problem and tried.problem.failure for tried in exchange.tried] == [
        Failure.MAIL_REFUSED,
        Failure.GREYLISTED,
        None,
    ]


@pytest.mark.parametrize(
    ("declared", "spoken", "failure"),
    [(Tls.IMPLICIT, Tls.STARTTLS, Failure.PLAIN_TEXT), (Tls.STARTTLS, Tls.IMPLICIT, Failure.TLS_EXPECTED)],
)
def test_postfix_on_a_port_of_the_other_mode_is_told_from_a_hang(mta, declared, spoken, failure):
    async def go() -> Exchange:
        patience = Patience(connect=5, reply=1.5)
        return await look(world(dial=dial_to(port_of(mta, spoken)), patience=patience), target(declared), login(), [])

    assert asyncio.run(go()).problem.failure is failure


def test_postfix_with_a_certificate_for_another_name_gets_no_login(mta):
    async def go() -> Exchange:
        there = target(host="smtp.other.example")
        return await look(world(dial=dial_to(mta.submission)), there, login(), [ENVELOPE])

    exchange = asyncio.run(go())
    assert exchange.problem.failure is Failure.CERTIFICATE_NAME
    assert HOST in exchange.problem.detail or "smtp.other.example" in exchange.problem.detail


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_postfix_takes_a_message(mta, tls):
    async def go() -> Exchange:
        net = world(dial=dial_to(port_of(mta, tls)))
        return await deliver(net, target(tls), login(), ENVELOPE, MESSAGE)

    exchange = asyncio.run(go())
    assert exchange.problems == ()
    assert exchange.accepted.startswith("250 2.0.0 Ok: queued as ")


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_aiosmtpd_takes_a_login_and_one_message_as_it_was_written(tmp_path, tls):
    authority = Authority(tmp_path)

    def net_to(port: int) -> Net:
        net = world(dial=dial_to(port))
        net.tls.load_verify_locations(authority.bundle)
        return net

    with smtp_server(authority, tls, USER, PASSWORD) as server:

        async def go() -> tuple[Exchange, Exchange]:
            there = Target("localhost", "192.0.2.1", 587, tls)
            looked = await look(net_to(server.port), there, login(), [ENVELOPE])
            assert server.messages == []
            return looked, await deliver(net_to(server.port), there, login(), ENVELOPE, MESSAGE)

        for exchange in asyncio.run(go()):
            assert exchange.problems == ()
            assert exchange.has_logged_in
        assert server.last.content.get_content().splitlines() == ["body", ".", ".."]
        assert (server.last.user, server.last.password, server.last.over_tls) == (USER, PASSWORD, True)


@pytest.mark.parametrize(("phase", "reply"), [("AUTH", None), ("RCPT", "550 5.1.1 unknown")])
def test_aiosmtpd_refuses(tmp_path, phase, reply):
    authority = Authority(tmp_path)
    with smtp_server(authority, Tls.STARTTLS, USER, PASSWORD) as server:
        server.answer = lambda asked: (reply or "no") if asked == phase else None

        async def go() -> Exchange:
            net = world(dial=dial_to(server.port))
            net.tls.load_verify_locations(authority.bundle)
            return await look(net, Target("localhost", "192.0.2.1", 587, Tls.STARTTLS), login(), [ENVELOPE])

        failure = Failure.AUTH_REFUSED if phase == "AUTH" else Failure.RCPT_REFUSED
        assert [problem.failure for problem in asyncio.run(go()).problems] == [failure]
