"""WordPress's own wp_mail() sends with the generated must-use plugin; PHP reads the constants."""

import json
import re
from pathlib import Path

import pytest
from app_setups import ONE_CLICK, ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from failover_table import (
    PASSWORD,
    TABLE_SMTP,
    USER,
    Wait,
    address_for,
    compare_golden,
    failing_server,
    faulty_servers,
    said,
)
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server
from php_peers import display_names, send_side_by_side

from sendspec.model.vocabulary import Tls
from sendspec.net.smtp.exchange import Phase
from sendspec.rehearse.smtp_faults import say

TARGETS = "[dotenv, django, nodemailer, postfix]"
MINE = SPEC.replace(TARGETS, "[wordpress]").replace("via: api, esp: ses-eu", "via: smtp, esp: ses-eu")
HERE = Path(__file__).parent
FALLBACK = {"MAIL_ROUTES_OFF": "codes"}


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_wordpress_sends_over_tls_and_with_login_as_the_stream(wordpress, authority, tmp_path, tls):
    with smtp_server(authority, tls, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", server.port, tls)
        assert wordpress.send(wordpress.case(setup, {}, **FALLBACK)) == [[True]]
        (message,) = server.messages
    assert message.over_tls
    assert (message.user, message.password) == (NASTY_USER, NASTY_PASSWORD)
    assert message.sender == "no-reply@auth.shop.example"
    assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert message.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert message.content["X-PM-Message-Stream"] is None


def test_any_display_name_arrives_as_it_is(wordpress, authority, tmp_path):
    names = display_names()
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        cases = []
        for number, name in enumerate(names):
            text = MINE.replace(json.dumps(SENDER_NAME), json.dumps(name, ensure_ascii=False))
            setup = compile_text(tmp_path / f"specs-{number}", text)
            cases.append(wordpress.case(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS), {}, **FALLBACK))
        assert wordpress.send(*cases) == [[True]] * len(names)
        assert [message.author[0] for message in server.messages] == names


