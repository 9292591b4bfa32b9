"""nodemailer itself sends with the generated module."""

import json
import shlex
from pathlib import Path

import pytest
from app_setups import ONE_CLICK, ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, api_server, open_smtp_server, smtp_server

from sendspec.model.vocabulary import Tls
from sendspec.targets.nodemailer.literals import javascript


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_nodemailer_sends_over_tls_and_with_login_as_the_stream(make_program, authority, tmp_path, tls):
    with smtp_server(authority, tls, NASTY_USER, NASTY_PASSWORD) as server:
        program = make_program(move_smtp(compile_text(tmp_path / "specs"), "ses-eu", server.port, tls))
        done = program.send("codes-fallback")
        assert done.returncode == 0, done.stdout + done.stderr
        (message,) = server.messages
    assert message.over_tls
    assert (message.user, message.password) == (NASTY_USER, NASTY_PASSWORD)
    assert message.sender == "no-reply@auth.shop.example"
    assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert message.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"


def test_nodemailer_hands_mail_to_a_relay_in_plain_text_and_without_login(make_program, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH), "shop")
        program = make_program(move_smtp(setup, "relay", server.port, Tls.NONE))
        done = program.send("codes", NODE_EXTRA_CA_CERTS=None)
        assert done.returncode == 0, done.stdout + done.stderr
        (message,) = server.messages
    assert not message.over_tls
    assert server.logins == []
    assert message.sender == "no-reply@auth.shop.example"
    assert "X-PM-Message-Stream" not in message.content


