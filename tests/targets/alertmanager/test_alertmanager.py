"""Alertmanager itself loads the generated receivers and mails alerts through them."""

import email.header
import email.utils
import http.client
import shlex
import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from alertmanager_peers import alertmanager, offer_plain_alone
from app_setups import SENDER_NAME, SPEC, THROUGH, compile_text, move_smtp, only, without_login
from by_hand import prove, said_by
from hypothesis import given
from hypothesis import strategies as st
from mail_servers import NASTY_PASSWORD, NASTY_USER, open_smtp_server, smtp_server
from port_465 import port_465
from prometheus_peers import eventually

from sendspec.model.stream import Mailbox
from sendspec.model.vocabulary import Tls
from sendspec.targets.alertmanager.quoting import templated
from sendspec.targets.alertmanager.render import leaves_out
from sendspec.targets.mail_text import ascii_mailbox

SPEC_OF_ALERTS = SPEC.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [alertmanager]")
THROUGH_A_RELAY = THROUGH.replace("targets: [dotenv, django, nodemailer, postfix]", "targets: [alertmanager]")


def test_alerts_are_mailed_over_starttls_with_login_as_the_stream(run, authority, tmp_path):
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = compile_text(tmp_path / "specs", SPEC_OF_ALERTS)
        with run(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS), "codes-fallback") as running:
            running.fire(alertname="smoke_test")
            assert eventually(lambda: server.messages), running.log.read_text()
    message = server.last
    assert message.over_tls
    assert (message.user, message.password) == (NASTY_USER, NASTY_PASSWORD)
    assert message.recipients == ("you@customer.test",)
    assert message.sender == "no-reply@auth.shop.example"
    assert message.author == (SENDER_NAME, "no-reply@auth.shop.example")
    assert message.content["X-SES-CONFIGURATION-SET"] == "ses-eu-codes"


def test_port_465_speaks_tls_from_the_first_byte(run, authority, tmp_path):
    with smtp_server(authority, Tls.IMPLICIT, NASTY_USER, NASTY_PASSWORD) as server, port_465(server.port):
        setup = compile_text(tmp_path / "specs", SPEC_OF_ALERTS)
        with run(move_smtp(setup, "ses-eu", 465, Tls.IMPLICIT), "codes-fallback") as running:
            running.fire(alertname="smoke_test")
            assert eventually(lambda: server.messages), running.log.read_text()
    assert server.last.over_tls
    assert (server.last.user, server.last.password) == (NASTY_USER, NASTY_PASSWORD)


def test_implicit_tls_at_another_port_is_not_written(make_folder, tmp_path):
    setup = move_smtp(compile_text(tmp_path / "specs", SPEC_OF_ALERTS), "ses-eu", 2465, Tls.IMPLICIT)
    text = make_folder(setup).text
    assert "localhost:2465" not in text
    assert "codes-fallback (ses-eu) is not written" in text


def test_a_relay_gets_mail_in_plain_text_and_without_login(run, authority, tmp_path):
    with open_smtp_server(authority) as server:
        setup = only(compile_text(tmp_path / "specs", THROUGH_A_RELAY), "shop")
        with run(move_smtp(setup, "relay", server.port, Tls.NONE), "codes") as running:
            running.fire(alertname="smoke_test")
            assert eventually(lambda: server.messages), running.log.read_text()
    assert not server.last.over_tls
    assert server.logins == []
    assert server.last.sender == "no-reply@auth.shop.example"
    assert "X-PM-Message-Stream" not in server.last.content


def test_a_server_without_starttls_gets_neither_login_nor_mail(run, authority, tmp_path):
    with smtp_server(authority, Tls.NONE, NASTY_USER, NASTY_PASSWORD) as server:
        setup = compile_text(tmp_path / "specs", SPEC_OF_ALERTS)
        with run(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS), "codes-fallback") as running:
            running.fire(alertname="smoke_test")
            assert running.says("does not advertise the STARTTLS extension")
    assert (server.logins, server.messages) == ([], [])


