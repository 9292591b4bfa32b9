"""PHP, Laravel's env() and reader of .env, and Symfony's transports take the generated files as Laravel hands them over."""

import json
import re
import shlex
from contextlib import ExitStack
from pathlib import Path

import pytest
from app_setups import ONE_CLICK, ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from failover_table import (
    PASSWORD,
    TABLE_API,
    TABLE_SMTP,
    USER,
    Absence,
    Wait,
    address_for,
    compare_golden,
    faulty_servers,
    said,
)
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server
from php_peers import SECONDS, api_stand_in, send_side_by_side

from sendspec.model.vocabulary import Tls
from sendspec.targets.laravel.render import dotenv_string
from sendspec.targets.php import php_string

TARGETS = "[dotenv, django, nodemailer, postfix]"
MINE = SPEC.replace(TARGETS, "[laravel]")
HERE = Path(__file__).parent


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_mailer_sends_over_tls_and_with_login_as_the_stream(laravel, authority, tmp_path, tls):
    with smtp_server(authority, tls, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", server.port, tls)
        assert laravel.send(laravel.case(setup, {"mailer": "codes_fallback"})) == [["sent"]]
        (message,) = server.messages
    assert message.over_tls
    assert (message.user, message.password) == (NASTY_USER, NASTY_PASSWORD)
    assert message.sender == "no-reply@auth.shop.example"
    assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert message.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert message.content["X-PM-Message-Stream"] is None


def test_mail_that_names_no_mailer_takes_the_first_stream_that_is_not_bulk(laravel, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "postmark-main", server.port, Tls.STARTTLS)
        assert laravel.send(laravel.case(setup, {})) == [["sent"]]
    assert server.last.sender == "no-reply@auth.shop.example"
    assert server.last.content["X-PM-Message-Stream"] == "codes"


def test_mail_mailer_in_the_env_file_names_a_mailer_that_exists(laravel, tmp_path):
    case = laravel.case(compile_text(tmp_path / "specs", MINE))
    (line,) = (line for line in case.text("mail.env").splitlines() if line.startswith("MAIL_MAILER="))
    assert f"'{line.removeprefix('MAIL_MAILER=')}' => [" in case.text()


def test_a_catcher_without_tls_and_login_gets_the_mail(laravel, authority, tmp_path):
    text = MINE + "\n    environments: {development: {mail: catcher}}\n"
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", text), "shop", "development")
        case = laravel.case(move_smtp(setup, "catcher", server.port, Tls.NONE), {"mailer": "news"})
        assert "'auto_tls' => false" in case.text()
        assert laravel.send(case) == [["sent"]]
    assert (server.last.sender, server.last.user) == ("hello@news.shop.example", "")


def test_a_relay_app_gets_the_mail_and_tells_streams_apart(laravel, authority, tmp_path):
    text = THROUGH.replace(TARGETS, "[laravel]")
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", text.replace("port: 2525", f"port: {server.port}")), "shop")
        assert laravel.send(laravel.case(setup, {"mailer": "codes"}, {"mailer": "news"})) == [["sent", "sent"]]
    assert [message.sender for message in server.messages] == ["no-reply@auth.shop.example", "hello@news.shop.example"]


def test_the_transport_for_postmark_names_the_message_stream(laravel, authority, tmp_path):
    setup = compile_text(tmp_path / "specs", MINE)
    values = {"postmark-main.server_token": NASTY_PASSWORD}
    with api_stand_in(authority, setup, "postmark", "api.postmarkapp.com", values) as postmark:
        case = laravel.case(setup, {"mailer": "receipts_primary"}, postmark=f"localhost:{postmark.port}")
        assert laravel.send(case) == [["sent"]]
        (call,) = postmark.calls
    body = json.loads(call.body)
    assert (body["MessageStream"], body["From"]) == ("receipts", '"Shop" <receipts@mail.shop.example>')


def test_ses_gets_what_the_sdk_for_php_takes(laravel, tmp_path):
    text = laravel.case(compile_text(tmp_path / "specs", MINE)).text()
    part = text.partition("'receipts_fallback' => [")[2].partition("\n        ],")[0]
    assert [line.strip() for line in part.splitlines() if "=>" in line][:9] == [
        "'transport' => 'ses-v2',",
        "'region' => 'eu-west-1',",
        "'options' => [",
        "'ConfigurationSetName' => 'ses-eu-receipts',",
        "'http' => [",
        "'connect_timeout' => 10,",
        "'timeout' => 30,",
        "'retries' => 0,",
        "'from' => [",
    ]


def test_starttls_is_required_in_the_words_of_symfony_7_3(laravel, tmp_path):
    """5.4 passes over `require_tls`; the file says what brings 7.3."""
    text = laravel.case(compile_text(tmp_path / "specs", MINE)).text()
    assert text.count("'scheme' => 'smtp',") == text.count("'require_tls' => true,") == 2
    assert "Needs symfony/mailer 7.3 for `require_tls`" in text


def test_an_api_that_laravel_lacks_is_a_comment_with_the_way_out(laravel, tmp_path):
    text = laravel.case(compile_text(tmp_path / "specs", MINE)).text()
    assert "news_primary is not written; Laravel has no transport for the API of Twilio SendGrid" in text
    assert "'news' =>" not in text


def test_one_click_headers_are_data_that_the_app_can_read(laravel, tmp_path):
    text = laravel.case(compile_text(tmp_path / "specs", ONE_CLICK.replace(TARGETS, "[laravel]"))).text()
    assert "'List-Unsubscribe' => '<https://shop.example/u/{token}>'" in text


def test_a_display_name_that_php_loses_is_said(laravel, tmp_path):
    case = laravel.case(compile_text(tmp_path / "specs", MINE.replace(json.dumps(SENDER_NAME), '"0"')))
    assert "codes: its mail has no display name, because PHP takes the name 0 for none" in case.text()


def test_mail_of_customers_has_no_from_of_its_own(laravel, authority, tmp_path):
    text = ONE_CUSTOMER.replace(TARGETS, "[laravel]").replace("via: api", "via: smtp")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", text), "ses-eu", server.port, Tls.STARTTLS)
        case = laravel.case(setup, {"mailer": "receipts_fallback"})
        ((answer,),) = laravel.send(case)
    assert 'must have a "From"' in answer or "sender" in answer
    assert server.messages == []
    assert "receipts has a sender for each customer: the app gives From with each message" in case.text()
    assert "billing@mail.shop.example" not in case.text()


def test_the_smoke_test_is_php_that_tinker_can_run(laravel, tmp_path):
    (line,) = (
        line for line in laravel.case(compile_text(tmp_path / "specs", MINE)).text().splitlines() if "Smoke" in line
    )
    php, artisan, tinker, code = shlex.split(line.removeprefix("// Smoke test: "))
    assert (php, artisan, tinker) == ("php", "artisan", "tinker")
    (tmp_path / "code.php").write_text("<?php " + code.removeprefix("--execute="))
    assert laravel.php.run("-l", str(tmp_path / "code.php")).returncode == 0


def texts_of(characters: st.SearchStrategy[str]) -> list[str]:
    """Give what hypothesis would try, for one PHP process to read at once."""
    texts: list[str] = []

    @given(st.text(characters, max_size=20))
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    return texts


def test_any_text_reads_back_as_itself_in_php(laravel, tmp_path):
    texts = texts_of(st.characters(exclude_categories=["Cs"]))
    texts += [
        "\u2028",
        "\x00",
        "?>",
        "<?php",
        "${x}",
        "$x",
        "{$x}",
        "\\",
        "\\'",
        '"',
        "\r\n",
        "𝒳",
        "\U000e0001",
        NASTY_PASSWORD,
    ]
    script = tmp_path / "texts.php"
    script.write_text("<?php echo json_encode([" + ", ".join(map(php_string, texts)) + "]);", encoding="utf-8")
    assert laravel.php.ask(script, None) == texts
    assert all(character.isprintable() for text in texts for character in php_string(text))


def test_any_printable_text_reads_back_as_itself_in_laravels_env_file(laravel, tmp_path):
    texts = [text for text in texts_of(st.characters(exclude_categories=["Cs"])) if text.isprintable()]
    texts += [SENDER_NAME, "${APP_NAME}", "\\n", 'a"b', " # x ", "null"]
    content = "".join(f"V{number}={dotenv_string(text)}\n" for number, text in enumerate(texts))
    script = tmp_path / "env.php"
    script.write_text(
        "<?php error_reporting(E_ALL & ~E_DEPRECATED); require '/usr/share/php/Dotenv/autoload.php';"
        "echo json_encode(Dotenv\\Dotenv::parse(json_decode(stream_get_contents(STDIN))));"
    )
    found = laravel.php.ask(script, content)
    assert [found[f"V{number}"] for number in range(len(texts))] == texts


def test_the_block_for_laravels_own_configuration_reads_as_the_route(laravel, tmp_path):
    lines = laravel.case(compile_text(tmp_path / "specs", MINE)).text("mail.env").partition("not required:")[2]
    block = "".join(f"{line.removeprefix('# ')}\n" for line in lines.splitlines() if line)
    script = tmp_path / "env.php"
    script.write_text(
        "<?php error_reporting(E_ALL & ~E_DEPRECATED); require '/usr/share/php/Dotenv/autoload.php';"
        "echo json_encode(Dotenv\\Dotenv::parse(json_decode(stream_get_contents(STDIN))));"
    )
    found = laravel.php.ask(script, "POSTMARK_SERVER_TOKEN='a$b#c'\n" + block)
    assert found["MAIL_FROM_NAME"] == SENDER_NAME
    assert (found["MAIL_SCHEME"], found["MAIL_HOST"], found["MAIL_PORT"]) == ("smtp", "smtp.postmarkapp.com", "587")
    assert (found["MAIL_USERNAME"], found["MAIL_PASSWORD"]) == ("a$b#c", "a$b#c")


def test_failover_is_as_the_table_says(laravel, authority, tmp_path):
    codes = compile_text(tmp_path / "specs", MINE.replace("[news, codes, receipts]", "[codes]"))
    receipts = MINE.replace("[news, codes, receipts]", "[receipts]").replace(
        "via: api, esp: ses", "via: smtp, esp: ses"
    )
    receipts = compile_text(tmp_path / "receipts", receipts)
    logins = {"POSTMARK_SERVER_TOKEN": USER, "SES_SMTP_USERNAME": USER, "SES_SMTP_PASSWORD": PASSWORD}
    with faulty_servers(authority) as servers, ExitStack() as stack:
        cases, apis, waits = [], [], {}
        for fault in TABLE_SMTP:
            moved = move_smtp(codes, "ses-eu", servers.port, Tls.STARTTLS)
            moved = move_smtp(moved, "postmark-main", servers.ports[fault], Tls.STARTTLS)
            cases.append(laravel.case(moved, {"to": address_for(fault)}, **logins))
        for fault, trouble in TABLE_API.items():
            api = stack.enter_context(api_stand_in(authority, receipts, "postmark", "api.postmarkapp.com", {}, trouble))
            apis += [] if isinstance(trouble, Absence) else [api]
            port = {Absence.REFUSES: 1, Absence.SILENT: servers.silent}.get(trouble, api.port)
            at = f"localhost:{port}"
            moved = move_smtp(receipts, "ses-eu", servers.port, Tls.STARTTLS)
            cases.append(laravel.case(moved, {"to": address_for(fault)}, postmark=at, **logins))
        for fault, case in zip((*TABLE_SMTP, *TABLE_API), cases, strict=True):  # too long for a test
            path = case.folder / "mail.php"
            text = path.read_text()
            name = f"a connection or an answer over {'an API' if fault in TABLE_API else 'SMTP'}"
            waits[fault] = [Wait(name, said(r"'timeout' => (\d+),", text), SECONDS)]  # the primary's
            path.write_text(re.sub(r"'timeout' => \d+,", f"'timeout' => {SECONDS},", text))
        send_side_by_side(laravel.send, cases, (*TABLE_SMTP, *TABLE_API))
        rows = [servers.delivered(fault, waits[fault]) for fault in (*TABLE_SMTP, *TABLE_API)]
        assert [len(api.calls) for api in apis] == [1] * len(apis), "each fault was met"
    compare_golden(HERE / "failover.json", rows)
