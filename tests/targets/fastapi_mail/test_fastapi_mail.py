"""fastapi-mail sends with the generated module."""

import json
import socket
from pathlib import Path

import pytest
from app_setups import ONE_CLICK, ONE_CUSTOMER, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server
from python_mail import with_sender_name

from sendspec.model.vocabulary import Tls

CODES = {"stream": "codes"}


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [fastapi-mail]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


def test_it_sends_over_tls_and_with_login_as_the_stream_and_changes_routes_by_a_variable(
    make_fastapi, authority, setup
):
    with (
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as starttls,
        smtp_server(authority, Tls.IMPLICIT, NASTY_PASSWORD, NASTY_PASSWORD) as implicit,
    ):
        setup = move_smtp(setup, "ses-eu", starttls.port, Tls.STARTTLS)
        fastapi = make_fastapi(move_smtp(setup, "postmark-main", implicit.port, Tls.IMPLICIT))
        assert fastapi.send(CODES) == ["sent"]
        assert (len(implicit.messages), starttls.connections) == (1, 0)
        assert fastapi.send(CODES, MAIL_ROUTE_CODES="codes-fallback") == ["sent"]
    assert (len(implicit.messages), len(starttls.messages)) == (1, 1)
    for message in (starttls.last, implicit.last):
        assert message.over_tls
        assert message.password == NASTY_PASSWORD
        assert message.sender == "no-reply@auth.shop.example"
        assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert starttls.last.user == NASTY_USER
    assert starttls.last.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert implicit.last.content["X-PM-Message-Stream"] == "codes"


def test_a_variable_that_names_no_route_of_the_stream_is_refused(make_fastapi, setup):
    (trouble,) = make_fastapi(setup).send(CODES, MAIL_ROUTE_CODES="news")
    assert trouble == "RuntimeError MAIL_ROUTE_CODES is news; it can be codes, codes-fallback"


def test_a_relay_gets_mail_in_plain_text_and_without_login(make_fastapi, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop")
        fastapi = make_fastapi(move_smtp(setup, "relay", server.port, Tls.NONE))
        assert fastapi.send({"stream": "receipts"}) == ["sent"]
    assert not server.last.over_tls
    assert server.logins == []
    assert server.last.sender == "receipts@mail.shop.example"
    assert "X-PM-Message-Stream" not in server.last.content


def test_without_starttls_nothing_is_sent_and_a_refused_recipient_is_an_error(make_fastapi, authority, setup):
    with (
        smtp_server(authority, Tls.NONE, NASTY_PASSWORD, NASTY_PASSWORD) as plain,
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as refusing,
    ):
        refusing.answer = lambda phase: "550 5.1.1 no such user" if phase == "RCPT" else None
        setup = move_smtp(setup, "postmark-main", plain.port, Tls.STARTTLS)
        fastapi = make_fastapi(move_smtp(setup, "ses-eu", refusing.port, Tls.STARTTLS))
        (trouble,) = fastapi.send(CODES)
        (refused,) = fastapi.send(CODES, MAIL_ROUTE_CODES="codes-fallback")
    assert trouble.startswith("ConnectionErrors")
    assert "STARTTLS" in trouble
    assert (plain.logins, plain.messages) == ([], [])
    assert refused.startswith("SMTPRecipientsRefused")
    assert "550" in refused


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_server_without_a_trusted_certificate_gets_no_login_whatever_the_environment_says(
    make_fastapi, authority, setup, tmp_path, tls
):
    (tmp_path / "nobody.pem").write_text("")
    with smtp_server(authority, tls, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        fastapi = make_fastapi(move_smtp(setup, "postmark-main", server.port, tls), tmp_path / "nobody.pem")
        (trouble,) = fastapi.send(CODES, VALIDATE_CERTS="false", CERT_BUNDLE=str(authority.bundle))
    assert "CERTIFICATE_VERIFY_FAILED" in trouble
    assert server.logins == []


def test_a_server_that_says_nothing_is_given_up(make_fastapi, setup):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        fastapi = make_fastapi(move_smtp(setup, "postmark-main", silent.getsockname()[1], Tls.STARTTLS))
        hasty = fastapi.text.replace('"TIMEOUT": 60', '"TIMEOUT": 1')
        assert hasty != fastapi.text
        (fastapi.folder / fastapi.file).write_text(hasty, encoding="utf-8")
        (trouble,) = fastapi.send(CODES)
    assert "time" in trouble.lower()


def test_the_smoke_test_in_the_header_sends(make_fastapi, authority, setup):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        done = make_fastapi(move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS)).smoke_test()
        assert done.returncode == 0, done.stdout + done.stderr
    assert [address.upper() for address in server.last.recipients] == ["YOU@EXAMPLE.ORG"]


def test_with_suppress_send_nothing_is_sent(make_fastapi, authority, setup):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        fastapi = make_fastapi(move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS))
        assert fastapi.send(CODES, SUPPRESS_SEND="1") == ["sent"]
    assert server.connections == 0


