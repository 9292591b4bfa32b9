"""Exim itself accepts the generated configuration and relays through it."""

import shutil
import smtplib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from app_setups import SPEC, THROUGH, compile_text, move_smtp, only, without_login
from failover_table import (
    BEGAN,
    PASSWORD,
    TABLE_SMTP,
    USER,
    Wait,
    address_for,
    compare_golden,
    faulty_servers,
    said,
)
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority, open_smtp_server, smtp_server

from sendspec.model.credential import Credential, Literal
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Tls
from sendspec.targets.exim.quoting import expanded, login_part, sender_item

SENDER = "no-reply@auth.shop.example"
CLOSED_PORT = 1
EXIM = SPEC.replace("[dotenv, django, nodemailer, postfix]", "[exim]")
RELAY = THROUGH.replace("targets: [postfix]", "targets: [exim]").replace("nodemailer, postfix]", "exim]")


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


def test_mail_of_a_stream_leaves_with_its_login_and_its_header_alone(make_exim, primary, fallback, tmp_path):
    exim = make_exim(leads_to(compile_text(tmp_path / "specs", EXIM), first=primary.port, second=fallback.port))
    exim.submit(SENDER, "X-PM-Message-Stream: forged\n")
    message = primary.last
    assert message.over_tls
    assert (message.user, message.password) == ("4b2f-token", "4b2f-token")
    assert (message.sender, message.recipients, message.author) == (SENDER, ("you@customer.test",), ("", SENDER))
    assert message.content.get_all("X-PM-Message-Stream") == ["codes"]
    assert "X-SES-CONFIGURATION-SET" not in message.content
    assert "Sender" not in message.content
    assert fallback.messages == []


def test_a_dead_primary_sends_mail_to_the_fallback_with_the_fallbacks_login_and_header(make_exim, fallback, tmp_path):
    exim = make_exim(leads_to(compile_text(tmp_path / "specs", EXIM), first=CLOSED_PORT, second=fallback.port))
    exim.submit(SENDER)
    assert (fallback.last.user, fallback.last.password) == (NASTY_USER, NASTY_PASSWORD)
    assert fallback.last.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert "X-PM-Message-Stream" not in fallback.last.content


def test_implicit_tls(make_exim, authority, tmp_path):
    with smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as server:
        setup = compile_text(tmp_path / "specs", EXIM)
        exim = make_exim(leads_to(setup, first=CLOSED_PORT, second=server.port, tls=Tls.IMPLICIT))
        exim.submit(SENDER)
        assert (server.last.over_tls, server.last.user) == (True, NASTY_USER)


