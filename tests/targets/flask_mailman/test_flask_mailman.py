"""Flask-Mailman sends with the generated settings."""

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
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [flask-mailman]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


def test_flask_sends_over_tls_and_with_login_as_the_stream_and_changes_routes_by_a_variable(
    make_flask, authority, setup
):
    with (
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as starttls,
        smtp_server(authority, Tls.IMPLICIT, NASTY_PASSWORD, NASTY_PASSWORD) as implicit,
    ):
        setup = move_smtp(setup, "ses-eu", starttls.port, Tls.STARTTLS)
        flask = make_flask(move_smtp(setup, "postmark-main", implicit.port, Tls.IMPLICIT))
        assert flask.send(CODES) == ["sent"]
        assert (len(implicit.messages), starttls.connections) == (1, 0)
        assert flask.send(CODES, {"stream": ""}, MAIL_ROUTE_CODES="codes-fallback") == ["sent", "sent"]
    assert (len(implicit.messages), len(starttls.messages)) == (1, 2)
    for message in (*starttls.messages, *implicit.messages):
        assert message.over_tls
        assert message.password == NASTY_PASSWORD
        assert message.sender == "no-reply@auth.shop.example"
        assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert starttls.last.user == NASTY_USER
    assert starttls.messages[0].content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert implicit.last.content["X-PM-Message-Stream"] == "codes"


def test_a_variable_that_names_no_route_of_the_stream_stops_the_app(make_flask, setup):
    done = make_flask(setup).run("import flask_mail_settings", MAIL_ROUTE_CODES="news")
    assert "MAIL_ROUTE_CODES is news; it can be codes, codes-fallback" in done.stderr


