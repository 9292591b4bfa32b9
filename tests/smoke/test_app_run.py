"""The app's own command: what it gets, what it must not get, and how it is ended."""

import asyncio
import json
import os
import sys
import textwrap
import time
from pathlib import Path

import pytest
from https_peers import always
from smoke_posts import CERTIFICATE_URL, Sns, free_port, post, postmark, ses_record
from smoke_world import (
    AUTHORITY,
    MESSAGE_ID,
    POSTMARK_API,
    POSTMARK_SMTP,
    SECRETS,
    SES_SMTP,
    compiled,
    plan,
    postmark_events,
    run,
    world,
)
from smtp_peers import KnownSecrets

from sendspec.model.smoke import End
from sendspec.smoke.findings import observations

SENDER = """
    import os, smtplib, ssl, sys

    class Smtp(smtplib.SMTP):
        def _get_socket(self, host, port, timeout):  # the name is what the certificate is for; the port is the test's
            return super()._get_socket("127.0.0.1", int(os.environ["TEST_PORT"]), timeout)

    env, prefix = os.environ, f"MAIL_CODES_{sys.argv[3]}_"
    host = env[prefix + "HOST"]
    with Smtp(host, int(env[prefix + "PORT"]), timeout=10) as smtp:
        assert env[prefix + "TLS"] == "starttls"
        smtp.starttls(context=ssl.create_default_context())
        smtp.login(env[env[prefix + "USER_ENV"]], env[env[prefix + "PASSWORD_ENV"]])
        message = f"From: {env['MAIL_CODES_FROM']}\\r\\nTo: {sys.argv[1]}\\r\\nSubject: {sys.argv[2]}\\r\\n\\r\\nhello\\r\\n"
        smtp.sendmail("no-reply@auth.shop.example", [env["SENDSPEC_SMOKE_TO"]], message)
    print("sent", env["SENDSPEC_SMOKE_MARKER"])
"""


def script(folder: Path, text: str) -> str:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return str(path)


def smoke_app(
    tmp_path, text, *arguments, wait_seconds=10.0, surroundings=None, secrets=None, beside=None, sites=None, **choices
):
    """Run a script as the app's smoke test; give the run and the world's servers."""
    command = [sys.executable, script(tmp_path, text), *arguments]
    setup = compiled(tmp_path / "specs", command).setup

    async def work():
        known = {POSTMARK_API: postmark_events("Delivered")} if sites is None else sites
        async with world(setup, secrets=secrets, sites=known) as there:
            planned = plan(setup, "codes", tmp_path, wait_seconds=wait_seconds, **choices)
            given = {"PATH": os.environ["PATH"], "CANARY": "in the shell", **(surroundings or {})}
            given["TEST_PORT"] = str(there.net.dial("192.0.2.1", 587)[1])
            side = asyncio.create_task(beside(planned, there)) if beside else None
            smoke = await there.smoke(planned, given)
            if side is not None:
                await side
            return smoke, there.smtp

    return run(work())


