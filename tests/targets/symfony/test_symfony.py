"""Symfony's own kernel loads the generated mailer.yaml and sends with it."""

import dataclasses
import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from app_setups import ONE_CLICK, ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_api, move_smtp, only
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
from php_peers import SECONDS, api_stand_in, display_names, send_side_by_side

from sendspec.model.credential import Literal
from sendspec.model.vocabulary import Tls
from sendspec.targets.symfony.dsn import dsn

MINE = SPEC.replace("[dotenv, django, nodemailer, postfix]", "[symfony]")
CODES = MINE.replace("[news, codes, receipts]", "[codes]")
PLAIN_NAME = CODES.replace(json.dumps(SENDER_NAME), json.dumps("Zoë's Shop, 100 % #1"))
SES_TWICE = PLAIN_NAME.replace(
    "smtp, esp: postmark-main}", "smtp, esp: ses-eu, port: 2587, settings: {configuration_set: other}}"
)
CODES_FROM = {"from": "no-reply@auth.shop.example"}
HERE = Path(__file__).parent


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_symfony_sends_over_tls_and_with_login_as_the_stream(symfony, authority, tmp_path, tls):
    with smtp_server(authority, tls, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", server.port, tls)
        case = symfony.case(setup, {"stream": "codes", "transport": "codes_fallback"})
        assert symfony.send(case) == [["sent"]]
        (message,) = server.messages
    assert message.over_tls
    assert (message.user, message.password) == (NASTY_USER, NASTY_PASSWORD)
    assert message.sender == "no-reply@auth.shop.example"
    assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert message.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert message.content["X-PM-Message-Stream"] is None
    assert message.content["X-Mail-Stream"] is None
    assert message.content["X-Transport"] is None


def test_an_app_with_one_stream_needs_no_class(symfony, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", PLAIN_NAME), "postmark-main", server.port, Tls.STARTTLS)
        case = symfony.case(setup, {})
        assert not (case.folder / "MailStreams.php").exists()
        assert symfony.send(case) == [["sent"]]
        (message,) = server.messages
    assert message.author == ("Zoë's Shop, 100 % #1", "no-reply@auth.shop.example")
    assert message.sender == "no-reply@auth.shop.example"
    assert message.content["X-PM-Message-Stream"] == "codes"


def test_a_display_name_that_symfony_would_not_give_back_goes_into_the_class(symfony, tmp_path):
    case = symfony.case(compile_text(tmp_path / "specs", CODES.replace(json.dumps(SENDER_NAME), "\"'Shop'\"")))
    assert (case.folder / "MailStreams.php").exists()
    assert "'headers':" not in case.text
    assert "because Symfony would not read the display name of From back as it is" in case.text.replace("\n# ", " ")


def test_any_display_name_in_the_yaml_arrives_as_it_is(symfony, authority, tmp_path):
    """The others go into the class, as strings whose reading a test of PHP's literals shows."""
    found = []
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        for number, name in enumerate(display_names()):
            text = CODES.replace(json.dumps(SENDER_NAME), json.dumps(name, ensure_ascii=False))
            setup = move_smtp(compile_text(tmp_path / f"s-{number}", text), "postmark-main", server.port, Tls.STARTTLS)
            case = symfony.case(setup, {})
            if not (case.folder / "MailStreams.php").exists():
                found.append((name, case))
        answers = symfony.send(*(case for _, case in found))
        assert answers == [["sent"]] * len(found)
        assert [message.author[0] for message in server.messages] == [name for name, _ in found]
    assert len(found) > 5


def test_a_header_with_another_value_for_each_route_goes_into_the_class(symfony, tmp_path):
    case = symfony.case(compile_text(tmp_path / "specs", SES_TWICE))
    text = (case.folder / "MailStreams.php").read_text()
    assert "'X-SES-CONFIGURATION-SET' => 'other'" in text
    assert "'X-SES-CONFIGURATION-SET' => 'ses-eu-codes'" in text


def test_a_catcher_without_tls_and_login_gets_the_mail(symfony, authority, tmp_path):
    text = MINE + "\n    environments: {development: {mail: catcher}}\n"
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", text), "shop", "development")
        setup = move_smtp(setup, "catcher", server.port, Tls.NONE)
        case = symfony.case(setup, {"stream": "news"})
        assert "auto_tls=false" in case.text
        assert symfony.send(case) == [["sent"]]
        (message,) = server.messages
    assert message.sender == "hello@news.shop.example"
    assert message.user == ""


def test_a_relay_app_gets_the_mail_and_tells_streams_apart(symfony, authority, tmp_path):
    text = THROUGH.replace("[dotenv, django, nodemailer, postfix]", "[symfony]")
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", text.replace("port: 2525", f"port: {server.port}")), "shop")
        assert symfony.send(symfony.case(setup, {"stream": "codes"}, {"stream": "news"})) == [["sent", "sent"]]
    assert [message.sender for message in server.messages] == ["no-reply@auth.shop.example", "hello@news.shop.example"]


def test_a_server_without_a_trusted_certificate_gets_no_login(symfony, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", MINE), "ses-eu", server.port, Tls.STARTTLS)
        case = symfony.case(setup, {"transport": "codes_fallback", **CODES_FROM})
        stranger = dataclasses.replace(symfony.php, trusted=Path("/dev/null"))
        ((answer,),) = dataclasses.replace(symfony, php=stranger).send(case)
    assert "STARTTLS" in answer
    assert server.logins == []


def test_starttls_is_required_in_the_words_of_symfony_7_3(symfony, tmp_path):
    """5.4 passes over `require_tls`; the file says so."""
    text = symfony.case(compile_text(tmp_path / "specs", MINE)).text
    assert text.count("smtp://") == text.count(":587?require_tls=true&") > 0
    assert "symfony/mailer 7.3 for `require_tls`" in text


def test_bridges_send_through_the_stand_ins_as_the_stream(symfony, authority, tmp_path):
    """`codes` has no API; SendGrid knows the stream by its category, Postmark by its stream, SES by its set."""
    setup = compile_text(tmp_path / "specs", MINE)
    values = {"postmark-main.server_token": NASTY_PASSWORD, "sendgrid-eu.api_key": "SG.not-real"}
    with ExitStack() as stack:
        postmark = stack.enter_context(api_stand_in(authority, setup, "postmark", "api.postmarkapp.com", values))
        sendgrid = stack.enter_context(api_stand_in(authority, setup, "sendgrid", "api.eu.sendgrid.com", values))
        moved = move_api(move_api(setup, "postmark-main", postmark.url), "sendgrid-eu", sendgrid.url)
        case = symfony.case(moved, {"stream": "receipts"}, {"stream": "news"})
        assert symfony.send(case) == [["sent", "sent"]]
        (receipt,), (letter,) = postmark.calls, sendgrid.calls
    receipt, letter = json.loads(receipt.body), json.loads(letter.body)
    assert (receipt["MessageStream"], receipt["From"]) == ("receipts", '"Shop" <receipts@mail.shop.example>')
    assert (letter["categories"], letter["from"]) == (["news"], {"email": "hello@news.shop.example", "name": "Shop"})


def test_the_bridge_to_ses_names_the_configuration_set(symfony, authority, tmp_path):
    setup = compile_text(tmp_path / "specs", MINE)
    key = {"access_key_id": "AKIANOTREAL", "secret_access_key": "not/real"}
    values = {"ses-eu.aws_ambient": json.dumps(key)}
    with api_stand_in(authority, setup, "ses", "email.eu-west-1.amazonaws.com", values) as ses:
        case = symfony.case(
            move_api(setup, "ses-eu", ses.url),
            {"stream": "receipts", "transport": "receipts_fallback"},
            AWS_ACCESS_KEY_ID="AKIANOTREAL",
            AWS_SECRET_ACCESS_KEY="not/real",
        )
        assert symfony.send(case) == [["sent"]]
        (call,) = ses.calls
    assert call.path == "/v2/email/outbound-emails"
    assert json.loads(call.body)["ConfigurationSetName"] == "ses-eu-receipts"


def test_a_sandbox_that_the_bridge_cannot_ask_for_is_not_written(symfony, tmp_path):
    text = (
        MINE
        + "\n    environments: {staging: {mail: sandbox, credentials: {sendgrid-eu: {api_key: {from: 'env://S', env: S}}}}}\n"
    )
    case = symfony.case(only(compile_text(tmp_path / "specs", text), "shop", "staging"))
    assert "'news':" not in case.text
    assert "cannot ask SendGrid for its sandbox and would really send" in case.text


def test_one_click_headers_are_data_that_the_app_can_read(symfony, tmp_path):
    case = symfony.case(
        compile_text(tmp_path / "specs", ONE_CLICK.replace("[dotenv, django, nodemailer, postfix]", "[symfony]"))
    )
    text = (case.folder / "MailStreams.php").read_text()
    assert "'List-Unsubscribe' => '<https://shop.example/u/{token}>'" in text
    assert "'List-Unsubscribe-Post' => 'List-Unsubscribe=One-Click'" in text


def test_a_display_name_that_php_loses_is_said(symfony, tmp_path):
    case = symfony.case(compile_text(tmp_path / "specs", MINE.replace(json.dumps(SENDER_NAME), '"0"')))
    assert "codes: its mail has no display name, because PHP takes the name 0 for none" in case.text


def test_no_customer_is_the_from_of_every_message(symfony, tmp_path):
    case = symfony.case(
        compile_text(tmp_path / "specs", ONE_CUSTOMER.replace("[dotenv, django, nodemailer, postfix]", "[symfony]"))
    )
    assert "receipts has a sender for each customer: the app gives From with each message" in case.text
    assert "billing@mail.shop.example" not in case.text
    assert "Smoke test" not in case.text


def test_any_login_and_option_reads_back_as_itself_from_a_dsn(symfony, tmp_path):
    texts: list[str] = []

    @given(st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=20))
    def collect(text):
        texts.append(text)

    collect()
    texts += [NASTY_PASSWORD, "a b", "a+b", "%41", ") (", "0 "]
    written = [dsn("smtp", "localhost:1", Literal(text), Literal(text), {"o": text}) for text in texts]
    script = tmp_path / "read.php"
    script.write_text(
        "<?php require '/usr/share/php/Symfony/Component/Mailer/autoload.php';"
        "$read = fn ($dsn) => [$dsn->getUser(), $dsn->getPassword(), $dsn->getOption('o')];"
        "echo json_encode(array_map(fn ($text) => $read(Symfony\\Component\\Mailer\\Transport\\Dsn::fromString($text)),"
        " json_decode(stream_get_contents(STDIN))));"
    )
    found = symfony.php.ask(script, [text.replace("%%", "%") for text in written])
    assert found == [[text, text, text] for text in texts]
    assert not any(character in text for text in written for character in " ()")


def test_failover_is_as_the_table_says(symfony, authority, tmp_path):
    setup = compile_text(tmp_path / "specs", CODES)
    receipts = compile_text(
        tmp_path / "receipts",
        MINE.replace("[news, codes, receipts]", "[receipts]").replace(
            "via: api, esp: ses-eu", "via: smtp, esp: ses-eu"
        ),
    )
    logins = {"POSTMARK_SERVER_TOKEN": USER, "SES_SMTP_USERNAME": USER, "SES_SMTP_PASSWORD": PASSWORD}
    with faulty_servers(authority) as servers, ExitStack() as stack:
        cases, apis = [], []
        for fault in TABLE_SMTP:
            moved = move_smtp(setup, "ses-eu", servers.port, Tls.STARTTLS)
            moved = move_smtp(moved, "postmark-main", servers.ports[fault], Tls.STARTTLS)
            cases.append(symfony.case(moved, {**CODES_FROM, "to": address_for(fault)}, **logins))
        for fault, trouble in TABLE_API.items():
            api = stack.enter_context(api_stand_in(authority, receipts, "postmark", "api.postmarkapp.com", {}, trouble))
            apis += [] if isinstance(trouble, Absence) else [api]
            port = {Absence.REFUSES: 1, Absence.SILENT: servers.silent}.get(trouble, api.port)
            moved = move_api(
                move_smtp(receipts, "ses-eu", servers.port, Tls.STARTTLS), "postmark-main", f"https://localhost:{port}"
            )
            cases.append(
                symfony.case(moved, {"from": "receipts@mail.shop.example", "to": address_for(fault)}, **logins)
            )
        send_side_by_side(symfony.send, cases, (*TABLE_SMTP, *TABLE_API))
        text = (cases[0].folder / "php-mail.ini").read_text()  # PHP itself is told SECONDS
        wait = Wait("a connection or an answer", said(r"default_socket_timeout = (\d+)", text), SECONDS)
        rows = [servers.delivered(fault, [wait]) for fault in (*TABLE_SMTP, *TABLE_API)]
        assert [len(api.calls) for api in apis] == [1] * len(apis), "each fault was met"
    compare_golden(HERE / "failover.json", rows)