def test_mail_for_a_relay_leaves_in_plain_text_and_without_login(make_exim, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", RELAY), "shop")
        exim = make_exim(move_smtp(setup, "relay", server.port, Tls.NONE))
        exim.submit(SENDER)
        assert (server.last.over_tls, server.logins, server.last.sender) == (False, [], SENDER)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_server_without_tls_gets_neither_login_nor_mail(make_exim, authority, tmp_path, tls):
    with smtp_server(authority, Tls.NONE, "4b2f-token", "4b2f-token") as server:
        setup = leads_to(compile_text(tmp_path / "specs", EXIM), first=server.port, second=CLOSED_PORT, tls=tls)
        exim = make_exim(setup, ("command_timeout = 60s", "command_timeout = 2s"))
        exim.submit(SENDER)
        assert (server.logins, server.messages) == ([], [])
        assert server.connections
        assert "== you@customer.test" in exim.log


def test_a_server_without_a_trusted_certificate_gets_no_login(make_exim, primary, tmp_path):
    exim = make_exim(leads_to(compile_text(tmp_path / "specs", EXIM), first=primary.port, second=CLOSED_PORT))
    shutil.copy(Authority(tmp_path).bundle, exim.folder / "authority.pem")
    exim.submit(SENDER)
    assert (primary.connections, primary.logins) == (1, [])


def test_a_server_with_the_certificate_of_another_gets_no_login(make_exim, tmp_path):
    other = Authority(tmp_path)
    other._certificate = other._authority.issue_cert("other.example")
    with smtp_server(other, Tls.STARTTLS, "4b2f-token", "4b2f-token") as server:
        exim = make_exim(leads_to(compile_text(tmp_path / "specs", EXIM), first=server.port, second=CLOSED_PORT))
        shutil.copy(other.bundle, exim.folder / "authority.pem")
        exim.submit(SENDER)
        assert (server.connections, server.logins) == (1, [])


def test_what_could_not_be_sent_stays_in_the_queue_and_is_tried_again(make_exim, primary, tmp_path):
    primary.answer = lambda phase: "451 4.3.0 later" if phase == "RCPT" else None
    exim = make_exim(leads_to(compile_text(tmp_path / "specs", EXIM), first=primary.port, second=CLOSED_PORT))
    exim.submit(SENDER)
    primary.answer = lambda _phase: None
    exim.run("-q")
    assert primary.messages == [], "its time has not come"
    exim.run("-qff")
    assert len(primary.messages) == 1


def test_a_message_of_nobodys_stream_is_refused(make_exim, primary, tmp_path):
    exim = make_exim(leads_to(compile_text(tmp_path / "specs", EXIM), first=primary.port, second=CLOSED_PORT))
    exim.submit("root@elsewhere.example")
    assert primary.messages == []
    assert "** you@customer.test: Unrouteable address" in exim.log


def test_streams_of_one_domain_are_told_apart_by_address(make_exim, primary, fallback, tmp_path):
    text = EXIM.replace("receipts@mail.shop.example", "receipts@auth.shop.example")
    text = text.replace("via: api, esp: ses-eu", "via: smtp, esp: ses-eu")
    exim = make_exim(leads_to(compile_text(tmp_path / "specs", text), first=primary.port, second=fallback.port))
    exim.submit(SENDER)
    exim.submit("receipts@auth.shop.example")
    assert ([m.sender for m in primary.messages], [m.sender for m in fallback.messages]) == (
        [SENDER],
        ["receipts@auth.shop.example"],
    )
    assert fallback.last.content["X-SES-CONFIGURATION-SET"] == "ses-eu-receipts"


def test_streams_of_several_esps_leave_with_the_login_and_the_header_of_each(make_exim, authority, primary, tmp_path):
    text = EXIM.replace("via: api, esp: sendgrid-eu", "via: smtp, esp: sendgrid-eu")
    with smtp_server(authority, Tls.STARTTLS, "apikey", NASTY_PASSWORD) as other:
        setup = leads_to(compile_text(tmp_path / "specs", text), first=primary.port, second=CLOSED_PORT)
        setup = move_smtp(setup, "sendgrid-eu", other.port, Tls.STARTTLS)
        exim = make_exim(setup, secrets={"SENDGRID_API_KEY": NASTY_PASSWORD})
        exim.submit("hello@news.shop.example")
        exim.submit(SENDER)
        wanted = [dict(each.route.endpoint.headers) for each in setup.apps[0].bindings if each.stream.id == "news"]
        assert other.last.content["X-SMTPAPI"] == wanted[0]["X-SMTPAPI"]
        assert other.last.content["X-SMTPAPI"].startswith('{"category":["news"],')
        assert [message.sender for message in other.messages] == ["hello@news.shop.example"]
        assert [message.sender for message in primary.messages] == [SENDER]


def test_the_smoke_test_in_the_header_sends(make_exim, primary, tmp_path):
    exim = make_exim(leads_to(compile_text(tmp_path / "specs", EXIM), first=primary.port, second=CLOSED_PORT))
    (line,) = (line for line in exim.text.splitlines() if line.startswith("# Smoke test: "))
    command = line.removeprefix("# Smoke test: ").replace("| sendmail ", f"| {' '.join(exim.words)} -odf ")
    subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=30)
    assert (primary.last.sender, primary.last.recipients) == (SENDER, ("YOU@EXAMPLE.ORG",))