def test_the_pool_keeps_one_connection_for_many_messages(make_program, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        program = make_program(move_smtp(compile_text(tmp_path / "specs"), "ses-eu", server.port, Tls.STARTTLS))
        assert program.send("codes-fallback", count=3).returncode == 0
    assert (len(server.messages), server.connections) == (3, 1)


def test_a_message_whose_answer_is_lost_is_not_sent_again(make_program, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        server.answer = lambda phase: "close" if phase == "DATA" else None
        program = make_program(move_smtp(compile_text(tmp_path / "specs"), "ses-eu", server.port, Tls.STARTTLS))
        assert program.send("codes-fallback").returncode == 1
    assert len(server.messages) == 1


def test_a_server_without_a_trusted_certificate_gets_no_login(make_program, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        program = make_program(move_smtp(compile_text(tmp_path / "specs"), "ses-eu", server.port, Tls.STARTTLS))
        done = program.send("codes-fallback", NODE_EXTRA_CA_CERTS=None)
    assert done.returncode == 1
    assert server.logins == []


def test_the_smoke_test_in_the_header_sends(make_program, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        text = SPEC.replace("[news, codes, receipts]", "[codes]")
        program = make_program(
            move_smtp(compile_text(tmp_path / "specs", text), "postmark-main", server.port, Tls.STARTTLS)
        )
        (line,) = (line for line in program.text.splitlines() if line.startswith("// Smoke test: "))
        words = shlex.split(line.removeprefix("// Smoke test: "))
        assert words[0] == "node"
        done = program.run(*words[1:])
        assert done.returncode == 0, done.stderr
    assert [address.upper() for address in server.last.recipients] == ["YOU@EXAMPLE.ORG"]


def test_the_ses_transport_calls_the_api_with_its_configuration_set(make_program, tmp_path):
    with api_server() as server:
        program = make_program(compile_text(tmp_path / "specs"))
        done = program.send("receipts-fallback", AWS_ENDPOINT_URL_SESV2=server.url)
        assert done.returncode == 0, done.stdout + done.stderr
        (request,) = server.requests
    assert request.path == "/v2/email/outbound-emails"
    assert request.body["ConfigurationSetName"] == "ses-eu-receipts"


def test_the_sdk_of_ses_tries_once_so_that_only_the_app_decides_about_another_try(make_program, tmp_path):
    with api_server(broken=503) as server:
        program = make_program(compile_text(tmp_path / "specs"))
        done = program.send("receipts-fallback", AWS_ENDPOINT_URL_SESV2=server.url)
        assert done.returncode != 0
        assert len(server.requests) == 1


def test_an_api_that_nodemailer_lacks_is_a_comment_with_the_way_out(make_program, tmp_path):
    program = make_program(compile_text(tmp_path / "specs"))
    assert "// receipts is not written; nodemailer has no transport for the API of Postmark" in program.text
    done = program.evaluate(
        'import { transports } from "./nodemailer.mail.mjs"; console.log(Object.keys(transports).join())'
    )
    assert done.stdout.strip() == "codes,codes-fallback,receipts-fallback"


def test_without_a_secret_the_module_throws_and_says_where_it_is_kept(make_program, tmp_path):
    program = make_program(compile_text(tmp_path / "specs"))
    done = program.send("codes", SES_SMTP_PASSWORD=None)
    assert "SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password" in done.stderr


def test_one_click_headers_are_data_that_the_app_can_read(make_program, tmp_path):
    program = make_program(compile_text(tmp_path / "specs", ONE_CLICK))
    done = program.evaluate(
        'import { unsubscribe } from "./nodemailer.mail.mjs"; console.log(JSON.stringify(unsubscribe))'
    )
    assert json.loads(done.stdout) == {
        "news": {
            "List-Unsubscribe": "<https://shop.example/u/{token}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    }


def test_order_and_retries_are_data_that_the_app_can_read(make_program, tmp_path):
    program = make_program(compile_text(tmp_path / "specs"))
    code = 'import { routes, retry, transports } from "./nodemailer.mail.mjs";'
    done = program.evaluate(code + "console.log(JSON.stringify([routes, retry, transports.codes.rateLimit]))")
    routes, retry, rate = json.loads(done.stdout)
    assert routes["codes"] == ["codes", "codes-fallback"]
    assert retry["codes"] == {"attempts": 4, "baseMs": 1000, "capMs": 8000}
    assert rate == 1


def test_any_text_reads_back_as_itself_in_javascript(make_program, tmp_path):
    program = make_program(compile_text(tmp_path / "specs"))
    texts: list[str] = []

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
    def collect(text):
        texts.append(text)

    collect()
    texts += ["\u2028", "\u2029", "\u202e", "\x00", "</script>", "${x}", "`", "\\", '"', "'", "𝒳", "\U000e0001"]
    done = program.evaluate(f"console.log(JSON.stringify([{', '.join(javascript(text) for text in texts)}]))")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == texts
    assert all(character.isprintable() for text in texts for character in javascript(text))


def test_no_customer_is_the_from_of_every_message(make_program, tmp_path):
    text = ONE_CUSTOMER.replace("via: api, esp: postmark-main", "via: smtp, esp: postmark-main")
    program = make_program(compile_text(tmp_path / "specs", text))
    assert "// receipts has a sender for each customer: the app gives From with each message" in program.text
    assert "billing@mail.shop.example" not in program.text
    assert "Smoke test" not in program.text


def test_a_change_by_hand_is_the_variable_that_the_file_names(make_program, authority, tmp_path):
    code = """
        import { createTransport } from "nodemailer";
        import { transports, defaults, route } from "./nodemailer.mail.mjs";
        const name = route("codes");
        const mailer = createTransport(transports[name], defaults[name]);
        await mailer.sendMail({ to: "you@customer.test", subject: "s", text: "t" }).finally(() => mailer.close());
    """
    with fallback_alone(authority, compile_text(tmp_path / "specs")) as (setup, server):
        program = make_program(setup)
        assert "ECONNREFUSED" in program.evaluate(code).stderr
        change = said_by(program.text)
        done = program.evaluate(code, **variables_in(change))
        assert done.returncode == 0, done.stderr
    prove(Path(__file__).with_name("by_hand.json"), server, change)
    misspelt = program.evaluate(code, MAIL_ROUTE_CODES="codes-falback").stderr
    assert "MAIL_ROUTE_CODES is codes-falback; it can be codes, codes-fallback" in misspelt
