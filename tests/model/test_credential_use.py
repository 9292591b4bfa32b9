"""Which credentials send what: routes, apps with logins of their own, and each only once."""

from pathlib import Path

import pytest

from sendspec.model.credential_use import credentials_of, logins_in_use
from sendspec.model.setup import Setup
from sendspec.pipeline import compile_folder


@pytest.fixture(scope="module")
def example() -> Setup:
    return compile_folder(Path(__file__).resolve().parents[2] / "specs").setup


def names(login) -> tuple[str, ...]:
    return tuple(credential.id for credential in login)


def test_a_token_that_is_both_user_and_password_is_one_credential(example):
    found = logins_in_use(example, example.account("postmark-main"))
    assert {names(login): streams for login, streams in found.items()} == {
        ("postmark-main.server_token",): ("password-reset", "receipts")
    }


def test_a_literal_user_name_is_no_credential(example):
    found = logins_in_use(example, example.account("sendgrid-eu"))
    assert {names(login) for login in found} == {("sendgrid-eu.api_key",)}


def test_user_name_and_password_are_one_login(example):
    found = logins_in_use(example, example.account("ses-eu"))
    assert {names(login) for login in found} == {("ses-eu.smtp_username", "ses-eu.smtp_password")}


def test_an_app_with_a_login_of_its_own_adds_it(tmp_path):
    text = Path(__file__).resolve().parents[2] / "specs" / "northwind.yaml"
    source = next(file for file in text.parent.glob("*.yaml") if "streams:" in file.read_text(encoding="utf-8"))
    spec = source.read_text(encoding="utf-8").replace(
        "  helpdesk:\n",
        '  helpdesk:\n    credentials: {ses-eu: {smtp_username: {from: "env://U", env: U}, smtp_password: {from: "env://P", env: P}}}\n',
    )
    (tmp_path / "spec.yaml").write_text(spec, encoding="utf-8")
    setup = compile_folder(tmp_path).setup
    found = logins_in_use(setup, setup.account("ses-eu"))
    assert len(found) == 2
    assert {"support"} <= {stream for streams in found.values() for stream in streams}
    assert len(credentials_of(setup, setup.account("ses-eu"))) == 4


def test_every_credential_comes_once_with_those_for_managing(example):
    found = [credential.id for credential in credentials_of(example, example.account("postmark-main"))]
    assert sorted(found) == ["postmark-main.manage.account_token", "postmark-main.server_token"]
