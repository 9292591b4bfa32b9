"""Python runs the generated lines, and Django's SMTP backend, with which Sentry sends, sends with what they say."""

from pathlib import Path

import pytest
from app_setups import SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server

from sendspec.model.vocabulary import Tls


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [sentry]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_sentry_sends_over_tls_and_with_login(make_sentry, authority, setup, tls):
    with smtp_server(authority, tls, NASTY_USER, NASTY_PASSWORD) as server:
        done = make_sentry(move_smtp(setup, "ses-eu", server.port, tls)).send("codes-fallback")
        assert done.returncode == 0, done.stderr
    assert server.last.over_tls
    assert (server.last.user, server.last.password) == (NASTY_USER, NASTY_PASSWORD)
    assert server.last.sender == "no-reply@auth.shop.example"
    assert server.last.author == (SENDER_NAME, "no-reply@auth.shop.example")


def test_a_relay_gets_mail_in_plain_text_and_without_login(make_sentry, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop")
        done = make_sentry(move_smtp(setup, "relay", server.port, Tls.NONE)).send("receipts")
        assert done.returncode == 0, done.stderr
    assert not server.last.over_tls
    assert server.logins == []
    assert server.last.sender == "receipts@mail.shop.example"


def test_a_server_without_starttls_gets_neither_login_nor_mail(make_sentry, authority, setup):
    with smtp_server(authority, Tls.NONE, NASTY_USER, NASTY_PASSWORD) as server:
        done = make_sentry(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS)).send("codes-fallback")
    assert "STARTTLS extension not supported" in done.stderr
    assert (server.logins, server.messages) == ([], [])


def test_a_server_without_a_trusted_certificate_gets_no_login(make_sentry, authority, setup):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        moved = move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS)
        done = make_sentry(moved, Path("/dev/null")).send("codes-fallback")
    assert "certificate verify failed" in done.stderr
    assert server.logins == []


def test_options_have_the_types_that_sentry_declares_and_others_stay(make_sentry, setup):
    options = make_sentry(setup).options("codes-fallback")
    assert options.pop("own") == "word"
    declared = {
        "mail.backend": str,
        "mail.host": str,
        "mail.port": int,
        "mail.username": str,
        "mail.password": str,
        "mail.use-tls": bool,
        "mail.use-ssl": bool,
        "mail.timeout": int,
        "mail.from": str,
        "mail.list-namespace": str,
    }  # getsentry/sentry src/sentry/options/defaults.py, read on 2026-11-26
    assert {name: type(value) for name, value in options.items()} == declared


def test_without_a_secret_sentry_does_not_start_and_says_which(make_sentry, setup):
    done = make_sentry(setup).run("codes-fallback", "", SES_SMTP_PASSWORD=None)
    assert "KeyError: 'SES_SMTP_PASSWORD'" in done.stderr


def test_a_change_by_hand_is_the_other_file(make_sentry, authority, setup):
    with fallback_alone(authority, setup) as (moved, server):
        sentry = make_sentry(moved)
        assert "ConnectionRefusedError" in sentry.send("codes").stderr
        change = said_by((sentry.folder / "codes.py").read_text(encoding="utf-8"))
        assert change == "load the file of codes-fallback in place of that of codes"
        done = sentry.send("codes-fallback")
        assert done.returncode == 0, done.stderr
    prove(Path(__file__).with_name("by_hand.json"), server, change, header=False)
