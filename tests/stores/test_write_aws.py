"""Writing to AWS Secrets Manager and Parameter Store, against moto's server: real HTTP, signed by the real boto3."""

import json
import logging
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from sendspec.model.secret import Secret
from sendspec.stores import aws, aws_ssm
from sendspec.stores.aws_sm import STORE as SM
from sendspec.stores.aws_sm import writing as sm_writing
from sendspec.stores.aws_ssm import STORE as SSM

NEW = 'n3w/sécret"value'
LOGIN = {"username": "AKIAEXAMPLE", "password": "hunter2", "port": 587, "nested": {"a": 1.5}, "yes": True}


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(aws_environment: pytest.MonkeyPatch, moto_url: str, request: pytest.FixtureRequest) -> None:
    """Give a region of its own to each test."""
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "wJalr")
    aws_environment.setenv("AWS_ENDPOINT_URL", moto_url)
    aws_environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    secrets, parameters = boto3.client("secretsmanager"), boto3.client("ssm")
    for secret in secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        secrets.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)
    for parameter in parameters.describe_parameters()["Parameters"]:
        parameters.delete_parameter(Name=parameter["Name"])
    secrets.create_secret(Name="prod/mail/ses", SecretString=json.dumps(LOGIN))
    secrets.create_secret(Name="plain", SecretString="hunter2")


def text_at(name: str, stage: str = "AWSCURRENT") -> str:
    return boto3.client("secretsmanager").get_secret_value(SecretId=name, VersionStage=stage)["SecretString"]


@pytest.mark.usefixtures("account")
def test_one_key_of_a_secret_changes_and_all_others_stay(surroundings):
    assert SM.write("prod/mail/ses#password", Secret(NEW), surroundings) is None
    assert json.loads(text_at("prod/mail/ses")) == {**LOGIN, "password": NEW}
    assert json.loads(text_at("prod/mail/ses", "AWSPREVIOUS")) == LOGIN


@pytest.mark.usefixtures("account")
def test_a_key_that_is_not_there_is_added(surroundings):
    assert SM.write("prod/mail/ses#token", Secret(NEW), surroundings) is None
    assert json.loads(text_at("prod/mail/ses")) == {**LOGIN, "token": NEW}


@pytest.mark.usefixtures("account")
def test_no_label_of_ours_is_left_over(surroundings):
    SM.write("prod/mail/ses#password", Secret(NEW), surroundings)
    stages = boto3.client("secretsmanager").describe_secret(SecretId="prod/mail/ses")["VersionIdsToStages"]
    assert sorted(label for labels in stages.values() for label in labels) == ["AWSCURRENT", "AWSPREVIOUS"]


@pytest.mark.usefixtures("account")
def test_a_secret_that_is_one_value_is_replaced(surroundings):
    assert SM.write("plain", Secret(NEW), surroundings) is None
    assert text_at("plain") == NEW


@pytest.mark.parametrize(("reference", "text"), [("new", NEW), ("new#key", json.dumps({"key": NEW}))])
@pytest.mark.usefixtures("account")
def test_a_secret_that_does_not_exist_is_made(surroundings, reference, text):
    assert SM.write(reference, Secret(NEW), surroundings) is None
    found = text_at("new")
    assert found == text or json.loads(found) == json.loads(text)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("prod/mail/ses", "the secret is a JSON object, and the reference names no key in it"),
        ("plain#key", "the secret is no JSON object, so it has no key `key`"),
        ("binary", "the secret is binary"),
        ("gone", "AWS does not give it out: it is marked for deletion, or has no current version"),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_secret_that_does_not_fit_its_reference_is_left_alone(surroundings, unresolved, reference, reason):
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="binary", SecretBinary=b"\x00hunter2")
    secrets.create_secret(Name="gone", SecretString="hunter2")
    secrets.delete_secret(SecretId="gone")
    assert unresolved(SM.write(reference, Secret(NEW), surroundings)).reason == reason
    assert json.loads(text_at("prod/mail/ses")) == LOGIN
    assert text_at("plain") == "hunter2"


