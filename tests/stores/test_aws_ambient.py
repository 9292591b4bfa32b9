"""The AWS credentials that the process has: given as JSON, never shown, and said where there are none."""

import json

from sendspec.model.secret import Secret, Unresolved
from sendspec.stores import aws_ambient


def test_keys_in_the_environment_are_one_secret(aws_environment, surroundings):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "wJalr")
    found = aws_ambient.read("default", surroundings)
    assert isinstance(found, Secret)
    assert json.loads(found.reveal()) == {"access_key_id": "AKIATEST", "secret_access_key": "wJalr"}
    assert "wJalr" not in repr(found)


def test_temporary_credentials_bring_their_token(aws_environment, surroundings):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "ASIATEST")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "wJalr")
    aws_environment.setenv("AWS_SESSION_TOKEN", "token")
    found = aws_ambient.read("default", surroundings)
    assert isinstance(found, Secret)
    assert json.loads(found.reveal())["session_token"] == "token"


def test_a_machine_without_credentials_is_told_what_to_do(aws_environment, surroundings):
    found = aws_ambient.read("default", surroundings)
    assert isinstance(found, Unresolved)
    assert found.reason == "there are no AWS credentials"
    assert "AWS_PROFILE" in found.fix
    assert "manage:" in found.fix


def test_half_a_pair_is_no_traceback(aws_environment, surroundings):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    found = aws_ambient.read("default", surroundings)
    assert isinstance(found, Unresolved)
    assert "AKIATEST" not in str(found)


def test_a_profile_that_does_not_exist_is_no_traceback(aws_environment, surroundings):
    aws_environment.setenv("AWS_PROFILE", "nobody")
    assert isinstance(aws_ambient.read("default", surroundings), Unresolved)