def kinds(smoke):
    return [seen.kind.id for seen in observations(smoke)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Give a process that does not want to end less time than a user would."""
    monkeypatch.setattr("sendspec.smoke.app_run.GRACE_SECONDS", 0.4)


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return str(path)


def test_a_real_script_sends_with_what_it_was_given_and_its_event_comes_back(tmp_path, authority):
    port = free_port()

    async def beside(planned, there):
        while not there.smtp[POSTMARK_SMTP].received:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.05)
        await post(port, postmark(planned.marker))

    smoke, smtp = smoke_app(
        tmp_path, SENDER, "{to}", "{subject}", "PRIMARY",
        surroundings={"SSL_CERT_FILE": authority}, passed_on=("TEST_PORT",), listen=("127.0.0.1", port), beside=beside,
    )  # fmt: skip
    assert smoke.app_run.failed == ""
    (message,) = smtp[POSTMARK_SMTP].received
    assert message.recipients == (smoke.plan.recipient,)
    assert smoke.plan.marker.encode() in message.content
    assert smoke.app_run.output == f"sent {smoke.plan.marker}\n"
    assert smoke.is_through
    assert kinds(smoke) == []


def test_posts_that_hold_no_marker_are_recognised_by_the_id_that_the_esp_tells(tmp_path):
    port = free_port()
    body = json.dumps({"RecordType": "Delivery", "MessageID": MESSAGE_ID, "Recipient": "x"}).encode()

    async def beside(_planned, _there):
        await post(port, body.replace(MESSAGE_ID.encode(), b"another-id-0000"))
        await post(port, body)

    smoke, _ = smoke_app(tmp_path, "print('sent')", listen=("127.0.0.1", port), beside=beside)
    assert smoke.is_through
    assert smoke.event.by == "posted here"


def test_without_a_way_to_learn_the_id_a_missing_event_is_unknown(tmp_path):
    smoke, _ = smoke_app(
        tmp_path,
        "print('sent')",
        wait_seconds=1.0,
        listen=("127.0.0.1", free_port()),
        sites={POSTMARK_API: always(401)},
    )
    assert smoke.event.end is End.UNKNOWN
    assert "messages API: it answers 401" in smoke.event.missing


def test_an_app_whose_message_comes_back_from_the_fallback_has_a_broken_primary(tmp_path):
    port, sns = free_port(), Sns()

    async def beside(planned, _there):
        await post(port, sns.notification(ses_record(planned.marker)))

    host = CERTIFICATE_URL.split("/")[2]
    smoke, _ = smoke_app(
        tmp_path, "print('sent')", listen=("127.0.0.1", port), beside=beside, sites={host: always(200, sns.pem)}
    )  # fmt: skip
    assert smoke.event.end is End.GOOD
    assert smoke.is_by_fallback
    assert not smoke.is_through
    assert kinds(smoke) == ["live-smoke-app-used-fallback"]


def test_it_gets_its_variables_and_nothing_else_of_the_shell(tmp_path):
    smoke, _ = smoke_app(tmp_path, "import os; print(sorted(os.environ))")
    names = smoke.app_run.output
    assert "'CANARY'" not in names
    for name in ("PATH", "MAIL_CODES_PRIMARY_HOST", "POSTMARK_SERVER_TOKEN", "SES_SMTP_PASSWORD", "SENDSPEC_SMOKE_TO"):
        assert f"'{name}'" in names
    smoke, _ = smoke_app(tmp_path, "import os; print(os.environ['CANARY'])", passed_on=("CANARY",))
    assert smoke.app_run.output == "in the shell\n"


def test_it_runs_in_its_folder_without_input(tmp_path):
    smoke, _ = smoke_app(tmp_path, "import os, sys; print(os.getcwd(), repr(sys.stdin.read()))")
    assert smoke.app_run.output == f"{tmp_path} ''\n"


def test_no_shell_sees_its_arguments(tmp_path):
    smoke, _ = smoke_app(tmp_path, "import sys; print(sys.argv[1:])", "$(id)", "`id`; id", "{to}")
    assert smoke.app_run.output == f"{['$(id)', '`id`; id', smoke.plan.recipient]}\n"


def test_what_an_app_prints_shows_no_secret(tmp_path):
    class Veiled(KnownSecrets):
        def hide(self, text):
            from sendspec.stores.hiding import Veil

            veil = Veil()
            for value in self.values.values():
                veil.add(value)
            return veil.hide(text)

    text = """
        import base64, os
        for value in (os.environ["SES_SMTP_PASSWORD"], os.environ["POSTMARK_SERVER_TOKEN"]):
            print("password is", value, base64.b64encode(f"\\0user\\0{value}".encode()).decode())
        raise SystemExit("failed with " + value)
    """
    smoke, _ = smoke_app(tmp_path, text, secrets=Veiled(SECRETS))
    said = [smoke.app_run.output, *(f"{seen.message}{seen.seen}" for seen in observations(smoke))]
    for value in SECRETS.values():
        assert not any(value in text for text in said)
    assert "password is …" in smoke.app_run.output


def test_a_cut_through_a_secret_shows_no_part_of_it(tmp_path):
    text = """
        import os
        secret = os.environ["SES_SMTP_PASSWORD"]
        print("x" * 100_000 + secret * 1600, end="")
    """
    smoke, _ = smoke_app(tmp_path, text, secrets=KnownSecrets(SECRETS))
    assert smoke.app_run.is_cut
    secret = SECRETS["ses-eu.smtp_password"]
    assert secret[-8:] not in smoke.app_run.output


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("raise SystemExit(3)", "it ended with exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "it was ended by SIGSEGV"),
    ],
)
def test_its_exit_code_decides(tmp_path, text, failed):
    smoke, _ = smoke_app(tmp_path, text)
    assert smoke.app_run.failed == failed
    assert smoke.event is None
    assert kinds(smoke) == ["live-smoke-app-failed"]


def test_an_app_that_hangs_is_stopped_with_its_children(tmp_path):
    child = tmp_path / "child"
    text = f"""
        import signal, subprocess, sys, time
        code = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " \\
               "open({str(child)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
        subprocess.Popen([sys.executable, "-c", code])
        print("started", flush=True)
        time.sleep(600)
    """
    began = time.monotonic()
    smoke, _ = smoke_app(tmp_path, text, wait_seconds=1.5)
    assert time.monotonic() - began < 30
    assert smoke.app_run.end is End.FAILED
    assert smoke.app_run.failed == "it did not end within 1.5 s"
    assert "started" in smoke.app_run.output
    assert kinds(smoke) == ["live-smoke-app-hangs"]
    assert not is_running(int(child.read_text(encoding="utf-8")))


def is_running(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_child_that_holds_the_output_open_does_not_hold_the_run(tmp_path):
    text = """
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("done")
    """
    began = time.monotonic()
    smoke, _ = smoke_app(tmp_path, text, wait_seconds=60.0)
    assert smoke.app_run.end is End.GOOD
    assert smoke.app_run.output == "done\n"
    assert time.monotonic() - began < 90


def test_output_without_end_is_cut_and_stopped(tmp_path):
    smoke, _ = smoke_app(tmp_path, "import sys\nwhile True: sys.stdout.write('x' * 65536)", wait_seconds=60.0)
    assert smoke.app_run.failed == "it wrote more than 50 MB"
    assert len(smoke.app_run.output) <= 65_536
    assert kinds(smoke) == ["live-smoke-app-floods"]


def test_a_command_that_is_not_there_is_named(tmp_path):
    setup = compiled(tmp_path / "specs", ["no-such-program", "{to}"]).setup

    async def work():
        async with world(setup) as there:
            return await there.smoke(plan(setup, "codes", tmp_path), {"PATH": os.environ["PATH"]})

    smoke = run(work())
    assert "no-such-program cannot be started" in smoke.app_run.failed
    assert kinds(smoke) == ["live-smoke-app-not-started"]


def test_without_its_credential_it_does_not_run(tmp_path):
    known = {name: value for name, value in SECRETS.items() if name != "postmark-main.server_token"}
    smoke, _ = smoke_app(tmp_path, "print('sent')", secrets=KnownSecrets(known))
    assert smoke.app_run.end is End.UNKNOWN
    assert smoke.app_run.output == ""
    (seen,) = observations(smoke)
    assert (seen.kind.id, seen.is_unknown) == ("live-smoke-no-credential", True)


def test_an_app_path_may_leave_by_each_of_its_routes(tmp_path):
    setup = compiled(tmp_path / "specs", ["true"]).setup
    planned = plan(setup, "codes", tmp_path)
    assert [step.route.endpoint.host for step in planned.routes] == [POSTMARK_SMTP, SES_SMTP]
