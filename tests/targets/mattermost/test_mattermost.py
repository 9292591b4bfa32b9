"""Compose reads what is generated for Mattermost; Mattermost itself is not to be had here."""

import pytest
from app_setups import SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only, without_login, write_files
from compose_peer import compose, environment_of
from mail_servers import NASTY_PASSWORD, NASTY_USER

from sendspec.model.vocabulary import Tls

SECRETS = {
    "POSTMARK_SERVER_TOKEN": NASTY_PASSWORD,
    "SES_SMTP_USERNAME": NASTY_USER,
    "SES_SMTP_PASSWORD": NASTY_PASSWORD,
}


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [mattermost]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


@pytest.fixture
def read(find_tool, tmp_path):
    """Give a function: setup and route -> what the service starts with."""

    def read(setup, name):
        folder = write_files(setup, "mattermost", tmp_path / "output") / "mattermost"
        found = environment_of(compose(find_tool("docker-compose"), tmp_path, folder / f"{name}.compose.yaml", SECRETS))
        return {key.removeprefix("MM_EMAILSETTINGS_"): value for key, value in found.items()}

    return read


def test_the_service_gets_every_setting_and_the_secrets_as_they_are(read, setup):
    assert read(setup, "codes-fallback") == {
        "SENDEMAILNOTIFICATIONS": "true",
        "SMTPSERVER": "email-smtp.eu-west-1.amazonaws.com",
        "SMTPPORT": "587",
        "CONNECTIONSECURITY": "STARTTLS",
        "SKIPSERVERCERTIFICATEVERIFICATION": "false",
        "SMTPSERVERTIMEOUT": "10",
        "FEEDBACKNAME": SENDER_NAME,
        "FEEDBACKEMAIL": "no-reply@auth.shop.example",
        "REPLYTOADDRESS": "no-reply@auth.shop.example",
        "ENABLESMTPAUTH": "true",
        "SMTPUSERNAME": NASTY_USER,
        "SMTPPASSWORD": NASTY_PASSWORD,
    }


def test_implicit_tls_is_called_tls_at_any_port(read, setup):
    found = read(move_smtp(setup, "ses-eu", 2465, Tls.IMPLICIT), "codes-fallback")
    assert (found["CONNECTIONSECURITY"], found["SMTPPORT"]) == ("TLS", "2465")


def test_a_relay_gets_plain_text_and_no_login(read, tmp_path):
    found = read(only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop"), "receipts")
    assert found["CONNECTIONSECURITY"] == found["SMTPUSERNAME"] == found["SMTPPASSWORD"] == ""
    assert found["ENABLESMTPAUTH"] == "false"
    assert (found["SMTPSERVER"], found["SMTPPORT"]) == ("localhost", "2525")
    assert found["FEEDBACKEMAIL"] == "receipts@mail.shop.example"


def test_starttls_without_a_login_is_not_written_for_it_could_end_in_plain_text(setup, tmp_path):
    folder = write_files(without_login(setup, "ses-eu"), "mattermost", tmp_path / "output") / "mattermost"
    assert not (folder / "codes-fallback.compose.yaml").exists()
    text = " ".join((folder / "codes.compose.yaml").read_text(encoding="utf-8").replace("#", " ").split())
    assert "Mattermost goes on without TLS where STARTTLS fails, unless it has to log in" in text


def test_a_header_that_cannot_be_set_is_said(setup, tmp_path):
    folder = write_files(setup, "mattermost", tmp_path / "output") / "mattermost"
    text = (folder / "codes.compose.yaml").read_text(encoding="utf-8")
    assert "Mattermost cannot set the header X-PM-Message-Stream: codes" in text