def test_a_relay_gets_mail_in_plain_text_and_without_login(make_flask, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop")
        flask = make_flask(move_smtp(setup, "relay", server.port, Tls.NONE))
        assert flask.send({"stream": "receipts"}) == ["sent"]
    assert not server.last.over_tls
    assert server.logins == []
    assert server.last.sender == "receipts@mail.shop.example"
    assert "X-PM-Message-Stream" not in server.last.content


def test_without_starttls_nothing_is_sent_even_if_the_app_tries_again_on_the_same_connection(
    make_flask, authority, setup
):
    with (
        smtp_server(authority, Tls.NONE, NASTY_PASSWORD, NASTY_PASSWORD) as plain,
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as refusing,
    ):
        refusing.answer = lambda phase: "550 5.1.1 no such user" if phase == "RCPT" else None
        setup = move_smtp(setup, "postmark-main", plain.port, Tls.STARTTLS)
        flask = make_flask(move_smtp(setup, "ses-eu", refusing.port, Tls.STARTTLS))
        same = {"stream": "codes", "same": True}
        first, again = flask.send(same, same)
        (refused,) = flask.send(CODES, MAIL_ROUTE_CODES="codes-fallback")
    assert first == again == "SMTPNotSupportedError STARTTLS extension not supported by server."
    assert (plain.logins, plain.messages) == ([], [])
    assert refused.startswith("SMTPRecipientsRefused")
    assert "550" in refused


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_server_without_a_trusted_certificate_gets_no_login(make_flask, authority, setup, tmp_path, tls):
    (tmp_path / "nobody.pem").write_text("")
    with smtp_server(authority, tls, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        flask = make_flask(move_smtp(setup, "postmark-main", server.port, tls), tmp_path / "nobody.pem")
        (trouble,) = flask.send(CODES)
    assert "CERTIFICATE_VERIFY_FAILED" in trouble
    assert server.logins == []


def test_a_server_that_says_nothing_is_given_up(make_flask, setup):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        flask = make_flask(move_smtp(setup, "postmark-main", silent.getsockname()[1], Tls.STARTTLS))
        hasty = flask.text.replace('"timeout": 60', '"timeout": 1')
        assert hasty != flask.text
        (flask.folder / flask.file).write_text(hasty, encoding="utf-8")
        (trouble,) = flask.send(CODES)
    assert "time" in trouble.lower()


def test_the_smoke_test_in_the_header_sends(make_flask, authority, setup):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        done = make_flask(move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS)).smoke_test()
        assert done.returncode == 0, done.stdout + done.stderr
    assert server.last.recipients == ("YOU@EXAMPLE.ORG",)


def test_an_app_under_test_sends_nothing_and_from_pyfile_reads_the_module_too(make_flask, setup):
    code = """
from flask import Flask
from flask_mailman import EmailMessage, Mail
app = Flask("shop", root_path=".")
app.config.from_pyfile("flask_mail_settings.py")
app.testing = True
Mail(app)
with app.app_context():
    EmailMessage("hi", "b", to=["you@customer.test"], **app.config["MAIL_STREAM"]("codes")).send()
print(len(app.extensions["mailman"].outbox), app.config["MAIL_TIMEOUT"])
"""
    done = make_flask(setup).run(code)
    count, timeout = done.stdout.split()
    assert count == "1", done.stderr
    assert int(timeout) > 0


def test_without_a_secret_the_app_does_not_start_and_says_where_it_is_kept(make_flask, setup):
    done = make_flask(setup).run("import flask_mail_settings", SES_SMTP_PASSWORD=None)
    assert done.returncode == 1
    assert "SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password" in done.stderr


def test_mail_of_a_customer_needs_the_customers_from(make_flask, authority, tmp_path):
    text = ONE_CUSTOMER.replace(
        "{role: primary, via: api, esp: postmark-main}", "{role: primary, via: smtp, esp: ses-eu}"
    )
    text = text.replace("{role: fallback, via: api, esp: ses-eu}", "{role: fallback, via: api, esp: postmark-main}")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", asking(text)), "ses-eu", server.port, Tls.STARTTLS)
        receipts = {"stream": "receipts"}
        without, given_one = make_flask(setup).send(
            receipts, {**receipts, "more": {"from_email": "A <a@shop.example>"}}
        )
    assert "give from_email" in without
    assert given_one == "sent"
    assert server.last.sender == "a@shop.example"


def test_one_click_headers_are_data(make_flask, tmp_path):
    flask = make_flask(compile_text(tmp_path / "specs", asking(ONE_CLICK)))
    done = flask.run("import json, flask_mail_settings as m; print(json.dumps(m.MAIL_UNSUBSCRIBE))")
    assert json.loads(done.stdout)["news"]["List-Unsubscribe"] == "<https://shop.example/u/{token}>"


def test_any_display_name_and_any_password_reaches_the_server_as_it_is(make_flask, authority, setup):
    names = ["=?utf-8?q?no?= word", "Zoë " * 40, "a, b; <c>@d (e)", 'x" <evil@x.example>', "\\", "."]
    passwords = [NASTY_PASSWORD]
    text = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=80)

    @given(text, st.text(st.characters(codec="ascii", exclude_characters="\x00"), min_size=1, max_size=40))
    def collect(name, password):
        names.append(name)
        passwords.append(password)

    collect()
    names = [name for name in (" ".join(each.split()) for each in (*names[:6], *names[-24:])) if name]
    with open_smtp_server(authority) as server:
        moved = move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS)
        flask = make_flask(moved)
        modules = [f"settings_{number}" for number in range(len(names))]
        for module, name in zip(modules, names, strict=True):
            other = make_flask(with_sender_name(moved, name), folder=module)
            (flask.folder / f"{module}.py").write_text(other.text, encoding="utf-8")
        nobody = {"stream": "codes", "username": "", "password": ""}
        done = flask.send(*({**nobody, "module": module} for module in modules))
    assert done == ["sent"] * len(names)
    assert [message.author[0] for message in server.messages] == names
    assert {message.sender for message in server.messages} == {"no-reply@auth.shop.example"}
    with smtp_server(authority, Tls.STARTTLS, "u", "none of these") as server:
        flask = make_flask(move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS))
        code = """
import json, os, sys
for password in json.loads(sys.argv[1]):
    os.environ["POSTMARK_SERVER_TOKEN"] = password
    sys.modules.pop("flask_mail_settings", None)
    import flask_mail_settings
    from flask import Flask
    from flask_mailman import EmailMessage, Mail
    app = Flask("shop")
    app.config.from_object(flask_mail_settings)
    Mail(app)
    with app.app_context():
        try:
            EmailMessage("hi", "b", to=["you@customer.test"], **flask_mail_settings.mail_stream("codes")).send()
        except Exception as trouble:
            print(trouble)
"""
        used = passwords[:1] + passwords[-12:]
        done = flask.run(code, json.dumps(used))
    assert done.returncode == 0, done.stderr
    assert list(dict.fromkeys(password for _, password in server.logins)) == list(dict.fromkeys(used))


def test_a_change_by_hand_is_the_variable_that_the_file_names(make_flask, authority, setup):
    with fallback_alone(authority, setup) as (moved, server):
        module = make_flask(moved)
        (absent,) = module.send(CODES)
        assert absent.startswith("ConnectionRefusedError")
        change = said_by(module.text)
        assert module.send(CODES, **variables_in(change)) == ["sent"]
    prove(Path(__file__).with_name("by_hand.json"), server, change)