def test_a_server_without_a_trusted_certificate_gets_no_login(run, authority, tmp_path):
    nobody = tmp_path / "nobody.pem"
    nobody.write_text("")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = compile_text(tmp_path / "specs", SPEC_OF_ALERTS)
        with run(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS), "codes-fallback", nobody) as running:
            running.fire(alertname="smoke_test")
            assert running.says("certificate signed by unknown authority")
    assert server.logins == []


def test_a_refused_recipient_is_tried_again_as_the_file_says(run, authority, tmp_path):
    asked: list[str] = []

    def refuse(phase: str) -> str | None:
        asked.append(phase)
        return "550 5.1.1 no such user" if phase == "RCPT" else None

    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        server.answer = refuse
        setup = compile_text(tmp_path / "specs", SPEC_OF_ALERTS)
        with run(move_smtp(setup, "ses-eu", server.port, Tls.STARTTLS), "codes-fallback") as running:
            running.fire(alertname="smoke_test")
            assert eventually(lambda: asked.count("RCPT") > 1), running.log.read_text()
    assert server.messages == []


def test_the_smoke_test_in_the_header_sends(run, make_folder, find_tool, authority, tmp_path):
    find_tool("amtool")
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", SPEC_OF_ALERTS), "ses-eu", server.port, Tls.STARTTLS)
        text = make_folder(setup).text
        (line,) = (line for line in text.splitlines() if line.startswith("# Smoke test: "))
        with run(setup, "codes-fallback") as running:
            command = line.removeprefix("# Smoke test: ").replace("localhost:9093", f"127.0.0.1:{running.port}")
            done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False, timeout=30)
            assert done.returncode == 0, done.stderr
            assert eventually(lambda: server.messages), running.log.read_text()
    assert "smoke_test" in server.last.content["Subject"]