@pytest.mark.parametrize("tls", Tls)
def test_a_relay_takes_mail_of_other_apps_where_it_listens_and_sends_it_as_the_stream(
    make_exim, primary, authority, tmp_path, tls
):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = RELAY.replace("port: 2525", f"port: {port}, tls: {tls}")
    setup = only(compile_text(tmp_path / "specs", text), "relay")
    (relay,) = (replace(app, id="shop") for app in setup.apps)
    exim = make_exim(leads_to(replace(setup, apps=(relay,)), first=primary.port, second=CLOSED_PORT))
    authority.write_key_and_chain(exim.folder / "sendspec" / "server.pem")
    (exim.folder / "sendspec" / "server.pem").chmod(0o644)
    with daemon(exim, port), session(tls, port, authority) as smtp:
        smtp.sendmail(SENDER, ["you@customer.test"], f"From: {SENDER}\nSubject: receipt\n\nbody\n")
        wait(lambda: primary.messages)
    assert (primary.last.sender, primary.last.author) == (SENDER, ("", SENDER))
    assert primary.last.content["X-PM-Message-Stream"] == "codes"
    assert primary.last.content["Date"]
    assert "Sender" not in primary.last.content


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
    make_exim, primary, tmp_path, clients, insiders, outsiders
):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = RELAY.replace("port: 2525", f"port: {port}{clients}")
    setup = only(compile_text(tmp_path / "specs", text), "relay")
    (relay,) = (replace(app, id="shop") for app in setup.apps)
    exim = make_exim(leads_to(replace(setup, apps=(relay,)), first=primary.port, second=CLOSED_PORT))
    with daemon(exim, port):
        assert {recipient_from(client, port)[0] for client in insiders} == {250}
        assert {recipient_from(client, port) for client in outsiders} == {(550, b"5.7.1 Relaying denied")}


def recipient_from(client: str, port: int) -> tuple[int, bytes]:
    """Give the answer to RCPT from an address of this machine."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10, source_address=(client, 0)) as smtp:
        smtp.ehlo()
        smtp.docmd("MAIL", f"FROM:<{SENDER}>")
        return smtp.docmd("RCPT", "TO:<you@customer.test>")


@contextmanager
def daemon(exim, port: int) -> Iterator[None]:
    """Run Exim's daemon until the end of the block."""
    with subprocess.Popen([*exim.words, "-bdf"], stderr=subprocess.DEVNULL) as process:
        try:
            wait(lambda: is_open(port))
            yield
        finally:
            process.terminate()


def is_open(port: int) -> bool:
    """Tell whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(condition, seconds: float = 20) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


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
            smtp.docmd("MAIL", f"FROM:<{SENDER}>")
            assert smtp.docmd("RCPT", "TO:<you@customer.test>") == (550, b"5.7.0 Must start TLS first")
            smtp.rset()
            smtp.starttls(context=trusting)
        yield smtp


def test_any_text_is_the_same_behind_an_expansion_in_a_branch_and_in_a_login(make_exim, tmp_path):
    """Header values, literal logins, secrets: through Exim's own expansion, many in one process."""
    texts = [NASTY_PASSWORD, "a^b", '{"category": ["a:b"], "x": "$1 \\N }"}', " a ", "Zoë"]

    @given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1))
    def collect(text):
        texts.append(text)

    collect()
    exim = make_exim(compile_text(tmp_path / "specs", EXIM))
    (exim.folder / "sendspec" / "P").write_text(f"{NASTY_PASSWORD}^\n", encoding="utf-8")
    lines = [f"${{if and{{{{eq{{a}}{{a}}}}}}{{<{expanded(text)}>}}}}" for text in texts]
    credential = Credential("a.b", "a", "b", "env://P", "P", None, Origin(()))
    secret = login_part(credential).replace("SENDSPEC_FOLDER", f"{exim.folder}/sendspec")
    done = exim.run("-be", text="\n".join([*lines, secret]) + "\n")
    answers = [line.removeprefix("> ") for line in done.stdout.split("\n")]
    assert answers[: len(texts)] == [f"<{text}>" for text in texts]
    assert answers[len(texts)] == f"{NASTY_PASSWORD}^^"
    assert login_part(Literal("a^:b")) == r"a\x5e\x5e\x3ab"


