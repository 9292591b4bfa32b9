"""Debian's msmtp reads the generated file unchanged and sends through it."""

import email.header
import email.policy
import email.utils
import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_setups import SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only, write_files
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, Authority, open_smtp_server, smtp_server

from sendspec.model.credential import Credential, Literal
from sendspec.model.origin import Origin
from sendspec.model.setup import Setup
from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Tls
from sendspec.targets.msmtp.quoting import from_header, password_line, user_line

SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
    "PATH": os.environ["PATH"],
}
SENDER = "no-reply@auth.shop.example"
TO = "you@customer.test"
TEXT = f"From: Shop <{SENDER}>\nTo: {TO}\nX-PM-Message-Stream: codes\nSubject: smoke test\n\nsent by hand\n"
CLOSED_PORT = 1
MSMTP = SPEC.replace("[dotenv, django, nodemailer, postfix]", "[msmtp]")
ALL_SMTP = MSMTP.replace("via: api, esp: ses-eu", "via: smtp, esp: ses-eu")
UNREACHED, REFUSED_RECIPIENT, REFUSED_LOGIN, ANY_REFUSAL, LOST = 75, 65, 77, 69, 76
LOGIN_TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@dataclass
class Msmtp:
    """msmtp with a generated file."""

    program: str
    authority: Authority
    folder: Path

    @property
    def file(self) -> Path:
        """Give the file."""
        return self.folder / "msmtprc"

    def run(self, *arguments: str, text: str = TEXT, **env: str | None) -> subprocess.CompletedProcess[str]:
        """Send a message. A variable that is None is unset."""
        trust = f"--tls-trust-file={self.authority.bundle}"
        variables = {name: value for name, value in {**SECRETS, **env}.items() if value is not None}
        return subprocess.run(
            [self.program, "-C", str(self.file), trust, *arguments],
            input=text,
            env=variables,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def make(find_tool, authority, tmp_path) -> Callable[[Setup], Msmtp]:
    """Give a function: setup -> msmtp with its file."""
    program = find_tool("msmtp")
    return lambda setup: Msmtp(program, authority, write_files(setup, "msmtp", tmp_path / "output"))


@pytest.fixture
def server(authority):
    """Give a server that takes the primary's login."""
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as running:
        yield running


@pytest.fixture
def fallback(authority):
    """Give a server that takes the fallback's login."""
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as running:
        yield running


def leads_to(setup: Setup, *, first: int, second: int = CLOSED_PORT, tls: Tls = Tls.STARTTLS) -> Setup:
    """Give a setup whose stream `codes` goes to two ports of localhost."""
    return move_smtp(move_smtp(setup, "postmark-main", first, tls), "ses-eu", second, tls)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_an_account_sends_over_tls_with_its_login(make, authority, tmp_path, tls):
    with smtp_server(authority, tls, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        done = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port, tls=tls)).run(TO)
        assert (done.returncode, done.stderr) == (0, "")
        message = server.last
    assert message.over_tls
    assert (message.user, message.password) == (NASTY_PASSWORD, NASTY_PASSWORD)
    assert (message.sender, message.recipients, message.author) == (SENDER, (TO,), ("Shop", SENDER))
    assert message.content["X-PM-Message-Stream"] == "codes"


def test_mail_for_a_relay_leaves_in_plain_text_and_without_login(make, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH.replace("nodemailer, postfix]", "msmtp]")), "shop")
        msmtp = make(move_smtp(setup, "relay", server.port, Tls.NONE))
        assert msmtp.run("-a", "codes", TO).returncode == 0
        assert (server.last.over_tls, server.last.user, server.last.sender) == (False, "", SENDER)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_server_without_tls_gets_neither_login_nor_mail(make, authority, tmp_path, tls):
    other = Tls.IMPLICIT if tls is Tls.STARTTLS else Tls.STARTTLS
    with smtp_server(authority, other, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port, tls=tls))
        text = msmtp.file.read_text(encoding="utf-8").replace("timeout 60", "timeout 1")
        msmtp.file.write_text(text, encoding="utf-8")
        assert msmtp.run(TO).returncode != 0
        assert (server.logins, server.messages) == ([], [])


def test_a_server_without_starttls_gets_neither_login_nor_mail(make, authority, tmp_path):
    with smtp_server(authority, Tls.NONE, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        done = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port)).run(TO)
        assert done.returncode == ANY_REFUSAL
        assert "does not support TLS via the STARTTLS command" in done.stderr
        assert (server.logins, server.messages) == ([], [])