def test_amtool_accepts_the_file_as_it_is_and_finished(make_folder, find_tool, tmp_path):
    folder = make_folder(compile_text(tmp_path / "specs", SPEC_OF_ALERTS))
    assert folder.fill().returncode == 0
    for file in (folder.generated / "alertmanager.yml", folder.configuration):
        done = subprocess.run(
            [find_tool("amtool"), "check-config", str(file)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "2 receivers" in done.stdout


def test_secrets_reach_the_finished_files_as_they_are_for_their_owner_alone(make_folder, tmp_path):
    folder = make_folder(compile_text(tmp_path / "specs", SPEC_OF_ALERTS))
    done = folder.fill()
    assert (done.returncode, done.stdout) == (0, "")
    receivers = {
        found["name"]: found["email_configs"][0] for found in read(folder.configuration.read_text())["receivers"]
    }
    assert receivers["codes"]["auth_username"] == NASTY_PASSWORD
    assert receivers["codes-fallback"]["auth_username"] == NASTY_USER
    for receiver in receivers.values():
        password_file = Path(receiver["auth_password_file"])
        assert password_file.is_absolute()
        assert password_file.read_text() == NASTY_PASSWORD
        assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.configuration.stat().st_mode) == 0o600


@pytest.mark.parametrize("value", [None, "", "two\nlines", " blank"])
def test_the_script_refuses_a_secret_that_is_missing_or_cannot_be_said_and_names_where_it_is_kept(
    make_folder, tmp_path, value
):
    folder = make_folder(compile_text(tmp_path / "specs", SPEC_OF_ALERTS))
    done = folder.fill(SES_SMTP_PASSWORD=value)
    assert done.returncode == 1
    assert "SES_SMTP_PASSWORD" in done.stderr
    assert not folder.configuration.exists()


def test_the_change_by_hand_that_the_file_names_sends_alerts_to_the_fallback(
    find_tool, make_folder, authority, tmp_path, monkeypatch
):
    """The words of the file: the script with its variable, and the reload, while Alertmanager runs."""
    offer_plain_alone(monkeypatch)
    with smtp_server(authority, Tls.STARTTLS, NASTY_USER, NASTY_PASSWORD) as server:
        setup = move_smtp(compile_text(tmp_path / "specs", SPEC_OF_ALERTS), "ses-eu", server.port, Tls.STARTTLS)
        folder = make_folder(move_smtp(setup, "postmark-main", 1, Tls.STARTTLS))
        words = " ".join(folder.text.replace("\n#", " ").split())
        assert "by hand, without new code: ALERTMANAGER_RECEIVER=codes-fallback for fill-alertmanager.sh" in words
        assert "# curl -X POST http://localhost:9093/-/reload\n" in folder.text
        assert folder.fill().returncode == 0
        assert read(folder.configuration.read_text())["route"] == {"receiver": "codes"}
        with alertmanager(find_tool, folder.configuration, authority.bundle) as running:
            assert folder.fill(ALERTMANAGER_RECEIVER="codes-fallback").returncode == 0
            assert read(folder.configuration.read_text())["route"] == {"receiver": "codes-fallback"}
            folder.at_once("codes-fallback")
            connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
            connection.request("POST", "/-/reload")
            assert connection.getresponse().status == 200
            connection.close()
            running.fire(alertname="by_hand")
            assert eventually(lambda: server.messages), running.log.read_text()
    prove(Path(__file__).with_name("by_hand.json"), server, said_by(folder.text))


def test_a_receiver_that_is_not_there_is_refused_and_own_routes_are_left_alone(make_folder, tmp_path):
    folder = make_folder(compile_text(tmp_path / "specs", SPEC_OF_ALERTS))
    refused = folder.fill(ALERTMANAGER_RECEIVER="x")
    assert (refused.returncode, refused.stderr) == (
        1,
        "fill-alertmanager.sh: ALERTMANAGER_RECEIVER is none of: codes, codes-fallback\n",
    )
    assert not folder.configuration.exists()
    own = 'route:\n  receiver: "codes"\n  routes:\n    - receiver: "codes-fallback"\n'
    generated = folder.generated / "alertmanager.yml"
    generated.write_text(folder.text.replace('route:\n  receiver: "codes"\n', own), encoding="utf-8")
    assert folder.fill().returncode == 0
    assert own in folder.configuration.read_text()


def test_what_alertmanager_does_otherwise_than_the_spec_says_is_declared(tmp_path):
    (app,) = compile_text(tmp_path / "esp", SPEC_OF_ALERTS).apps
    said = [each.reason for each in leaves_out(app) if each.is_left_to_app]
    assert [reason.partition(":")[0] for reason in said] == [
        "no time limits are written",
        "an address that is refused (550) is tried again too, until the group's next notification",
    ]
    app = next(app for app in compile_text(tmp_path / "through", THROUGH_A_RELAY).apps if app.through)
    assert list(leaves_out(app)) == []


def test_a_server_without_login_has_none_in_the_file(make_folder, tmp_path):
    setup = compile_text(tmp_path / "specs", SPEC_OF_ALERTS)
    text = make_folder(without_login(setup, "ses-eu")).text
    receivers = {found["name"]: found["email_configs"][0] for found in read(text)["receivers"]}
    assert not {key for key in receivers["codes-fallback"] if key.startswith("auth")}


def test_any_text_is_a_template_that_gives_the_text_back(find_tool, tmp_path):
    """amtool runs templates as Alertmanager does; every text in one run."""
    texts = ["{{ .Alerts }}", "{{", "{{{", "{{{{", "}}", "{{- x -}}", '{{ "{{" }}', "{{/* c */}}", "{", SENDER_NAME]

    @given(st.text(st.sampled_from('{}"\\-` aé$'), max_size=12))
    def collect(text):
        texts.append(text)

    collect()
    between = "\n---\n"
    template = between.join(read(f"value: {templated(text)}\n")["value"] for text in texts)
    (tmp_path / "none.tmpl").write_text("")
    command = [find_tool("amtool"), "template", "render", f"--template.glob={tmp_path / 'none.tmpl'}"]
    done = subprocess.run(
        [*command, f"--template.text={template}"], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == between.join(texts)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=80))
def test_a_sender_is_ascii_and_reads_back_as_itself(name):
    header = ascii_mailbox(Mailbox(name, "a@shop.example"))
    assert header.isascii()
    shown, address = email.utils.parseaddr(header)
    assert address == "a@shop.example"
    assert decoded(shown) == name


def decoded(text: str) -> str:
    return str(email.header.make_header(email.header.decode_header(text)))


def read(text: str) -> dict:
    return yaml.safe_load(text)
