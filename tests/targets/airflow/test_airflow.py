"""Airflow's own SMTP provider sends with the generated connections."""

import json
import shlex
from pathlib import Path

import pytest
from app_setups import ONE_CLICK, SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only
from by_hand import fallback_alone, prove, said_by, variables_in
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server

from sendspec.model.vocabulary import Tls


def asking(text: str) -> str:
    return text.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [airflow]")


@pytest.fixture
def setup(tmp_path):
    return compile_text(tmp_path / "specs", asking(SPEC))


def test_airflow_sends_over_tls_and_with_login_as_the_stream(make_airflow, authority, setup):
    with (
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as starttls,
        smtp_server(authority, Tls.IMPLICIT, NASTY_PASSWORD, NASTY_PASSWORD) as implicit,
    ):
        setup = move_smtp(setup, "ses-eu", starttls.port, Tls.STARTTLS)
        airflow = make_airflow(move_smtp(setup, "postmark-main", implicit.port, Tls.IMPLICIT))
        done = airflow.send("codes", "codes-fallback")
        assert len(starttls.messages) == len(implicit.messages) == 1, done.stdout + done.stderr
    for message in (starttls.last, implicit.last):
        assert message.over_tls
        assert message.password == NASTY_PASSWORD
        assert message.sender == "no-reply@auth.shop.example"
        assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert starttls.last.user == NASTY_USER
    assert starttls.last.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"
    assert implicit.last.content["X-PM-Message-Stream"] == "codes"


def test_a_relay_gets_mail_in_plain_text_and_without_login(make_airflow, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", asking(THROUGH)), "shop")
        done = make_airflow(move_smtp(setup, "relay", server.port, Tls.NONE)).send("receipts")
        assert server.messages, done.stdout + done.stderr
    assert not server.last.over_tls
    assert server.logins == []
    assert server.last.sender == "receipts@mail.shop.example"
    assert "X-PM-Message-Stream" not in server.last.content


def test_what_is_wrong_with_a_server_ends_the_task_and_sends_nothing_twice(make_airflow, authority, setup):
    asked: list[str] = []

    def refuse(phase: str) -> str | None:
        asked.append(phase)
        return "550 5.1.1 no such user" if phase == "RCPT" else None

    with (
        smtp_server(authority, Tls.NONE, NASTY_PASSWORD, NASTY_PASSWORD) as plain,
        smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as refusing,
    ):
        refusing.answer = refuse
        setup = move_smtp(setup, "postmark-main", plain.port, Tls.STARTTLS)
        done = make_airflow(move_smtp(setup, "ses-eu", refusing.port, Tls.STARTTLS)).send("codes", "codes-fallback")
    assert "codes SMTPNotSupportedError STARTTLS extension not supported" in done.stdout
    assert (plain.logins, plain.messages) == ([], [])
    assert "codes-fallback SMTPRecipientsRefused" in done.stdout
    assert asked.count("RCPT") == 1


def test_a_server_without_a_trusted_certificate_gets_no_login(make_airflow, authority, setup, tmp_path):
    (tmp_path / "nobody.pem").write_text("")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        moved = move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS)
        done = make_airflow(moved, tmp_path / "nobody.pem").send("codes-fallback")
    assert "CERTIFICATE_VERIFY_FAILED" in done.stdout
    assert server.logins == []


def test_the_smoke_test_in_the_header_sends(make_airflow, authority, setup):
    with smtp_server(authority, Tls.STARTTLS, NASTY_PASSWORD, NASTY_PASSWORD) as server:
        airflow = make_airflow(move_smtp(setup, "postmark-main", server.port, Tls.STARTTLS))
        (line,) = (line for line in airflow.text.splitlines() if line.startswith("# Smoke test: "))
        done = airflow.shell(line.removeprefix("# Smoke test: "))
        assert done.returncode == 0, done.stdout + done.stderr
    assert [address.upper() for address in server.last.recipients] == ["YOU@EXAMPLE.ORG"]


def test_without_a_secret_the_module_stops_and_says_where_it_is_kept(make_airflow, setup):
    done = make_airflow(setup).shell("python mail_connections.py", SES_SMTP_PASSWORD=None)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "SES_SMTP_PASSWORD is not set; its value is kept at aws-sm://prod/ses#password" in done.stderr


def test_dags_can_read_the_module_without_any_secret(make_airflow, setup):
    nothing = dict.fromkeys(("POSTMARK_SERVER_TOKEN", "SES_SMTP_USERNAME", "SES_SMTP_PASSWORD"))
    code = "import mail_connections as m; print(sorted(m.EMAIL), m.EMAIL['codes']['max_retry_delay'].seconds)"
    done = make_airflow(setup).shell(f"python -c {shlex.quote(code)}", **nothing)
    assert done.stdout.strip() == "['codes', 'codes-fallback'] 8", done.stderr


def test_one_click_headers_are_data_that_dags_can_read(make_airflow, tmp_path):
    airflow = make_airflow(compile_text(tmp_path / "specs", asking(ONE_CLICK)))
    done = airflow.shell("python -c 'import json, mail_connections as m; print(json.dumps(m.UNSUBSCRIBE))'")
    assert json.loads(done.stdout)["news"]["List-Unsubscribe"] == "<https://shop.example/u/{token}>"


def test_any_secret_gets_through_the_shell_as_it_is(make_airflow, setup):
    texts: list[str] = [NASTY_PASSWORD]

    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20))
    def collect(text):
        texts.append(text)

    collect()
    code = "import json, os; print(json.dumps(json.loads(os.environ['AIRFLOW_CONN_MAIL_CODES_FALLBACK'])['password']))"
    command = f'eval "$(python -S mail_connections.py)" && python -S -c {shlex.quote(code)}'
    airflow = make_airflow(setup)
    for text in (NASTY_PASSWORD, *texts[-8:]):
        done = airflow.shell(command, SES_SMTP_PASSWORD=text)
        assert json.loads(done.stdout) == text, done.stderr


def test_a_change_by_hand_is_the_variable_that_the_file_names(make_airflow, authority, setup):
    with fallback_alone(authority, setup) as (moved, server):
        airflow = make_airflow(moved)
        (line,) = (line for line in airflow.text.splitlines() if line.startswith("# Smoke test: "))
        command = line.removeprefix("# Smoke test: ")
        assert "ConnectionRefusedError" in airflow.shell(command).stderr
        change = said_by(airflow.text)
        done = airflow.shell(command, **variables_in(change))
        assert done.returncode == 0, done.stdout + done.stderr
    prove(Path(__file__).with_name("by_hand.json"), server, change)
