"""Django itself loads the generated settings and sends with them."""

import json
import shlex
from pathlib import Path

import pytest
from app_setups import (
    ENVIRONMENTS,
    ONE_CLICK,
    ONE_CUSTOMER,
    SENDER_NAME,
    SPEC,
    THROUGH,
    compile_text,
    move_api,
    move_smtp,
    only,
    without_login,
)
from by_hand import fallback_alone, prove, said_by, variables_in
from mail_servers import NASTY_PASSWORD, NASTY_USER, api_server, open_smtp_server, smtp_server

from sendspec.model.vocabulary import Tls


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_django_sends_over_tls_and_with_login_as_the_stream(make_project, authority, tmp_path, tls):
    with smtp_server(authority, tls, NASTY_USER, NASTY_PASSWORD) as server:
        project = make_project(move_smtp(compile_text(tmp_path / "specs"), "ses-eu", server.port, tls))
        done = project.send("codes", "codes-fallback")
        assert (done.returncode, done.stdout.split()[-1:]) == (0, ["1"]), done.stderr
        (message,) = server.messages
    assert message.over_tls
    assert (message.user, message.password) == (NASTY_USER, NASTY_PASSWORD)
    assert message.sender == "no-reply@auth.shop.example"
    assert message.recipients == ("you@customer.test",)
    assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert message.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert message.content["Subject"] == "Grüße"


def test_django_hands_mail_to_a_relay_in_plain_text_and_without_login(make_project, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH), "shop")
        project = make_project(move_smtp(setup, "relay", server.port, Tls.NONE))
        done = project.send("receipts", "receipts", SSL_CERT_FILE="/dev/null")
        assert done.returncode == 0, done.stderr
        (message,) = server.messages
    assert not message.over_tls
    assert server.logins == []
    assert message.sender == "receipts@mail.shop.example"
    assert "X-PM-Message-Stream" not in message.content


def test_in_a_sandbox_anymail_sends_with_the_public_test_token_and_no_secret(make_project, tmp_path):
    with api_server() as server:
        setup = only(compile_text(tmp_path / "specs", ENVIRONMENTS), "shop", "staging")
        project = make_project(setup)
        settings = f"\nANYMAIL = {{**globals().get('ANYMAIL', {{}}), 'POSTMARK_API_URL': '{server.url}/'}}\n"
        secrets = {"STAGING_SES_USERNAME": NASTY_USER, "STAGING_SES_PASSWORD": NASTY_PASSWORD}
        done = project.send("receipts", "receipts", more_settings=settings, POSTMARK_SERVER_TOKEN=None, **secrets)
        assert done.returncode == 0, done.stderr
    (request,) = server.requests
    assert request.headers["X-Postmark-Server-Token"] == "POSTMARK_API_TEST"


