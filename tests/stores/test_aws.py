"""AWS Secrets Manager and Parameter Store against moto's server: real HTTP, signed by the real boto3."""

import json
import logging
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import pytest
from moto.server import ThreadedMotoServer

from sendspec.stores import aws, aws_sm, aws_ssm

LOGIN = {"username": "AKIAEXAMPLE", "password": "hunter2", "port": 587, "nested": {"a": 1}, "yes": True}


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def ready(aws_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give an environment with credentials and a region, and the endpoint of nobody."""
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "wJalr")
    aws_environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    aws_environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return aws_environment


@pytest.fixture
def account(ready: pytest.MonkeyPatch, moto_url: str) -> None:
    """Fill an account with secrets, and point the environment to it."""
    ready.setenv("AWS_ENDPOINT_URL", moto_url)
    secrets, parameters = boto3.client("secretsmanager"), boto3.client("ssm")
    if secrets.list_secrets()["SecretList"]:
        return
    secrets.create_secret(Name="prod/mail/ses", SecretString=json.dumps(LOGIN))
    secrets.create_secret(Name="plain", SecretString="hunter2")
    secrets.create_secret(Name="list", SecretString='["hunter2"]')
    secrets.create_secret(Name="deep", SecretString="[" * 60_000)
    secrets.create_secret(Name="binary", SecretBinary=b"\x00\x01hunter2")
    secrets.create_secret(Name="gone", SecretString="hunter2")
    secrets.delete_secret(SecretId="gone")
    parameters.put_parameter(Name="/prod/key", Value="hunter2", Type="SecureString")
    parameters.put_parameter(Name="/prod/keys", Value="a,b", Type="StringList")


@pytest.mark.parametrize(
    ("reference", "value"),
    [("prod/mail/ses#password", "hunter2"), ("prod/mail/ses#port", "587"), ("plain", "hunter2")],
)
@pytest.mark.usefixtures("account")
def test_a_secret_or_one_key_of_it_is_given(surroundings, revealed, reference, value):
    assert revealed(aws_sm.STORE.read(reference, surroundings)) == value


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("prod/mail/none", "AWS has no such secret in this region and account"),
        ("prod/mail/ses#nothing", "the secret has no key `nothing`"),
        ("prod/mail/ses#nested", "the key `nested` of the secret holds no text"),
        ("prod/mail/ses#yes", "the key `yes` of the secret holds no text"),
        ("prod/mail/ses", "the secret is a JSON object, and the reference names no key in it"),
        ("plain#password", "the secret is no JSON object, so it has no key `password`"),
        ("list#password", "the secret is no JSON object, so it has no key `password`"),
        ("deep#password", "the secret is no JSON object, so it has no key `password`"),
        ("binary", "the secret is binary"),
        ("gone", "AWS does not give it out: it is marked for deletion, or has no current version"),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_secret_that_cannot_be_had_says_why(surroundings, unresolved, reference, reason):
    found = unresolved(aws_sm.STORE.read(reference, surroundings))
    assert found.reason == reason
    assert "hunter2" not in repr(found)


@pytest.mark.usefixtures("account")
def test_a_parameter_is_given_decrypted(surroundings, revealed):
    assert revealed(aws_ssm.STORE.read("/prod/key", surroundings)) == "hunter2"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/prod/none", "AWS has no such parameter in this region and account"),
        ("/prod/keys", "the parameter is a list"),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_parameter_that_cannot_be_had_says_why(surroundings, unresolved, path, reason):
    assert unresolved(aws_ssm.STORE.read(path, surroundings)).reason == reason


@pytest.mark.usefixtures("account")
def test_the_log_of_botocore_does_not_show_answers(surroundings, caplog):
    with caplog.at_level(logging.DEBUG):
        aws_sm.STORE.read("plain", surroundings)
    assert "hunter2" not in caplog.text


@pytest.mark.usefixtures("account")
def test_one_client_serves_all_reads(surroundings):
    aws_sm.STORE.read("plain", surroundings)
    aws_sm.STORE.read("plain", surroundings)
    aws_ssm.STORE.read("/prod/key", surroundings)
    assert (aws._session.cache_info().misses, aws._client.cache_info().misses) == (1, 2)


@pytest.mark.usefixtures("account")
def test_the_region_that_lambda_sets_is_enough(aws_environment, surroundings, revealed):
    aws_environment.delenv("AWS_DEFAULT_REGION")
    aws_environment.setenv("AWS_REGION", "eu-west-1")
    assert revealed(aws_sm.STORE.read("plain", surroundings)) == "hunter2"


def test_without_credentials_the_fix_says_how_to_get_some(ready, surroundings, unresolved):
    ready.delenv("AWS_ACCESS_KEY_ID")
    ready.delenv("AWS_SECRET_ACCESS_KEY")
    found = unresolved(aws_sm.STORE.read("plain", surroundings))
    assert found.reason == "there are no AWS credentials"
    assert "AWS_PROFILE" in found.fix


def test_without_a_region_the_fix_names_the_variable(ready, surroundings, unresolved):
    ready.delenv("AWS_DEFAULT_REGION")
    found = unresolved(aws_sm.STORE.read("plain", surroundings))
    assert found.reason == "no AWS region is set"
    assert "AWS_DEFAULT_REGION" in found.fix


def test_a_profile_that_does_not_exist_is_named_as_the_cause(ready, surroundings, unresolved):
    ready.setenv("AWS_PROFILE", "elsewhere")
    assert unresolved(aws_sm.STORE.read("plain", surroundings)).reason == "the AWS profile does not exist"


@pytest.mark.usefixtures("ready")
def test_an_endpoint_where_nobody_listens_is_unreachable(surroundings, unresolved):
    assert unresolved(aws_ssm.STORE.read("/prod/key", surroundings)).reason == "AWS cannot be reached"


def test_a_region_that_is_none_is_named_as_the_cause(ready, surroundings, unresolved):
    ready.setenv("AWS_DEFAULT_REGION", "not a region")
    assert unresolved(aws_sm.STORE.read("plain", surroundings)).reason == "the AWS region is no name of a region"


@pytest.fixture
def refusing(ready: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Give a function that sets the error which a server on loopback answers every call with."""
    body = b""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    def refuse(code: str) -> None:
        nonlocal body
        body = json.dumps({"__type": code, "message": "about hunter2"}).encode()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    ready.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield refuse
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("code", "reason", "fix"),
    [
        ("AccessDeniedException", "AWS denies access to it", "allow secretsmanager:GetSecretValue on it"),
        ("DecryptionFailure", "AWS cannot decrypt it with its KMS key", "kms:Decrypt"),
        ("ExpiredTokenException", "the AWS session has expired", "aws sso login"),
        ("UnrecognizedClientException", "AWS does not know the access key", "AWS_ACCESS_KEY_ID"),
        ("InvalidSignatureException", "AWS refuses the signature: the secret access key is wrong", "AWS_PROFILE"),
        ("ThrottlingException", "AWS limits how often it may be asked", "ask again"),
        ("InternalServiceError", "AWS answered InternalServiceError", "ask again later"),
        ("It's hunter2!", "AWS answered an unknown error", "ask again later"),
    ],
)
def test_every_error_of_aws_has_its_own_reason_and_no_word_of_its_message(
    refusing, surroundings, unresolved, code, reason, fix
):
    refusing(code)
    found = unresolved(aws_sm.STORE.read("plain", surroundings))
    assert found.reason == reason
    assert fix in found.fix
    assert "hunter2" not in repr(found)
