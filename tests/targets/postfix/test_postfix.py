"""Postfix itself accepts the generated configuration and relays through it."""

import shutil
import smtplib
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from app_setups import SPEC, THROUGH, compile_text, move_smtp, only, without_login
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority, open_smtp_server, smtp_server

from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls

SENDER = "no-reply@auth.shop.example"
CLOSED_PORT = 1


def leads_to(setup: Setup, *, first: int, second: int, tls: Tls = Tls.STARTTLS) -> Setup:
    """Give a setup whose stream `codes` goes to two ports of localhost, the second as its fallback."""
    return move_smtp(move_smtp(setup, "postmark-main", first, tls), "ses-eu", second, tls)


@pytest.fixture
def fallback(authority):
    """Give a server that takes the fallback's login."""
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        yield server


@pytest.fixture
def primary(authority):
    """Give a server that takes the primary's login."""
    with smtp_server(authority, Tls.STARTTLS, "4b2f-token", "4b2f-token") as server:
        yield server


def test_mail_of_a_stream_leaves_with_its_login_and_its_header(start, primary, fallback, tmp_path):
    postfix = start(leads_to(compile_text(tmp_path / "specs"), first=primary.port, second=fallback.port))
    postfix.submit(SENDER, "X-PM-Message-Stream: forged\n")
    postfix.wait(lambda: len(primary.messages) == 1)
    message = primary.last
    assert message.over_tls
    assert (message.user, message.password) == ("4b2f-token", "4b2f-token")
    assert (message.sender, message.recipients) == (SENDER, ("you@customer.test",))
    assert message.author == ("", SENDER)
    assert message.content.get_all("X-PM-Message-Stream") == ["codes"]
    assert fallback.messages == []


def test_a_dead_primary_sends_mail_to_the_fallback_with_the_fallbacks_login(start, fallback, tmp_path):
    postfix = start(leads_to(compile_text(tmp_path / "specs"), first=CLOSED_PORT, second=fallback.port))
    postfix.submit(SENDER)
    postfix.wait(lambda: len(fallback.messages) == 1)
    assert (fallback.last.user, fallback.last.password) == (NASTY_USER, NASTY_PASSWORD)
    assert fallback.last.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"


@pytest.mark.parametrize(("phase", "reply"), [("RCPT", "451 4.3.0 later"), ("DATA", "454 4.7.0 quota"), ("AUTH", "no")])
def test_an_account_at_fault_sends_mail_to_the_fallback(start, primary, fallback, tmp_path, phase, reply):
    primary.answer = lambda asked: reply if asked == phase else None
    postfix = start(leads_to(compile_text(tmp_path / "specs"), first=primary.port, second=fallback.port))
    postfix.submit(SENDER)
    postfix.wait(lambda: len(fallback.messages) == 1)


def test_a_refused_recipient_goes_back_to_the_sender_and_never_to_the_fallback(start, primary, fallback, tmp_path):
    primary.answer = lambda phase: "550 5.1.1 no such user" if phase == "RCPT" else None
    postfix = start(leads_to(compile_text(tmp_path / "specs"), first=primary.port, second=fallback.port))
    postfix.submit(SENDER)
    postfix.wait(lambda: "status=bounced" in postfix.log)
    assert fallback.messages == []


def test_a_lost_answer_sends_mail_to_the_fallback_as_well_as_the_file_says(start, primary, fallback, tmp_path):
    primary.answer = lambda phase: "close" if phase == "DATA" else None
    postfix = start(leads_to(compile_text(tmp_path / "specs"), first=primary.port, second=fallback.port))
    postfix.submit(SENDER)
    postfix.wait(lambda: len(fallback.messages) == 1)
    assert len(primary.messages) == 1
    assert "it tries the fallback, and the message may arrive twice" in postfix.generated("main.cf").replace(
        "\n# ", " "
    )


def test_implicit_tls_is_a_transport_in_wrapper_mode(start, authority, tmp_path):
    with smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as server:
        setup = leads_to(compile_text(tmp_path / "specs"), first=CLOSED_PORT, second=server.port, tls=Tls.IMPLICIT)
        postfix = start(setup)
        postfix.submit(SENDER)
        postfix.wait(lambda: len(server.messages) == 1)
        assert server.last.over_tls


def test_mail_for_a_relay_leaves_in_plain_text_and_without_login(start, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH), "shop")
        postfix = start(move_smtp(setup, "relay", server.port, Tls.NONE))
        postfix.submit(SENDER)
        postfix.wait(lambda: len(server.messages) == 1)
    assert not server.last.over_tls
    assert server.logins == []
    assert server.last.sender == SENDER


