"""What is generated for Keycloak reads back as strings; Keycloak itself is not to be had here."""

import json
from dataclasses import replace

import pytest
import yaml
from app_setups import SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only, write_files

from sendspec.model.vocabulary import Tls
from sendspec.targets.interface import load_target


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [keycloak]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


@pytest.fixture
def read(tmp_path):
    """Give a function: setup and route -> (smtpServer of the YAML file, smtpServer of the JSON file)."""

    def read(setup, name):
        folder = write_files(setup, "keycloak", tmp_path / "output") / "keycloak"
        realm = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
        assert realm["realm"] == "$(env:KEYCLOAK_REALM)"
        return realm["smtpServer"], json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["smtpServer"]

    return read


EXPECTED = {
    "host": "email-smtp.eu-west-1.amazonaws.com",
    "port": "587",
    "from": "no-reply@auth.shop.example",
    "fromDisplayName": SENDER_NAME,
    "envelopeFrom": "no-reply@auth.shop.example",
    "ssl": "false",
    "starttls": "true",
    "auth": "true",
    "connectionTimeout": "10000",
    "timeout": "60000",
    "writeTimeout": "60000",
}
"""By the names and defaults of DefaultEmailSenderProvider.java, keycloak/keycloak commit 003569c, read on 2026-11-26."""


def test_all_values_are_strings_and_secrets_are_named_as_each_reader_names_them(read, setup):
    for_config_cli, for_import = read(setup, "codes-fallback")
    assert for_config_cli == EXPECTED | {
        "user": "$(env:SES_SMTP_USERNAME)",
        "password": "$(env:SES_SMTP_PASSWORD)",
    }
    assert for_import == EXPECTED | {"user": "${SES_SMTP_USERNAME}", "password": "${SES_SMTP_PASSWORD}"}


def test_implicit_tls_is_ssl_at_any_port(read, setup):
    for found in read(move_smtp(setup, "ses-eu", 2465, Tls.IMPLICIT), "codes-fallback"):
        assert (found["ssl"], found["starttls"], found["port"]) == ("true", "false", "2465")


def test_a_relay_gets_plain_text_and_no_login(read, tmp_path):
    for found in read(only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop"), "receipts"):
        assert (found["ssl"], found["starttls"], found["auth"]) == ("false", "false", "false")
        assert not {"user", "password"} & set(found)
        assert found["envelopeFrom"] == "receipts@mail.shop.example"


def test_starttls_that_cannot_be_required_is_said(setup, tmp_path):
    text = (write_files(setup, "keycloak", tmp_path / "output") / "keycloak" / "codes.yaml").read_text(encoding="utf-8")
    assert "uses STARTTLS where the server offers it and cannot require it" in text


@pytest.mark.parametrize("name", ["a ${HOME}", "a $(env:HOME)", "a $$"])
def test_a_name_that_a_reader_would_change_leaves_the_route_out_and_says_why(setup, name):
    def renamed(binding):
        (sender,) = binding.stream.senders
        mailbox = replace(sender.mailbox, display_name=name)
        return replace(binding, stream=replace(binding.stream, senders=(replace(sender, mailbox=mailbox),)))

    apps = tuple(replace(app, bindings=tuple(map(renamed, app.bindings))) for app in setup.apps)
    (file,) = load_target("keycloak").render(replace(setup, apps=apps))
    assert "in whose place Keycloak would put something else" in " ".join(file.content.replace("#", " ").split())
