"""The ESPs' own SDKs send with the generated modules and read the generated env file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from app_setups import ENVIRONMENTS, ONE_CLICK, SENDER_NAME, SPEC, THROUGH, compile_text, only, write_files
from by_hand import said_by, variables_in
from env_readers import DOTENV_READERS, NODE, TOOLS, run, some_values
from failover_table import compare_golden

from sendspec.rehearse.https_server import Misbehaviour
from sendspec.targets.sdk_env.literals import javascript, python

ALL = ("news", "receipts", "receipts-fallback")
NAME = json.dumps(SENDER_NAME)
NASTY = SPEC.replace(
    "from: Shop <receipts@mail.shop.example>", f"from: {{name: {NAME}, address: receipts@mail.shop.example}}"
).replace("from: Shop <hello@news.shop.example>", f"from: {{name: {NAME}, address: hello@news.shop.example}}")
languages = pytest.mark.parametrize("language", ["python", "node"])


def bodies(server):
    return {call.path: json.loads(call.body) for call in server.calls}


@languages
def test_every_sdk_sends_over_tls_as_the_stream_to_the_host_of_the_region(make_sdks, language):
    sdks = make_sdks(NASTY)
    outcomes = sdks.send(language, *ALL)
    assert {name: outcome for name, (outcome, _) in outcomes.items()} == dict.fromkeys(ALL, "taken"), outcomes
    told = bodies(sdks.server)
    assert told["/email"]["MessageStream"] == "receipts"
    assert told["/email"]["From"].endswith("<receipts@mail.shop.example>")
    news = told["/v3/mail/send"]
    assert news["from"] == {"email": "hello@news.shop.example", "name": SENDER_NAME}
    assert news["categories"] == ["news"]
    assert news["tracking_settings"]["click_tracking"]["enable"] is False
    ses = told["/v2/email/outbound-emails"]
    assert ses["ConfigurationSetName"] == "ses-eu-receipts"
    assert ses["FromEmailAddress"].isascii()


@languages
@pytest.mark.parametrize("fault", [500, Misbehaviour.RESET, Misbehaviour.HANG])
def test_every_sdk_tries_once_and_gives_up_in_time(make_sdks, language, fault):
    sdks = make_sdks()
    if isinstance(fault, int):
        kinds = {"api.postmarkapp.com": "postmark", "api.eu.sendgrid.com": "sendgrid"}
        sdks.fault = lambda call: sdks.world.stand_ins[kinds.get(call.host, "ses")].fault(fault)
        outcomes = sdks.send(language, *ALL)
    else:
        outcomes = sdks.send(language, *ALL, before=lambda server: server.misbehaviours.update(localhost=fault))
    assert {name: outcome for name, (outcome, _) in outcomes.items()} == dict.fromkeys(ALL, "failed"), outcomes
    assert sorted(call.path for call in sdks.server.calls) == ["/email", "/v2/email/outbound-emails", "/v3/mail/send"]


@languages
def test_a_server_that_nobody_vouches_for_gets_no_key(make_sdks, language):
    sdks = make_sdks()
    outcomes = sdks.send(language, *ALL, NODE_EXTRA_CA_CERTS=None, SSL_CERT_FILE=None, AWS_CA_BUNDLE=None)
    assert {name: outcome for name, (outcome, _) in outcomes.items()} == dict.fromkeys(ALL, "failed")
    assert sdks.server.calls == []


@languages
def test_without_a_secret_a_client_is_not_made_and_says_where_it_is_kept(make_sdks, language):
    outcomes = make_sdks().send(language, "receipts", POSTMARK_SERVER_TOKEN=None)
    outcome, said = outcomes["receipts"]
    assert outcome == "failed"
    assert "POSTMARK_SERVER_TOKEN is not set; its value is kept at op://mail/postmark/token" in said


def test_the_env_file_names_the_region_for_every_sdk_and_no_secret(tmp_path):
    setup = compile_text(tmp_path / "specs", SPEC.replace("[dotenv", "[sdk-env"))
    file = write_files(setup, "sdk-env", tmp_path) / "mail.sdk.env"
    for reader in ("python-dotenv", "node-env-file", "bash"):
        found = DOTENV_READERS[reader](file)
        assert (found["AWS_REGION"], found["AWS_DEFAULT_REGION"]) == ("eu-west-1", "eu-west-1")
        assert (found["AWS_MAX_ATTEMPTS"], found["AWS_RETRY_MODE"]) == ("1", "standard")
        assert not {"POSTMARK_SERVER_TOKEN", "SENDGRID_API_KEY", "SES_SMTP_PASSWORD"} & set(found)
    assert "# POSTMARK_SERVER_TOKEN: secret, kept at op://mail/postmark/token;" in file.read_text()


def test_boto3_takes_region_and_tries_from_the_env_file_alone(tmp_path):
    setup = compile_text(tmp_path / "specs", SPEC.replace("[dotenv", "[sdk-env"))
    folder = write_files(setup, "sdk-env", tmp_path)
    code = "import boto3; c = boto3.client('sesv2'); print(c.meta.region_name, c.meta.config.retries['total_max_attempts'])"
    script = f'set -a; . ./mail.sdk.env; exec {sys.executable} -c "{code}"'
    done = subprocess.run(["sh", "-c", script], cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["eu-west-1", "1"], done.stderr


def test_a_second_region_is_said_to_be_the_modules_affair(tmp_path):
    text = SPEC.replace(
        "  postmark-main:\n    kind: postmark\n",
        "  ses-us: {kind: ses, settings: {region: us-east-1}}\n  postmark-main:\n    kind: postmark\n",
        1,
    ).replace("{role: primary, via: api, esp: postmark-main}", "{role: primary, via: api, esp: ses-us}")
    setup = compile_text(tmp_path / "specs", text.replace("[dotenv", "[sdk-env"))
    folder = write_files(setup, "sdk-env", tmp_path)
    text = (folder / "mail.sdk.env").read_text()
    assert "AWS_REGION=us-east-1\n" in text
    assert "AWS_REGION=eu-west-1\n" not in text
    assert "# - AWS_REGION is taken already, for the SDKs of" in text
    assert (folder / "mail_sdk.py").read_text().count('"region_name": ') == 2


def test_a_sandbox_is_asked_for_with_every_message(tmp_path):
    setup = only(compile_text(tmp_path / "specs", ENVIRONMENTS.replace("[dotenv", "[sdk-env")), "shop", "staging")
    folder = write_files(setup, "sdk-env", tmp_path)
    assert '"mail_settings": {"sandbox_mode": {"enable": True}},' in (folder / "mail_sdk.py").read_text()
    assert 'mailSettings: {"sandboxMode": {"enable": true}},' in (folder / "mail_sdk.mjs").read_text()
    assert 'new ServerClient("POSTMARK_API_TEST", ' in (folder / "mail_sdk.mjs").read_text()
    assert "MAIL_RECEIPTS_PRIMARY_API_KEY=POSTMARK_API_TEST\n" in (folder / "mail.sdk.env").read_text()


def test_an_app_behind_a_relay_has_no_clients(tmp_path):
    setup = only(compile_text(tmp_path / "specs", THROUGH.replace("[dotenv", "[sdk-env")), "shop")
    folder = write_files(setup, "sdk-env", tmp_path)
    assert [path.name for path in folder.iterdir()] == ["mail.sdk.env"]


def test_one_click_headers_order_and_retries_are_data_that_the_app_can_read(make_sdks):
    sdks = make_sdks(ONE_CLICK)
    code = "import json, mail_sdk as m; print(json.dumps([m.unsubscribe, m.routes, m.retry['receipts']['attempts']]))"
    python_said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=sdks.folder,
        env={"PYTHONPATH": f"{sdks.folder}:{TOOLS}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    unsubscribe, routes, attempts = json.loads(python_said)
    assert unsubscribe["news"]["List-Unsubscribe"] == "<https://shop.example/u/{token}>"
    assert routes["receipts"] == ["receipts", "receipts-fallback"]
    assert attempts == 6


def test_any_text_reads_back_as_itself_in_both_languages(make_sdks):
    texts = [*some_values(), "\u2028", "\u202e", "\x00", "</script>", "${x}", "`", "𝒳", "\U000e0001"]
    sdks = make_sdks()
    folder = sdks.folder
    (folder / "texts.py").write_text(f"texts = {python(tuple(texts))}\n", encoding="utf-8")
    (folder / "texts.mjs").write_text(f"console.log(JSON.stringify({javascript(tuple(texts))}))\n", encoding="utf-8")
    assert json.loads(run(NODE, "texts.mjs", folder=folder)) == texts
    assert (
        json.loads(run(sys.executable, "-c", "import json, texts; print(json.dumps(texts.texts))", folder=folder))
        == texts
    )
    assert all(character.isprintable() for text in texts for character in python(text) + javascript(text))


@languages
def test_a_change_by_hand_is_the_variable_that_the_files_name(make_sdks, language):
    sdks = make_sdks()
    sdks.fault = lambda call: (
        sdks.world.stand_ins["postmark"].fault(500) if "postmark" in call.host else sdks.world.sites[call.host](call)
    )
    change = said_by((sdks.folder / ("mail_sdk.py" if language == "python" else "mail_sdk.mjs")).read_text())
    assert {name: outcome for name, (outcome, _) in sdks.send(language, "stream:receipts").items()} == {
        "receipts": "failed"
    }
    assert sdks.send(language, "stream:receipts", **variables_in(change))["receipts-fallback"][0] == "taken"
    told = bodies(sdks.server)["/v2/email/outbound-emails"]
    assert (told["ConfigurationSetName"], told["FromEmailAddress"]) == (
        "ses-eu-receipts",
        "Shop <receipts@mail.shop.example>",
    )
    row = {"change": change, "delivered_by": "fallback", "stream_header": True}
    compare_golden(Path(__file__).with_name("by_hand.json"), [row])