@pytest.mark.parametrize("tls", Tls)
def test_a_relay_takes_mail_of_other_apps_where_it_listens_and_sends_it_as_the_stream(
    start, primary, authority, tmp_path, tls
):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = THROUGH.replace("port: 2525", f"port: {port}, tls: {tls}")
    setup = only(compile_text(tmp_path / "specs", text), "relay")
    (relay,) = (replace(app, id="shop") for app in setup.apps)
    postfix = start(leads_to(replace(setup, apps=(relay,)), first=primary.port, second=CLOSED_PORT))
    with session(tls, port, authority) as smtp:
        smtp.sendmail(SENDER, ["you@customer.test"], f"From: {SENDER}\nSubject: receipt\n\nbody\n")
    postfix.wait(lambda: len(primary.messages) == 1)
    assert primary.last.sender == SENDER
    assert primary.last.content["X-PM-Message-Stream"] == "codes"


@pytest.mark.parametrize(
    ("clients", "insiders", "outsiders"),
    [
        ("", ("127.0.0.1",), ("127.0.0.2", "127.0.0.5")),
        (
            ", clients: [127.0.0.5, 127.0.0.16/28, '2001:db8::/32']",
            ("127.0.0.5", "127.0.0.17"),
            ("127.0.0.2", "127.0.0.1"),
        ),
    ],
)
def test_a_relay_takes_mail_of_the_clients_that_the_spec_names_and_of_nobody_else(
    start, primary, tmp_path, clients, insiders, outsiders
):
    """Whatever mynetworks of main.cf says: Postfix's own default lets in all of 127.0.0.0/8."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    setup = only(compile_text(tmp_path / "specs", THROUGH.replace("port: 2525", f"port: {port}{clients}")), "relay")
    (relay,) = (replace(app, id="shop") for app in setup.apps)
    postfix = start(leads_to(replace(setup, apps=(relay,)), first=primary.port, second=CLOSED_PORT))
    assert {recipient_from(client, port)[0] for client in insiders} == {250}
    assert {recipient_from(client, port)[0] for client in outsiders} == {554}
    assert "warning" not in postfix.log


def recipient_from(client: str, port: int) -> tuple[int, bytes]:
    """Give the answer to RCPT from an address of this machine."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10, source_address=(client, 0)) as smtp:
        smtp.ehlo()
        smtp.docmd("MAIL", f"FROM:<{SENDER}>")
        return smtp.docmd("RCPT", "TO:<you@customer.test>")


@contextmanager
def session(tls: Tls, port: int, authority: Authority) -> Iterator[smtplib.SMTP]:
    """Give a client's session with a relay. Towards one that wants STARTTLS plain text gets nowhere."""
    trusting = ssl.create_default_context(cafile=authority.bundle)
    if tls is Tls.IMPLICIT:
        with smtplib.SMTP_SSL("localhost", port, timeout=10, context=trusting) as smtp:
            yield smtp
        return
    with smtplib.SMTP("localhost", port, timeout=10) as smtp:
        smtp.ehlo()
        assert smtp.has_extn("starttls") is (tls is Tls.STARTTLS)
        if tls is Tls.STARTTLS:
            assert smtp.docmd("MAIL", f"FROM:<{SENDER}>")[0] == 530
            smtp.starttls(context=trusting)
        yield smtp


def test_messages_share_a_connection(start, primary, fallback, tmp_path):
    postfix = start(leads_to(compile_text(tmp_path / "specs"), first=primary.port, second=fallback.port))
    # Postfix keeps an idle connection for two seconds; on a busy machine one round may be slower than that
    for expected in (4, 8, 12):
        for _ in range(4):
            postfix.submit(SENDER)
        postfix.wait(lambda wanted=expected: len(primary.messages) == wanted)
        if primary.connections < len(primary.messages):
            break
    assert primary.connections < len(primary.messages)


def test_a_server_without_a_trusted_certificate_gets_no_login(make_postfix, primary, tmp_path):
    setup = leads_to(compile_text(tmp_path / "specs"), first=primary.port, second=CLOSED_PORT)
    postfix = make_postfix(setup)
    shutil.copy(Authority(tmp_path).bundle, postfix.folder / "authority.pem")
    postfix.fill()
    assert postfix.command("start").returncode == 0
    try:
        postfix.submit(SENDER)
        postfix.wait(lambda: "status=deferred" in postfix.log)
    finally:
        postfix.command("stop")
    assert primary.logins == []


