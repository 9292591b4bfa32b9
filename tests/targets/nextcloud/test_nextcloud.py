"""PHP reads the generated file as Nextcloud does, and Symfony Mailer, with which Nextcloud sends, sends with it."""

from pathlib import Path

import pytest
from app_setups import SPEC, THROUGH, compile_text, move_smtp, only, write_files
from by_hand import fallback_alone, prove, said_by
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server

from sendspec.model.vocabulary import Tls


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [nextcloud]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_nextcloud_sends_over_tls_and_with_login(make_nextcloud, authority, setup, tls):
    with smtp_server(authority, tls, NASTY_USER, NASTY_PASSWORD) as server:
        nextcloud = make_nextcloud(move_smtp(setup, "ses-eu", server.port, tls), "codes-fallback")
        assert nextcloud.use(send=True)["error"] == ""
    assert server.last.over_tls
    assert (server.last.user, server.last.password) == (NASTY_USER, NASTY_PASSWORD)
    assert server.last.sender == "no-reply@auth.shop.example"


def test_a_relay_gets_mail_in_plain_text_and_without_login(make_nextcloud, authority, tmp_path):
    with open_smtp_server(authority) as server:
        server_setup = only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop")
        nextcloud = make_nextcloud(move_smtp(server_setup, "relay", server.port, Tls.NONE), "receipts")
        assert nextcloud.use(send=True)["error"] == ""
    assert server.logins == []
    assert server.last.sender == "receipts@mail.shop.example"


def test_no_secret_gets_where_nextcloud_would_write_it(make_nextcloud, setup):
    found = make_nextcloud(setup, "codes-fallback").use(send=False)
    assert found["environment"] == {"NC_mail_smtpname": NASTY_USER, "NC_mail_smtppassword": NASTY_PASSWORD}
    assert found["written"] == {
        "own": "word",
        "mail_smtpmode": "smtp",
        "mail_smtphost": "email-smtp.eu-west-1.amazonaws.com",
        "mail_smtpport": 587,
        "mail_smtpsecure": "",
        "mail_smtpauth": True,
        "mail_smtptimeout": 60,
        "mail_from_address": "no-reply",
        "mail_domain": "auth.shop.example",
    }


def test_without_a_secret_the_log_says_which(make_nextcloud, setup):
    nextcloud = make_nextcloud(setup, "codes-fallback")
    assert "NC_mail_smtppassword" not in nextcloud.use(send=False, SES_SMTP_PASSWORD="")["environment"]
    assert "SES_SMTP_PASSWORD is not set: Nextcloud cannot send mail" in nextcloud.php.log.read_text()


def test_implicit_tls_at_a_starttls_port_gets_nothing_through(make_nextcloud, authority, setup):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        nextcloud = make_nextcloud(move_smtp(setup, "ses-eu", server.port, Tls.IMPLICIT), "codes-fallback")
        assert nextcloud.use(send=True)["error"]
    assert (server.logins, server.messages) == ([], [])


def test_starttls_that_cannot_be_required_is_said(setup, tmp_path):
    folder = write_files(setup, "nextcloud", tmp_path / "output") / "nextcloud"
    text = (folder / "codes.config.php").read_text(encoding="utf-8")
    assert "uses STARTTLS where the server offers it and cannot require it" in text


def test_a_change_by_hand_is_the_other_file(make_nextcloud, authority, setup, tmp_path):
    with fallback_alone(authority, setup) as (moved, server):
        nextcloud = make_nextcloud(moved, "codes")
        assert "Connection refused" in nextcloud.use(send=True)["error"]
        change = said_by((nextcloud.folder / "codes.config.php").read_text(encoding="utf-8"))
        assert change == "load the file of codes-fallback in place of that of codes"
        (nextcloud.folder / "codes.config.php").unlink()
        other = tmp_path / "output/apps/shop/nextcloud/codes-fallback.config.php"
        other.rename(nextcloud.folder / other.name)
        assert nextcloud.use(send=True)["error"] == ""
    prove(Path(__file__).with_name("by_hand.json"), server, change, header=False, name="Cloud")
