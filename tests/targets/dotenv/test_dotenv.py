"""Every reader gets back what the spec means, and no secret is ever set."""

import pytest
from app_setups import ENVIRONMENTS, ONE_CLICK, ONE_CUSTOMER, SPEC, THROUGH, compile_text, only, write_files
from env_readers import TRICKY, some_values, write_env

from sendspec.targets.dotenv_text import comment, quote, unsayable

REFUSED = ["it's", "${HOME}", "a\\\\b", "end\\", "two\nlines", 'a="b', '"x"']


def test_every_value_reads_back_as_itself_in_every_reader(read, tmp_path):
    file = tmp_path / "mail.env"
    values = write_env(file, [value for value in some_values() if unsayable(value) is None], quote)
    assert len(values) > 80
    found = read(file)
    assert {name: found.get(name) for name in values} == values


def test_no_comment_swallows_the_lines_behind_it(read, tmp_path):
    file = tmp_path / "mail.env"
    lines = (*TRICKY, *REFUSED, 'A="', "A='", "x \\")
    text = "".join(f"{comment(line)}\nV{number}=x\n" for number, line in enumerate(lines))
    file.write_text(text, encoding="utf-8")
    found = read(file)
    assert [found.get(f"V{number}") for number in range(len(lines))] == ["x"] * len(lines)


def test_plain_text_towards_a_relay_and_the_sandboxs_public_token_are_set(tmp_path, readers):
    relay = write_files(only(compile_text(tmp_path / "a", THROUGH), "shop"), "dotenv", tmp_path / "relay")
    staging = only(compile_text(tmp_path / "b", ENVIRONMENTS), "shop", "staging")
    sandbox = write_files(staging, "dotenv", tmp_path / "sandbox")
    read = readers["python-dotenv"]
    found = read(relay / "mail.env")
    assert (found["MAIL_CODES_PRIMARY_TLS"], found["MAIL_CODES_PRIMARY_PORT"]) == ("none", "2525")
    assert read(sandbox / "mail.env")["MAIL_RECEIPTS_PRIMARY_API_KEY"] == "POSTMARK_API_TEST"


@pytest.mark.parametrize("value", REFUSED)
def test_what_is_refused_is_misread_by_some_reader(readers, tmp_path, value):
    """Else the refusal would cost people a value for nothing."""
    assert unsayable(value)
    file = tmp_path / "mail.env"
    file.write_text(f"AFTER=first\nV='{value}'\nAFTER=second\n", encoding="utf-8")

    def is_right(read) -> bool:
        try:
            found = read(file)
        except AssertionError:
            return False
        return (found.get("V"), found.get("AFTER")) == (value, "second")

    assert not all(is_right(read) for read in readers.values())


def test_the_file_of_an_app_sets_what_the_setup_says_and_no_secret(read, tmp_path):
    setup = compile_text(tmp_path / "specs")
    variables = {variable.name: variable for variable in setup.apps[0].variables()}
    found = read(write_files(setup, "dotenv", tmp_path) / "mail.env")
    said = {name: found.get(name) for name, variable in variables.items() if variable.credential is None}
    expected = {
        name: variable.value
        for name, variable in variables.items()
        if variable.credential is None and unsayable(variable.value) is None
    }
    assert {name: value for name, value in said.items() if value is not None} == expected
    assert not {name for name, variable in variables.items() if variable.credential} & set(found)


def test_one_click_headers_are_variables_of_the_stream(read, tmp_path):
    found = read(write_files(compile_text(tmp_path / "specs", ONE_CLICK), "dotenv", tmp_path) / "mail.env")
    assert found["MAIL_NEWS_HEADER_LIST_UNSUBSCRIBE"] == "<https://shop.example/u/{token}>"
    assert found["MAIL_NEWS_HEADER_LIST_UNSUBSCRIBE_POST"] == "List-Unsubscribe=One-Click"
    assert not any("CODES_HEADER_LIST" in name for name in found)


def test_each_secret_is_named_once_a_file_with_the_place_it_is_kept(tmp_path):
    text = (write_files(compile_text(tmp_path / "specs"), "dotenv", tmp_path) / "mail.env").read_text()
    assert text.count("# POSTMARK_SERVER_TOKEN: secret, kept at op://mail/postmark/token;") == 1
    assert text.count("SENDGRID_API_KEY: secret, kept at env://SENDGRID_API_KEY;") == 1
    assert "MAIL_CODES_PRIMARY_PASSWORD_ENV=POSTMARK_SERVER_TOKEN\n" in text


def test_a_value_without_a_spelling_is_a_comment_that_shows_it(tmp_path):
    text = (write_files(compile_text(tmp_path / "specs"), "dotenv", tmp_path) / "mail.env").read_text()
    flat = " ".join(line.removeprefix("# ") for line in text.splitlines())
    assert "MAIL_CODES_FROM cannot be written in a dotenv file: it holds two backslashes together" in flat
    assert not any(line.startswith("MAIL_CODES_FROM") for line in text.splitlines())


def test_a_missing_credential_is_said_where_its_route_stands(tmp_path):
    setup = compile_text(
        tmp_path / "specs",
        SPEC.replace('      api_key: {from: "env://SENDGRID_API_KEY", env: SENDGRID_API_KEY}\n', "").replace(
            "    credentials:\nstreams", "streams"
        ),
    )
    text = (write_files(setup, "dotenv", tmp_path) / "mail.env").read_text()
    assert (
        "# - pending: the spec does not say where a credential is kept: add esps.sendgrid-eu.credentials.api_key"
        in text
    )


def test_when_to_change_routes_is_said_where_there_is_a_fallback(tmp_path):
    text = (write_files(compile_text(tmp_path / "specs"), "dotenv", tmp_path) / "mail.env").read_text()
    assert "# - codes: postmark-main (smtp), then ses-eu (smtp)" in text
    assert "news: sendgrid-eu" not in text


def test_a_stream_of_customers_says_that_the_app_gives_from(tmp_path):
    text = (write_files(compile_text(tmp_path / "specs", ONE_CUSTOMER), "dotenv", tmp_path) / "mail.env").read_text()
    assert "# - a sender for each customer: the app gives From with each message" in text
    assert "MAIL_RECEIPTS_FROM" not in text