def test_from_or_a_header_picks_the_stream_and_any_other_from_gives_way(wordpress, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", server.port, Tls.STARTTLS)
        case = wordpress.case(
            setup,
            {"headers": ["From: Plugin <Receipts@mail.shop.example>", "X-Extra: kept"]},
            {"headers": ["X-Mail-Stream: receipts"]},
            {"headers": ["From: Somebody <else@example.org>"]},
            **FALLBACK,
        )
        assert wordpress.send(case) == [[True, True, True]]
        by_from, by_header, by_default = server.messages
    for message in (by_from, by_header):
        assert message.author == ("Shop", "receipts@mail.shop.example")
        assert message.content["X-SES-CONFIGURATION-SET"] == "ses-eu-receipts"
        assert message.content["X-Mail-Stream"] is None
    assert by_from.content["X-Extra"] == "kept"
    assert by_default.sender == "no-reply@auth.shop.example"
    assert by_default.author == (SENDER_NAME, "no-reply@auth.shop.example")


def test_a_stream_without_a_route_sends_nothing_rather_than_by_another(wordpress, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", server.port, Tls.STARTTLS)
        case = wordpress.case(setup, {"headers": ["X-Mail-Stream: news"]})
        ((answer,),) = wordpress.send(case)
    assert answer is not True
    assert server.connections == 0
    assert "news is not written; PHPMailer speaks SMTP only" in case.text()


def test_without_starttls_nothing_is_sent(wordpress, authority, tmp_path):
    with failing_server(authority, say(Phase.STARTTLS, "454 4.7.0 TLS not available")) as (server, port):
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", port, Tls.STARTTLS)
        ((answer,),) = wordpress.send(wordpress.case(setup, {}, **FALLBACK))
    assert answer is not True
    assert server.received == []
    assert "STARTTLS" in [heard.line for heard in server.heard]
    assert not any(heard.line.startswith(("AUTH", "MAIL")) for heard in server.heard)


def test_a_catcher_without_tls_and_login_gets_the_mail(wordpress, authority, tmp_path):
    text = MINE + "\n    environments: {development: {mail: catcher}}\n"
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", text), "shop", "development")
        case = wordpress.case(move_smtp(setup, "catcher", server.port, Tls.NONE), {})
        assert wordpress.send(case) == [[True]]
    assert (server.last.sender, server.last.user, server.last.over_tls) == ("no-reply@auth.shop.example", "", False)


def test_a_relay_app_gets_the_mail_and_tells_streams_apart(wordpress, authority, tmp_path):
    text = THROUGH.replace(TARGETS, "[wordpress]")
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", text.replace("port: 2525", f"port: {server.port}")), "shop")
        case = wordpress.case(setup, {}, {"headers": ["From: hello@news.shop.example"]})
        assert wordpress.send(case) == [[True, True]]
    assert [message.sender for message in server.messages] == ["no-reply@auth.shop.example", "hello@news.shop.example"]


def test_a_missing_secret_is_named_with_its_place_and_the_next_route_is_tried(wordpress, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", server.port, Tls.STARTTLS)
        case = wordpress.case(setup, {}, POSTMARK_SERVER_TOKEN="")
        assert wordpress.send(case) == [[True]]
    assert len(server.messages) == 1
    assert (
        "POSTMARK_SERVER_TOKEN is not set, so mail cannot go by codes; its value is kept at op://mail/postmark/token"
        in (wordpress.php.log.read_text())
    )


def test_one_click_headers_with_a_place_for_the_recipient_are_the_apps_to_fill_in(wordpress, tmp_path):
    text = wordpress.case(compile_text(tmp_path / "specs", ONE_CLICK.replace(TARGETS, "[wordpress]"))).text()
    assert "// news: List-Unsubscribe: <https://shop.example/u/{token}>" in text


def test_a_display_name_that_php_loses_is_said(wordpress, tmp_path):
    case = wordpress.case(compile_text(tmp_path / "specs", MINE.replace(json.dumps(SENDER_NAME), '"0"')))
    assert "codes: its mail has no display name, because PHP takes the name 0 for none" in case.text()


def test_no_customer_is_the_from_of_every_message(wordpress, authority, tmp_path):
    text = ONE_CUSTOMER.replace(TARGETS, "[wordpress]").replace("via: api", "via: smtp")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", text), "ses-eu", server.port, Tls.STARTTLS)
        case = wordpress.case(
            setup, {"headers": ["From: Acme <billing@mail.shop.example>"]}, MAIL_ROUTES_OFF="receipts"
        )
        assert wordpress.send(case) == [[True]]
    assert server.last.author == ("Acme", "billing@mail.shop.example")
    assert server.last.sender == "billing@mail.shop.example"
    assert "receipts has a sender for each customer: the app gives From with each message" in case.text()
    assert "billing@mail.shop.example" not in case.text()


def test_constants_say_what_the_default_route_says(wordpress, tmp_path):
    case = wordpress.case(compile_text(tmp_path / "specs", MINE))
    constants = read_constants(wordpress, case, tmp_path)
    assert constants == {
        "WPMS_ON": True,
        "WPMS_MAIL_FROM": "no-reply@auth.shop.example",
        "WPMS_MAIL_FROM_FORCE": True,
        "WPMS_MAIL_FROM_NAME": SENDER_NAME,
        "WPMS_MAIL_FROM_NAME_FORCE": True,
        "WPMS_SET_RETURN_PATH": True,
        "WPMS_MAILER": "smtp",
        "WPMS_SMTP_HOST": "smtp.postmarkapp.com",
        "WPMS_SMTP_PORT": 587,
        "WPMS_SSL": "tls",
        "WPMS_SMTP_AUTOTLS": True,
        "WPMS_SMTP_AUTH": True,
        "WPMS_SMTP_USER": NASTY_PASSWORD,
        "WPMS_SMTP_PASS": NASTY_PASSWORD,
    }
    assert "Only PHP has read this file in the tests, the plugin itself has not" in case.text("wp-config-mail.php")


def test_constants_name_an_api_that_the_plugin_has(wordpress, tmp_path):
    text = MINE.replace("[news, codes, receipts]", "[receipts]")
    found = read_constants(wordpress, wordpress.case(compile_text(tmp_path / "specs", text)), tmp_path)
    assert found["WPMS_MAILER"] == "postmark"
    assert found["WPMS_POSTMARK_SERVER_API_TOKEN"] == NASTY_PASSWORD
    assert found["WPMS_POSTMARK_MESSAGE_STREAM"] == "receipts"


def test_constants_say_where_the_plugin_would_call_the_wrong_host(wordpress, tmp_path):
    text = MINE.replace("[news, codes, receipts]", "[news]")
    text = wordpress.case(compile_text(tmp_path / "specs", text)).text("wp-config-mail.php")
    assert "WP Mail SMTP calls SendGrid's global API host only" in text
    assert "define(" not in text


def read_constants(wordpress, case, folder: Path) -> dict[str, object]:
    """Let PHP load the constants."""
    script = folder / "constants.php"
    script.write_text("<?php require $argv[1]; echo json_encode(get_defined_constants(true)['user']);")
    done = wordpress.php.run(str(script), str(case.folder / "wp-config-mail.php"), **case.env)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_failover_is_as_the_table_says(wordpress, authority, tmp_path):
    setup = compile_text(tmp_path / "specs", MINE.replace("[news, codes, receipts]", "[codes]"))
    logins = {"POSTMARK_SERVER_TOKEN": USER, "SES_SMTP_USERNAME": USER, "SES_SMTP_PASSWORD": PASSWORD}
    with faulty_servers(authority) as servers:
        cases = []
        for fault in TABLE_SMTP:
            moved = move_smtp(setup, "ses-eu", servers.port, Tls.STARTTLS)
            moved = move_smtp(moved, "postmark-main", servers.ports[fault], Tls.STARTTLS)
            cases.append(wordpress.case(moved, {"to": address_for(fault)}, **logins))
        for case in cases:  # the spec's timeouts are too long for a test
            path = case.folder / "mail-settings.php"
            text = path.read_text()
            path.write_text(
                re.sub("'answer' => .*", "'answer' => 4,", re.sub("'connect' => .*", "'connect' => 2,", text))
            )
        send_side_by_side(wordpress.send, cases, TABLE_SMTP)
        waits = [
            Wait("a connection", said(r"'connect' => (\d+),", text), 2),
            Wait("an answer", said(r"'answer' => (\d+),", text), 4),
        ]
        compare_golden(HERE / "failover.json", [servers.delivered(fault, waits) for fault in TABLE_SMTP])
