"""How libraries are told about SES, by the libraries themselves."""

import json
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

from sendspec.esp.interface import load_esp
from sendspec.model.credential import Credential
from sendspec.model.setup import Via

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