def test_a_server_without_a_trusted_certificate_gets_no_login(make, server, tmp_path):
    msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port))
    done = msmtp.run("--tls-trust-file=system", TO)
    assert "TLS certificate verification failed" in done.stderr
    assert server.logins == []


def test_the_fallback_is_taken_by_its_name_or_by_a_variable(make, fallback, tmp_path):
    msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=CLOSED_PORT, second=fallback.port))
    assert msmtp.run(TO).returncode == UNREACHED
    assert fallback.messages == []
    assert msmtp.run("-a", "codes-fallback", TO).returncode == 0
    assert msmtp.run(TO, MSMTP_ACCOUNT="codes-fallback").returncode == 0
    assert [message.user for message in fallback.messages] == [NASTY_USER, NASTY_USER]
    assert [message.sender for message in fallback.messages] == [SENDER, SENDER]


def test_the_change_by_hand_stays_within_its_stream(make, tmp_path):
    text = ALL_SMTP.replace("via: api, esp: postmark-main", "via: smtp, esp: postmark-main")
    text = text.replace("via: api, esp: sendgrid-eu", "via: smtp, esp: sendgrid-eu")
    said = " ".join(make(compile_text(tmp_path / "specs", text)).file.read_text().replace("\n#", " ").split())
    assert "-a codes-fallback in place of -a codes " in said
    assert "-a receipts-fallback in place of -a receipts " in said
    assert "in place of -a news" not in said
    assert "MSMTP_ACCOUNT=" not in said, "the default account, news, has no fallback"


def test_php_names_no_account_so_that_the_variable_counts(make, fallback, tmp_path):
    msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=CLOSED_PORT, second=fallback.port))
    assert '# sendmail_path = "/usr/bin/msmtp -t"\n' in msmtp.file.read_text()
    assert msmtp.run("-t", MSMTP_ACCOUNT="codes-fallback").returncode == 0
    assert fallback.messages[0].recipients == (TO,)


def test_crons_envelope_sender_is_not_taken(make, server, tmp_path):
    msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port))
    assert msmtp.run("-f", "root@machine", TO).returncode == 0
    assert msmtp.run("-a", "codes", "-f", "root@machine", TO).returncode == 0
    assert [message.sender for message in server.messages] == [SENDER, SENDER]


def test_a_stream_is_found_by_its_envelope_sender(make, fallback, tmp_path):
    setup = leads_to(compile_text(tmp_path / "specs", ALL_SMTP), first=CLOSED_PORT, second=fallback.port)
    assert make(setup).run("-f", "receipts@mail.shop.example", TO).returncode == 0
    assert fallback.last.sender == "receipts@mail.shop.example"


def test_a_stream_of_customers_takes_its_envelope_sender_from_the_caller(make, fallback, tmp_path):
    text = ALL_SMTP.replace(
        "    from: Shop <receipts@mail.shop.example>\n",
        "    senders: {one: Shop <hi@mail.shop.example>, two: Shop <ho@mail.shop.example>}\n",
    )
    msmtp = make(leads_to(compile_text(tmp_path / "specs", text), first=CLOSED_PORT, second=fallback.port))
    assert msmtp.run("-a", "receipts-fallback", "-f", "ho@mail.shop.example", TO).returncode == 0
    assert fallback.last.sender == "ho@mail.shop.example"
    assert msmtp.run("-a", "receipts-fallback", TO).returncode != 0


@pytest.mark.parametrize(
    ("phase", "reply", "code"),
    [
        ("AUTH", "no", REFUSED_LOGIN),
        ("RCPT", "451 4.3.0 later", ANY_REFUSAL),
        ("RCPT", "550 5.1.1 no such user", REFUSED_RECIPIENT),
        ("DATA", "454 4.7.0 quota", ANY_REFUSAL),
        ("DATA", "550 5.7.1 no", ANY_REFUSAL),
        ("DATA", "close", LOST),
    ],
)
def test_the_exit_codes_are_those_the_file_speaks_of(make, server, tmp_path, phase, reply, code):
    server.answer = lambda asked: reply if asked == phase else None
    msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port))
    assert msmtp.run(TO).returncode == code
    assert server.connections == 1, "msmtp tries once"


@pytest.mark.parametrize("name", ["POSTMARK_SERVER_TOKEN", "SES_SMTP_USERNAME", "SES_SMTP_PASSWORD"])
def test_without_its_secret_an_account_sends_nothing_and_the_others_do(make, server, fallback, tmp_path, name):
    msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port, second=fallback.port))
    codes = [msmtp.run("-a", account, TO, **{name: None}).returncode for account in ("codes", "codes-fallback")]
    assert [code == 0 for code in codes] == [not name.startswith("POSTMARK"), not name.startswith("SES")]