def meanwhile(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let somebody else set a key after every look at the secret, so many times."""
    left = [times]

    def call(service, operation, permission, **arguments):
        answer = aws.call(service, operation, permission, **arguments)
        if operation == "get_secret_value" and left[0]:
            left[0] -= 1
            others = {**json.loads(text_at("prod/mail/ses")), f"other{left[0]}": "theirs"}
            boto3.client("secretsmanager").put_secret_value(SecretId="prod/mail/ses", SecretString=json.dumps(others))
        return answer

    monkeypatch.setattr(sm_writing, "call", call)


@pytest.mark.usefixtures("account")
def test_a_key_that_somebody_else_sets_at_the_same_time_is_not_lost(surroundings, monkeypatch):
    meanwhile(monkeypatch, 2)
    assert SM.write("prod/mail/ses#password", Secret(NEW), surroundings) is None
    assert json.loads(text_at("prod/mail/ses")) == {**LOGIN, "other1": "theirs", "other0": "theirs", "password": NEW}


@pytest.mark.usefixtures("account")
def test_a_secret_that_others_write_all_the_time_is_given_up(surroundings, unresolved, monkeypatch):
    meanwhile(monkeypatch, 99)
    found = unresolved(SM.write("prod/mail/ses#password", Secret(NEW), surroundings))
    assert "all the time" in found.reason
    assert json.loads(text_at("prod/mail/ses"))["password"] == "hunter2"


@pytest.mark.usefixtures("account")
def test_a_parameter_that_does_not_exist_is_made_encrypted(surroundings):
    assert SSM.write("/prod/new", Secret(NEW), surroundings) is None
    (parameter,) = boto3.client("ssm").describe_parameters()["Parameters"]
    assert parameter["Type"] == "SecureString"


@pytest.mark.usefixtures("account")
def test_a_parameter_keeps_its_key_tier_and_description(surroundings):
    ssm = boto3.client("ssm")
    key = "alias/mail"
    ssm.put_parameter(
        Name="/prod/key", Value="hunter2", Type="SecureString", KeyId=key, Tier="Advanced", Description="ours"
    )
    assert SSM.write("/prod/key", Secret(NEW), surroundings) is None
    (parameter,) = ssm.describe_parameters()["Parameters"]
    assert (parameter["KeyId"], parameter["Tier"], parameter["Description"]) == (key, "Advanced", "ours")
    assert ssm.get_parameter(Name="/prod/key", WithDecryption=True)["Parameter"]["Value"] == NEW


@pytest.mark.usefixtures("account")
def test_what_a_parameter_keeps_is_said_in_the_request_because_aws_would_take_its_own_key(surroundings, monkeypatch):
    boto3.client("ssm").put_parameter(Name="/prod/key", Value="hunter2", Type="SecureString", KeyId="alias/mail")
    sent = {}

    def ask(service, operation, permission, **arguments):
        sent[operation] = arguments
        return aws.ask(service, operation, permission, **arguments)

    monkeypatch.setattr(aws_ssm, "ask", ask)
    assert SSM.write("/prod/key", Secret(NEW), surroundings) is None
    assert (sent["put_parameter"]["KeyId"], sent["put_parameter"]["Overwrite"]) == ("alias/mail", True)


@pytest.mark.usefixtures("account")
def test_a_parameter_in_plain_text_is_left_alone(surroundings, unresolved):
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name="/prod/plain", Value="hunter2", Type="String")
    assert "in plain text" in unresolved(SSM.write("/prod/plain", Secret(NEW), surroundings)).reason
    assert ssm.get_parameter(Name="/prod/plain")["Parameter"]["Value"] == "hunter2"


@pytest.mark.parametrize(("store", "reference"), [(SM, "plain"), (SM, "prod/mail/ses#password"), (SSM, "/prod/new")])
@pytest.mark.usefixtures("account")
def test_the_log_of_botocore_does_not_show_what_is_written(surroundings, caplog, store, reference):
    with caplog.at_level(logging.DEBUG):
        assert store.write(reference, Secret(NEW), surroundings) is None
    assert "n3w" not in caplog.text


@pytest.mark.parametrize(("store", "reference"), [(SM, ""), (SSM, "")])
@pytest.mark.usefixtures("account")
def test_what_the_client_of_aws_refuses_is_told_without_the_value(surroundings, unresolved, store, reference):
    assert "n3w" not in repr(unresolved(store.write(reference, Secret(NEW), surroundings)))


@pytest.mark.usefixtures("account")
def test_both_halves_of_a_login_become_current_in_one_version(surroundings):
    values = {"prod/mail/ses#username": Secret("AKIANEW"), "prod/mail/ses#password": Secret(NEW)}
    assert SM.write_all(values, surroundings) is None
    assert json.loads(text_at("prod/mail/ses")) == {**LOGIN, "username": "AKIANEW", "password": NEW}
    assert json.loads(text_at("prod/mail/ses", "AWSPREVIOUS")) == LOGIN
