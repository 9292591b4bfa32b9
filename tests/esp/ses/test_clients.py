"""How libraries are told about SES, by the libraries themselves."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace

import boto3
import pytest
from botocore.config import Config

from sendspec.esp.interface import load_esp
from sendspec.model.credential import Credential
from sendspec.model.origin import Origin
from sendspec.model.vocabulary import Via
from sendspec.targets.django.literals import python

CLIENTS = load_esp("ses").clients
ANYMAIL = """
import json, sys
from django.conf import settings
options = json.loads(sys.argv[1])
settings.configure(ANYMAIL={"AMAZON_SES_" + name.upper(): value for name, value in options.items()})
from django.utils.module_loading import import_string
backend = import_string(sys.argv[2])()
backend.open()
print(backend.client.meta.region_name, backend.configuration_set_name)
"""


def key(name):
    return Credential(f"ses.{name}", "ses", name, f"env://{name.upper()}", name.upper(), None, Origin(("esps", "ses")))


@pytest.mark.parametrize("library", ["boto3", "django-anymail", "nodemailer"])
def test_declared_keys_reach_every_library_and_undeclared_ones_are_left_to_the_aws_chain(library, route):
    user, password = key("access_key_id"), key("secret_access_key")
    own = replace(route, endpoint=replace(route.endpoint, username=user, password=password))
    assert user in credentials_in(options(library, own))
    assert password in credentials_in(options(library, own))
    assert credentials_in(options(library, route)) == []


def credentials_in(value):
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in credentials_in(item)]
    return [value] if isinstance(value, Credential) else []


def test_django_opens_an_anymail_client_with_declared_keys(tmp_path, route):
    own = replace(route.endpoint, username=key("access_key_id"), password=key("secret_access_key"))
    told = {option.name: option.value for option in CLIENTS["django-anymail"].options(own, route.delivery)}
    source = f"""
import os
def _secret(name, kept_at): return os.environ[name]
from django.conf import settings
settings.configure(ANYMAIL={{"AMAZON_SES_" + name.upper(): value for name, value in {python(told)}.items()}})
from anymail.backends.amazon_ses import EmailBackend
backend = EmailBackend()
backend.open()
print(backend.client._request_signer._credentials.access_key)
"""
    environment = {"ACCESS_KEY_ID": "AKIDEXAMPLE", "SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    run = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "AKIDEXAMPLE", run.stderr


@pytest.fixture
def route(northwind_ses):
    [found] = [route for _, route in northwind_ses.setup.routes() if route.via is Via.API]
    return found


def options(library, route):
    return {option.name: option.value for option in CLIENTS[library].options(route.endpoint, route.delivery)}


def test_boto3_takes_the_options_and_the_api_takes_what_goes_with_every_call(route, aws_problems):
    told = options("boto3", route)
    client = boto3.client(
        CLIENTS["boto3"].title,
        region_name=told["region_name"],
        config=Config(**told["config"]),
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="none",
    )
    assert client.meta.endpoint_url == route.endpoint.base_url
    message = {
        "FromEmailAddress": "receipts@mail.northwind.example",
        "Destination": {"ToAddresses": ["success@simulator.amazonses.com"]},
        "Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
    }
    assert aws_problems("sesv2", "SendEmail", message | told["send_email"]) == []


def test_anymail_opens_a_client_in_the_region_with_the_configuration_set(route):
    client = CLIENTS["django-anymail"]
    command = [sys.executable, "-c", ANYMAIL, json.dumps(options("django-anymail", route)), client.title]
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (result.stdout.split(), result.stderr) == (["eu-west-1", "northwind-receipts"], "")


def test_nodemailers_ses_transport_has_a_client_and_a_configuration_set(route):
    told = options("nodemailer", route)
    assert told["SESv2Client"]["region"] == "eu-west-1"
    assert told["ses"] == {"ConfigurationSetName": "northwind-receipts"}


@pytest.mark.parametrize("library", sorted(CLIENTS))
def test_no_client_is_handed_a_key(library, route):
    values = options(library, route).values()
    assert not any(isinstance(value, Credential) for value in values)
    assert CLIENTS[library].source