def test_the_smoke_test_in_the_header_sends(make, server, tmp_path):
    msmtp = make(leads_to(compile_text(tmp_path / "specs", MSMTP), first=server.port))
    (line,) = (
        line for line in msmtp.file.read_text(encoding="utf-8").splitlines() if line.startswith("# Smoke test: ")
    )
    wrapper = tmp_path / "bin" / "msmtp"
    wrapper.parent.mkdir()
    words = [msmtp.program, "-C", str(msmtp.file), f"--tls-trust-file={msmtp.authority.bundle}"]
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    command = line.removeprefix("# Smoke test: ")
    env = {**SECRETS, "PATH": f"{wrapper.parent}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", command], env=env, check=True, timeout=30)
    assert server.last.author == (SENDER_NAME, SENDER)
    assert server.last.content["X-PM-Message-Stream"] == "codes"
    assert server.last.content["To"] == "YOU@EXAMPLE.ORG"


def test_any_login_reaches_the_server_as_it_is(find_tool, authority, server, tmp_path):
    """From the environment and from the file: both ways of writing one."""
    msmtp = Msmtp(find_tool("msmtp"), authority, tmp_path)
    sent = []

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(LOGIN_TEXTS, LOGIN_TEXTS)
    def collect(user, password):
        sent.append((user, password))

    collect()
    sent += [(NASTY_USER, NASTY_PASSWORD), ('"q"', '"q"'), (" a ", " a "), ('"', '"'), ("#x", "#x")]
    variables = [Credential("a.b", "a", "b", "env://X", name, None, Origin(())) for name in ("X_USER", "X_PASSWORD")]
    for number, (user, password) in enumerate(sent):
        logins = variables if number % 2 else [Literal(user), Literal(password)]
        lines = [user_line(logins[0]), password_line(logins[1])]
        head = f"account default\nhost localhost\nport {server.port}\ntls on\nauth plain\nfrom {SENDER}\n"
        msmtp.file.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
        msmtp.file.chmod(0o600)
        msmtp.run(TO, X_USER=user, X_PASSWORD=password)
    assert server.logins == sent


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp", "Zs"]), max_size=60))
def test_any_display_name_is_read_back_from_the_header_a_script_is_told_to_write(name):
    line = from_header(Mailbox(name, SENDER))
    assert line.isascii()
    text, address = email.utils.parseaddr(line.removeprefix("From: "))
    decoded = text if name.isascii() else str(email.header.make_header(email.header.decode_header(text)))
    assert (decoded, address) == (name, SENDER)


def test_a_comment_that_is_longer_than_a_line_of_msmtps_does_no_harm(make, server, tmp_path):
    text = MSMTP.replace("op://mail/postmark/token", "file:///run/" + "ü" * 600)
    msmtp = make(leads_to(compile_text(tmp_path / "specs", text), first=server.port))
    assert "ü" * 100 in msmtp.file.read_text(encoding="utf-8")
    assert msmtp.run(TO).returncode == 0


def test_a_sender_that_msmtp_takes_for_a_pattern_is_said_and_not_written(make, tmp_path):
    msmtp = make(compile_text(tmp_path / "specs", MSMTP.replace("no-reply@auth", "no%U*@auth")))
    text = msmtp.file.read_text(encoding="utf-8")
    assert "# codes is not written; msmtp takes % * in a sender's address for a pattern" in text
    assert "\naccount " not in text


def test_what_msmtp_cannot_do_is_said(make, tmp_path):
    text = make(compile_text(tmp_path / "specs", MSMTP)).file.read_text(encoding="utf-8")
    assert "# receipts is not written; it goes over the ESP's API, and msmtp speaks SMTP only; say `via: smtp`" in text
    assert "# X-PM-Message-Stream: codes\n" in text


def test_a_change_by_hand_is_the_variable_that_the_file_names(make, authority, tmp_path):
    with fallback_alone(authority, compile_text(tmp_path / "specs", MSMTP)) as (setup, server):
        msmtp = make(setup)
        text = TEXT.replace("X-PM-Message-Stream: codes\n", "")
        assert msmtp.run(TO, text=text).returncode == UNREACHED
        change = said_by(msmtp.file.read_text(encoding="utf-8"))
        assert msmtp.run(TO, text=text, **variables_in(change)).returncode == 0
    prove(Path(__file__).with_name("by_hand.json"), server, change, header=False, name="Shop")