def test_one_credential_can_be_user_and_password(make_project, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        project = make_project(move_smtp(compile_text(tmp_path / "specs"), "postmark-main", server.port, Tls.STARTTLS))
        done = project.send("codes", "codes")
        assert done.returncode == 0, done.stderr
    assert server.last.content["X-PM-Message-Stream"] == "codes"


def test_a_server_without_a_trusted_certificate_gets_no_login(make_project, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        project = make_project(move_smtp(compile_text(tmp_path / "specs"), "ses-eu", server.port, Tls.STARTTLS))
        done = project.send("codes", "codes-fallback", SSL_CERT_FILE="/dev/null")
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr
    assert server.logins == []


def test_the_smoke_test_in_the_header_sends_through_the_default(make_project, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        project = make_project(move_smtp(compile_text(tmp_path / "specs"), "postmark-main", server.port, Tls.STARTTLS))
        (line,) = (line for line in project.text.splitlines() if line.startswith("# Smoke test: "))
        words = shlex.split(line.removeprefix("# Smoke test: "))
        assert words[:2] == ["python", "manage.py"]
        done = project.run(*words[2:])
        assert done.returncode == 0, done.stderr
    assert [address.upper() for address in server.last.recipients] == ["YOU@EXAMPLE.ORG"]


def test_mail_that_names_no_mailer_leaves_through_the_first_stream_that_is_not_bulk(make_project, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        project = make_project(move_smtp(compile_text(tmp_path / "specs"), "postmark-main", server.port, Tls.STARTTLS))
        done = project.run("sendtestemail", "you@customer.test")
        assert done.returncode == 0, done.stderr
    assert server.last.sender == "no-reply@auth.shop.example"


def test_a_mailer_of_the_other_tls_mode_stands_beside_the_default(make_project, authority, tmp_path):
    """An option that a named connection leaves out is taken from the default one."""
    setup = move_smtp(compile_text(tmp_path / "specs"), "postmark-main", 1, Tls.IMPLICIT)
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        project = make_project(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS))
        done = project.send("codes", "codes-fallback")
        assert done.returncode == 0, done.stderr
    assert len(server.messages) == 1


def test_a_relay_without_a_login_is_not_given_the_defaults(make_project, authority, tmp_path):
    setup = without_login(compile_text(tmp_path / "specs"), "ses-eu")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        project = make_project(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS))
        assert "Authentication required" in project.send("codes", "codes-fallback").stderr
    assert server.logins == []


def test_anymail_calls_postmark_with_token_stream_and_sender(make_project, tmp_path):
    with api_server() as server:
        project = make_project(compile_text(tmp_path / "specs"))
        redirect = f'ANYMAIL["POSTMARK_API_URL"] = "{server.url}/"\n'
        done = project.send("receipts", "receipts", more_settings=redirect)
        assert done.returncode == 0, done.stderr
        (request,) = server.requests
    assert request.path == "/email"
    assert request.headers["X-Postmark-Server-Token"] == NASTY_PASSWORD
    assert request.body["MessageStream"] == "receipts"
    assert request.body["From"] == "Shop <receipts@mail.shop.example>"


def test_anymail_calls_sendgrid_in_its_region_and_warns_that_it_is_unsupported(make_project, tmp_path):
    with api_server() as server:
        project = make_project(move_api(compile_text(tmp_path / "specs"), "sendgrid-eu", server.url))
        assert "AnymailNotSupportedWarning" in project.send("news", "news").stderr
        assert "AnymailNotSupportedWarning" in project.text
        quiet = "import warnings\nwarnings.filterwarnings('ignore', message='.*SendGrid')\n"
        done = project.send("news", "news", more_settings=quiet)
        assert done.returncode == 0, done.stderr
        (request,) = server.requests
    assert request.path == "/v3/mail/send"
    assert request.headers["Authorization"] == "Bearer SG.not.real"
    assert request.body["from"]["email"] == "hello@news.shop.example"


def test_anymail_calls_ses_with_its_configuration_set(make_project, tmp_path):
    with api_server() as server:
        project = make_project(compile_text(tmp_path / "specs"))
        done = project.send("receipts", "receipts-fallback", AWS_ENDPOINT_URL_SESV2=server.url)
        assert done.returncode == 0, done.stderr
        (request,) = server.requests
    assert request.path == "/v2/email/outbound-emails"
    assert request.body["ConfigurationSetName"] == "ses-eu-receipts"
    assert "/eu-west-1/ses/" in request.headers["Authorization"]


def test_the_sdk_of_ses_tries_once_so_that_only_the_app_decides_about_another_try(make_project, tmp_path):
    with api_server(broken=503) as server:
        project = make_project(compile_text(tmp_path / "specs"))
        done = project.send("receipts", "receipts-fallback", AWS_ENDPOINT_URL_SESV2=server.url)
        assert done.returncode != 0
        assert len(server.requests) == 1


@pytest.mark.parametrize("state", [None, ""])
def test_without_a_secret_django_does_not_start_and_says_where_it_is_kept(make_project, tmp_path, state):
    project = make_project(compile_text(tmp_path / "specs"))
    done = project.run("check", SES_SMTP_PASSWORD=state)
    assert done.returncode != 0
    assert "SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password" in done.stderr


def test_a_route_whose_login_the_spec_does_not_name_is_a_comment_and_the_rest_still_loads(make_project, tmp_path):
    text = SPEC.replace('      smtp_password: {from: "aws-sm://prod/ses#password", env: SES_SMTP_PASSWORD}\n', "")
    project = make_project(compile_text(tmp_path / "specs", text))
    assert "# codes-fallback is not written; pending: the spec does not say where a credential is kept" in project.text
    assert "esps.ses-eu.credentials.smtp_password" in project.text
    done = project.run("check", SES_SMTP_PASSWORD=None)
    assert done.returncode == 0, done.stderr


def test_one_click_headers_are_data_that_the_app_can_read(make_project, tmp_path):
    code = "from django.conf import settings as s; import json; print(json.dumps(s.MAIL_UNSUBSCRIBE))"
    done = make_project(compile_text(tmp_path / "specs", ONE_CLICK)).run("shell", "-c", code)
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "news": {
            "List-Unsubscribe": "<https://shop.example/u/{token}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    }


def test_headers_limits_and_retries_are_data_that_workers_can_read(make_project, tmp_path):
    project = make_project(compile_text(tmp_path / "specs"))
    code = "from django.conf import settings as s; import json; print(json.dumps([s.MAIL_ROUTES, s.MAIL_LIMITS, s.MAIL_RETRY]))"
    done = project.run("shell", "-c", code)
    routes, limits, retry = json.loads(done.stdout.splitlines()[-1])
    assert routes["codes"] == ["codes", "codes-fallback"]
    assert limits["codes"] == {"workers": 1, "per_second": 1, "batch_size": 1, "messages_per_connection": 100}
    assert retry["receipts"]["statuses"]
    assert set(retry["codes"]) == {"attempts", "base_seconds", "cap_seconds"}


def test_limits_say_what_they_were_computed_from(make_project, tmp_path):
    project = make_project(compile_text(tmp_path / "specs"))
    (before, _) = project.text.split('    "codes": {"workers"')
    comment = before.split("MAIL_LIMITS = {")[1].replace("\n    # ", " ")
    assert "peak 3600 an hour = 1.00 a second" in comment
    assert "Little's law" in comment


def test_djangos_own_mail_never_leaves_in_a_customers_name(make_project, tmp_path):
    project = make_project(compile_text(tmp_path / "specs", ONE_CUSTOMER))
    assert "every From known here is a customer's" in project.text
    assert "billing@mail.shop.example" not in project.text
    done = project.run("shell", "-c", "from django.conf import settings as s; print(s.SERVER_EMAIL, s.MAIL_FROM)")
    assert done.stdout.splitlines()[-1] == "root@localhost {}"


def test_the_default_is_a_stream_with_a_from_of_our_own_before_one_of_customers(make_project, tmp_path):
    text = ONE_CUSTOMER.replace("streams: [receipts]", "streams: [receipts, codes]")
    project = make_project(compile_text(tmp_path / "specs", text))
    done = project.run("shell", "-c", "from django.conf import settings as s; print(s.DEFAULT_FROM_EMAIL)")
    assert "no-reply@auth.shop.example" in done.stdout.splitlines()[-1]


def test_a_change_by_hand_is_the_variable_that_the_file_names(make_project, authority, tmp_path):
    with fallback_alone(authority, compile_text(tmp_path / "specs")) as (setup, server):
        project = make_project(setup)
        (line,) = (line for line in project.text.splitlines() if line.startswith("# Smoke test: "))
        words = shlex.split(line.removeprefix("# Smoke test: "))[2:]
        assert "ConnectionRefusedError" in project.run(*words).stderr
        change = said_by(project.text)
        done = project.run(*words, **variables_in(change))
        assert done.returncode == 0, done.stderr
        prove(Path(__file__).with_name("by_hand.json"), server, change)
        code = "from django.core.mail import send_mail; send_mail('s', 'b', None, ['you@customer.test'])"
        assert project.run("shell", "-c", code, **variables_in(change)).returncode == 0
        assert len(server.messages) == 2, "mail that names no mailer goes the same way"
        misspelt = project.run("check", MAIL_ROUTE_CODES="codes-falback").stderr
    assert "MAIL_ROUTE_CODES is codes-falback; it can be codes, codes-fallback" in misspelt