def test_without_a_secret_the_module_stops_and_says_where_it_is_kept(make_fastapi, setup):
    done = make_fastapi(setup).run("import fastapi_mail_settings", SES_SMTP_PASSWORD=None)
    assert done.returncode == 1
    assert "SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password" in done.stderr


def test_mail_of_a_customer_needs_the_customers_from(make_fastapi, authority, tmp_path):
    text = ONE_CUSTOMER.replace(
        "{role: primary, via: api, esp: postmark-main}", "{role: primary, via: smtp, esp: ses-eu}"
    )
    text = text.replace("{role: fallback, via: api, esp: ses-eu}", "{role: fallback, via: api, esp: postmark-main}")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", asking(text)), "ses-eu", server.port, Tls.STARTTLS)
        receipts = {"stream": "receipts"}
        customer = {**receipts, "more": {"MAIL_FROM": "a@shop.example", "MAIL_FROM_NAME": "A"}}
        without, given_one = make_fastapi(setup).send(receipts, customer, MAIL_FROM="other@shop.example")
    assert "give MAIL_FROM" in without
    assert given_one == "sent"
    assert server.last.sender == "a@shop.example"
    assert server.last.author == ("A", "a@shop.example")


def test_one_click_headers_are_data(make_fastapi, tmp_path):
    fastapi = make_fastapi(compile_text(tmp_path / "specs", asking(ONE_CLICK)))
    done = fastapi.run("import json, fastapi_mail_settings as m; print(json.dumps(m.UNSUBSCRIBE))")
    assert json.loads(done.stdout)["news"]["List-Unsubscribe"] == "<https://shop.example/u/{token}>"


def test_any_display_name_and_any_password_reaches_the_server_as_it_is(make_fastapi, authority, setup):
    names = ["=?utf-8?q?no?= word", "Zoë " * 40, "a, b; <c>@d (e)", 'x" <evil@x.example>', "\\", "."]
    passwords = [NASTY_PASSWORD, "pä ss"]
    text = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=80)

    @given(text, st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40))
    def collect(name, password):
        names.append(name)
        passwords.append(password)

    collect()
    names = [name for name in (" ".join(each.split()) for each in (*names[:6], *names[-24:])) if name]
    with open_smtp_server(authority) as server:
        moved = move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS)
        fastapi = make_fastapi(moved)
        modules = [f"settings_{number}" for number in range(len(names))]
        for module, name in zip(modules, names, strict=True):
            other = make_fastapi(with_sender_name(moved, name), folder=module)
            (fastapi.folder / f"{module}.py").write_text(other.text, encoding="utf-8")
        nobody = {"stream": "codes", "more": {"USE_CREDENTIALS": False}}
        done = fastapi.send(*({**nobody, "module": module} for module in modules))
    assert done == ["sent"] * len(names)
    assert [message.author[0] for message in server.messages] == names
    assert {message.sender for message in server.messages} == {"no-reply@auth.shop.example"}
    longest = max(
        len(word) for message in server.messages for word in dict(message.content.raw_items())["From"].split()
    )
    assert longest <= 80
    with smtp_server(authority, Tls.STARTTLS, "u", "none of these") as server:
        fastapi = make_fastapi(move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS))
        code = """
import asyncio, json, os, sys
from fastapi_mail import MessageSchema, MessageType
for password in json.loads(sys.argv[1]):
    os.environ["POSTMARK_SERVER_TOKEN"] = password
    sys.modules.pop("fastapi_mail_settings", None)
    import fastapi_mail_settings
    mail, headers = fastapi_mail_settings.mail_stream("codes")
    try:
        asyncio.run(mail.send_message(MessageSchema(
            subject="hi", body="b", recipients=["you@customer.example"], subtype=MessageType.plain, headers=headers)))
    except Exception as trouble:
        print(type(trouble).__name__)
"""
        used = passwords[:2] + passwords[-12:]
        done = fastapi.run(code, json.dumps(used))
    assert done.returncode == 0, done.stderr
    assert list(dict.fromkeys(password for _, password in server.logins)) == list(dict.fromkeys(used))


def test_a_change_by_hand_is_the_variable_that_the_file_names(make_fastapi, authority, setup):
    with fallback_alone(authority, setup) as (moved, server):
        module = make_fastapi(moved)
        (absent,) = module.send(CODES)
        assert absent.startswith("ConnectionErrors")
        change = said_by(module.text)
        assert module.send(CODES, **variables_in(change)) == ["sent"]
    prove(Path(__file__).with_name("by_hand.json"), server, change)
