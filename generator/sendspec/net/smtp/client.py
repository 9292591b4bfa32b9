"""Submit as a client does: `look` goes as far as one can without a message, `deliver` sends one.

No login leaves before the certificate is verified, for the name in the spec although the connection goes to an address.
Nothing raises for what the world does, and no wait outlasts the deadline of the run.
"""

import base64
from collections.abc import Sequence
from contextlib import suppress

from sendspec.model.vocabulary import Tls
from sendspec.net.net import Net
from sendspec.net.smtp import failures
from sendspec.net.smtp.exchange import Envelope, Exchange, Failure, Login, Phase, Problem, Target, Tried
from sendspec.net.smtp.session import ACCEPTED, SHOWN, Session, SessionEndedError, listed
from sendspec.net.smtp.wire import Reply

LOGGED_IN, CONTINUE, GO_AHEAD, WILL_FORWARD = 235, 334, 354, 251


async def look(net: Net, target: Target, login: Login | None, envelopes: Sequence[Envelope]) -> Exchange:
    """Go through a session up to RCPT for each envelope, then RSET and QUIT. Without a login it ends before AUTH.

    A refused envelope does not end the session; the others are tried all the same.
    """
    session = Session(net, target)
    async with session.running():
        await session.open()
        if login is not None:
            await _log_in(session, login)
            for number, envelope in enumerate(envelopes, start=1):
                problem = await _try(session, envelope, is_last=number == len(envelopes))
                session.exchange.tried.append(Tried(envelope, problem))
        await _quit(session)
    return session.exchange


async def deliver(net: Net, target: Target, login: Login, envelope: Envelope, message: bytes) -> Exchange:
    """Send one message: for `smoke`, with consent. `message` is RFC 5322 text; line ends and dots are seen to here."""
    session = Session(net, target)
    async with session.running():
        await session.open()
        await _log_in(session, login)
        await _hand_over(session, envelope, message)
        await _quit(session)
    return session.exchange


async def greets(net: Net, target: Target) -> bool:
    """Tell whether somebody takes a connection there, speaks TLS where the target says so, and greets."""
    session = Session(net, target)
    async with session.running():
        await session.connect()
        if target.tls is Tls.IMPLICIT:
            await session.start_tls(Failure.PLAIN_TEXT)
        await session.greet()
    return session.exchange.problem is None


async def _log_in(session: Session, login: Login) -> None:
    """AUTH PLAIN, or LOGIN where only that is offered (RFC 4616; draft-murchison-sasl-login)."""
    if not session.exchange.tls_version:
        raise AssertionError("a login leaves over TLS only")
    session.phase = Phase.AUTH
    offer = session.exchange.offer
    if "AUTH" not in offer:
        session.fail(Failure.AUTH_MISSING, detail=listed(offer))
    user, password = login.user.reveal().encode(), login.password.reveal().encode()
    plain, user_token, password_token = (
        base64.b64encode(each).decode() for each in (b"\0%b\0%b" % (user, password), user, password)
    )
    session.tokens = (plain, *sorted((user_token, password_token), key=len, reverse=True))
    mechanisms = offer["AUTH"].split()
    if "PLAIN" in mechanisms:
        await session.command(Phase.AUTH, f"AUTH PLAIN {plain}", LOGGED_IN)
    elif "LOGIN" in mechanisms:
        await session.command(Phase.AUTH, "AUTH LOGIN", CONTINUE)
        await session.command(Phase.AUTH, user_token, CONTINUE)
        await session.command(Phase.AUTH, password_token, LOGGED_IN)
    else:
        session.fail(Failure.AUTH_MECHANISM, detail=f"offers {' '.join(mechanisms)}"[:SHOWN])
    session.exchange.has_logged_in = True


def _commands(session: Session, envelope: Envelope) -> tuple[tuple[Phase, str], ...] | None:
    """Give MAIL and RCPT of an envelope; None for addresses that this server cannot take."""
    is_ascii = f"{envelope.sender}{envelope.recipient or ''}".isascii()
    if not is_ascii and "SMTPUTF8" not in session.exchange.offer:
        return None
    mail = (Phase.MAIL, f"MAIL FROM:<{envelope.sender}>{'' if is_ascii else ' SMTPUTF8'}")
    return (mail,) if envelope.recipient is None else (mail, (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>"))


async def _try(session: Session, envelope: Envelope, *, is_last: bool) -> Problem | None:
    """MAIL, RCPT and RSET; in one go, with QUIT, where the server takes them so (RFC 2920). Gives the first refusal."""
    commands = _commands(session, envelope)
    if commands is None:
        return Problem(Failure.SMTPUTF8_MISSING, Phase.MAIL)
    commands = (*commands, (Phase.RSET, "RSET"))
    is_pipelined = "PIPELINING" in session.exchange.offer
    if is_pipelined:
        session.wire.send(*(command for _, command in commands), *(["QUIT"] if is_last else []))
        session.has_said_quit = is_last
    first: Problem | None = None
    for phase, command in commands:
        if not is_pipelined:
            if first is not None and phase is not Phase.RSET:
                continue
            session.wire.send(command)
        reply = await session.reply(phase, is_round_trip=phase is Phase.MAIL or not is_pipelined)
        if reply.code not in {ACCEPTED, WILL_FORWARD}:
            blamed = Phase.MAIL if phase is Phase.RCPT and _is_about_sender(reply, envelope) else phase
            problem = Problem(failures.of_reply(blamed, reply.code), phase, session.shown(reply))
            if problem.failure is Failure.CLOSING:
                session.fail(problem.failure, problem.reply)
            first = first or problem
    return first


def _is_about_sender(reply: Reply, envelope: Envelope) -> bool:
    """Tell whether a refused RCPT is the sender's fault: Postfix keeps its answer to MAIL until then (smtpd_delay_reject)."""
    text = reply.text.lower()
    return envelope.sender.lower() in text and (envelope.recipient or "").lower() not in text


async def _hand_over(session: Session, envelope: Envelope, message: bytes) -> None:
    """MAIL, RCPT, DATA and the message. A session that breaks after the final dot leaves its fate unknown."""
    commands = _commands(session, envelope)
    if commands is None:
        session.phase = Phase.MAIL
        session.fail(Failure.SMTPUTF8_MISSING)
    for phase, command in commands:
        await session.command(phase, command, ACCEPTED, WILL_FORWARD)
    await session.command(Phase.DATA, "DATA", GO_AHEAD)
    session.wire.send_message(message)
    try:
        reply = await session.reply(Phase.MESSAGE, seconds=session.patience.message, is_round_trip=False)
    except SessionEndedError as end:
        session.fail(Failure.DATA_LOST, detail=str(end.failure))
    if reply.code != ACCEPTED:
        session.refused(Phase.MESSAGE, reply)
    session.exchange.accepted = session.shown(reply)


async def _quit(session: Session) -> None:
    """Say goodbye. A server that hangs up instead of answering has done nothing wrong that matters."""
    with suppress(SessionEndedError):
        if not session.has_said_quit:
            session.wire.send("QUIT")
        seconds = min(session.patience.reply, session.patience.slow)
        await session.reply(Phase.QUIT, seconds=seconds, is_round_trip=False)