def test_the_smoke_test_in_the_header_sends(start, primary, fallback, tmp_path):
    postfix = start(leads_to(compile_text(tmp_path / "specs"), first=primary.port, second=fallback.port))
    (line,) = (line for line in postfix.generated("main.cf").splitlines() if line.startswith("# Smoke test: "))
    done = postfix.shell(line.removeprefix("# Smoke test: "))
    assert done.returncode == 0, done.stderr
    postfix.wait(lambda: len(primary.messages) == 1)
    assert primary.last.author == ("", SENDER)


def test_the_password_tables_are_for_root_alone(make_postfix, tmp_path):
    postfix = make_postfix(compile_text(tmp_path / "specs"))
    assert postfix.fill().returncode == 0
    table = postfix.configuration / "sendspec" / "sasl_passwd.codes"
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert table.read_text().splitlines() == [
        "[smtp.postmarkapp.com]:587 4b2f-token:4b2f-token",
        f"[email-smtp.eu-west-1.amazonaws.com]:587 {NASTY_USER}:{NASTY_PASSWORD}",
    ]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SES_SMTP_PASSWORD", None, "SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password"),
        ("SES_SMTP_PASSWORD", "hidden\nline", "SES_SMTP_PASSWORD holds a line end"),
        ("SES_SMTP_PASSWORD", "hidden ", "SES_SMTP_PASSWORD begins or ends with a blank"),
        ("SES_SMTP_USERNAME", "hid:den", "SES_SMTP_USERNAME holds a colon"),
    ],
)
def test_a_secret_that_the_table_cannot_hold_is_refused_without_being_shown(
    make_postfix, tmp_path, name, value, complaint
):
    postfix = make_postfix(compile_text(tmp_path / "specs"))
    done = postfix.fill(**{name: value})
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "hid" not in done.stderr + done.stdout
    assert not (postfix.configuration / "sendspec" / "sasl_passwd.codes").exists()


def test_streams_of_one_domain_are_told_apart_by_address(make_postfix, tmp_path):
    text = SPEC.replace("receipts@mail.shop.example", "receipts@auth.shop.example")
    text = text.replace("via: api, esp: ses-eu", "via: smtp, esp: ses-eu")
    postfix = make_postfix(compile_text(tmp_path / "specs", text))
    entries = [line.split() for line in postfix.generated("transports").splitlines() if not line.startswith("#")]
    assert entries == [
        [SENDER, "sendspec-codes:[smtp.postmarkapp.com]:587"],
        ["receipts@auth.shop.example", "sendspec-receipts:[email-smtp.eu-west-1.amazonaws.com]:587"],
    ]


def test_a_sender_that_a_table_would_take_for_a_comment_is_said_and_not_written(make_postfix, tmp_path):
    text = SPEC.replace("receipts@mail.shop.example", "#1@auth.shop.example")
    text = text.replace("via: api, esp: ses-eu", "via: smtp, esp: ses-eu").replace("Shop <#1", "<#1")
    postfix = make_postfix(
        compile_text(tmp_path / "specs", text.replace("from: <#1@auth.shop.example>", 'from: "#1@auth.shop.example"'))
    )
    assert "#1@" not in postfix.generated("transports")
    assert "# Not possible: #1@auth.shop.example is not written" in postfix.generated("main.cf")


def test_a_relay_without_a_login_gets_none(make_postfix, tmp_path):
    setup = without_login(without_login(compile_text(tmp_path / "specs"), "ses-eu"), "postmark-main")
    postfix = make_postfix(setup)
    assert "sasl" not in postfix.generated("master.cf")
    assert postfix.fill().returncode == 0


def test_what_postfix_cannot_do_is_said_at_the_top(make_postfix, tmp_path):
    text = make_postfix(compile_text(tmp_path / "specs")).generated("main.cf")
    assert "# Not possible: news.primary (sendgrid-eu) goes over the ESP's API, which Postfix does not speak" in text
    assert "# Not possible: receipts has no route that Postfix can use" in text


def test_a_fallback_of_the_other_tls_mode_is_left_out_and_said(make_postfix, tmp_path):
    postfix = make_postfix(move_smtp(compile_text(tmp_path / "specs"), "ses-eu", 465, Tls.IMPLICIT))
    assert "smtp_fallback_relay=\n" in postfix.generated("master.cf")
    assert "codes.fallback (ses-eu) is left out: one Postfix transport speaks one TLS mode" in postfix.generated(
        "main.cf"
    )