@pytest.mark.parametrize("address", ["a+b@auth.shop.example", "#1{x}$y@auth.shop.example", "+x*/!@auth.shop.example"])
def test_any_address_is_found_by_its_router_and_no_other(make_exim, primary, tmp_path, address):
    exim = make_exim(
        leads_to(compile_text(tmp_path / "specs", EXIM), first=primary.port, second=CLOSED_PORT),
        ("senders = *@auth.shop.example", f"senders = {sender_item(address)}"),
    )
    exim.submit(f"x{address}")
    assert primary.messages == []
    exim.submit(address)
    assert primary.last.sender == address


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        (
            "POSTMARK_SERVER_TOKEN",
            None,
            "POSTMARK_SERVER_TOKEN is not set; its value is kept at op://mail/postmark/token",
        ),
        ("SES_SMTP_PASSWORD", "hid\nden", "SES_SMTP_PASSWORD holds a line end"),
        ("SES_SMTP_PASSWORD", "^hidden", "SES_SMTP_PASSWORD begins with ^"),
        ("SES_SMTP_USERNAME", "hidden^", "SES_SMTP_USERNAME ends with ^"),
    ],
)
def test_a_secret_that_exim_cannot_send_is_refused_without_being_shown(make_exim, tmp_path, name, value, complaint):
    exim = make_exim(compile_text(tmp_path / "specs", EXIM))
    before = (exim.folder / "sendspec" / name).read_text()
    done = exim.fill(**{name: value})
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "hid" not in done.stderr + done.stdout
    assert (exim.folder / "sendspec" / name).read_text() == before


def test_secrets_are_for_root_and_exim_alone(make_exim, tmp_path):
    exim = make_exim(compile_text(tmp_path / "specs", EXIM))
    files = list((exim.folder / "sendspec").iterdir())
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o640"}
    assert {path.group() for path in files} == {"Debian-exim"}


def test_a_relay_without_a_login_gets_none(make_exim, authority, tmp_path):
    setup = without_login(without_login(compile_text(tmp_path / "specs", EXIM), "ses-eu"), "postmark-main")
    text = make_exim(setup).text
    assert "client_send" not in text
    assert "hosts_require_auth" not in text


def test_what_exim_cannot_do_is_said(make_exim, tmp_path):
    setup = move_smtp(compile_text(tmp_path / "specs", EXIM), "ses-eu", 465, Tls.IMPLICIT)
    text = make_exim(setup).text
    assert "# Not possible: news.primary (sendgrid-eu) goes over the ESP's API, which Exim does not speak" in text
    assert "codes.fallback (ses-eu) is left out: one Exim transport speaks one TLS mode" in text
    assert "fallback_hosts" not in text


def test_two_routes_to_one_host_and_port_are_one_and_said(make_exim, tmp_path):
    setup = leads_to(compile_text(tmp_path / "specs", EXIM), first=2587, second=2587)
    assert "codes.fallback (ses-eu) is left out: Exim knows a login by host and port" in make_exim(setup).text


def test_failover_is_as_the_table_says(make_exim, authority, tmp_path):
    setup = compile_text(tmp_path / "specs", EXIM)
    secrets = {"POSTMARK_SERVER_TOKEN": USER, "SES_SMTP_USERNAME": USER, "SES_SMTP_PASSWORD": PASSWORD}
    shorter = (
        ("connect_timeout = 10s", "connect_timeout = 2s"),
        ("command_timeout = 60s", "command_timeout = 4s"),
        ("final_timeout = 10m", "final_timeout = 6s"),
    )
    with faulty_servers(authority) as servers, ThreadPoolExecutor(4) as pool:

        def send(fault: str, exim) -> None:
            exim.submit(SENDER, f"{BEGAN}: {time.time()}\n", recipient=address_for(fault))

        sent = []
        for fault in TABLE_SMTP:
            exim = make_exim(
                leads_to(setup, first=servers.ports[fault], second=servers.port), *shorter, secrets=secrets
            )
            sent.append(pool.submit(send, fault, exim))
        for each in sent:
            each.result()
        waits = [
            Wait("a connection", said(r"connect_timeout = (\d+)s", exim.text), 2),
            Wait("an answer", said(r"command_timeout = (\d+)s", exim.text), 4),
            Wait("the answer to the final dot", 60 * said(r"final_timeout = (\d+)m", exim.text), 6),
        ]
        rows = [servers.delivered(fault, waits) for fault in TABLE_SMTP]
    compare_golden(Path(__file__).with_name("failover.json"), rows)
