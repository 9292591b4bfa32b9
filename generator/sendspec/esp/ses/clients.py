"""How libraries name SES, as data. Keys are handed over where the spec declares them; else the AWS chain brings its own."""

from collections.abc import Mapping
from datetime import date

from sendspec.esp.interface import Client, ClientOption, OptionValue
from sendspec.model.credential import Credential
from sendspec.model.fact import Fact
from sendspec.model.setup import Delivery, Endpoint

READ = date(2026, 11, 23)
ANYMAIL = Fact(
    "anymail.backends.amazon_ses.EmailBackend",
    source="https://anymail.dev/en/stable/esps/amazon_ses/",
    verified=READ,
)
NODEMAILER = Fact(
    "SES",
    source="https://nodemailer.com/transports/ses/",
    verified=READ,
    note="since 7.0 the transport takes an SESv2Client and SendEmailCommand, and limits no rate by itself",
)
BOTO3 = Fact("sesv2", source="boto3 1.44 client `sesv2`", verified=READ)


def _anymail(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    params: dict[str, OptionValue] = {"region_name": endpoint.options["region"]}
    params |= _keys(endpoint, "aws_access_key_id", "aws_secret_access_key")
    return (
        ClientOption("client_params", params),
        ClientOption("configuration_set_name", endpoint.options["configuration_set"]),
    )


def _nodemailer(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    """`SESv2Client` is what the client is built with, `ses` goes into every message."""
    client: dict[str, OptionValue] = {
        "region": endpoint.options["region"],
        "maxAttempts": delivery.retry.attempts,
        "retryMode": "adaptive",
    }
    keys = _keys(endpoint, "accessKeyId", "secretAccessKey")
    if keys:
        client["credentials"] = keys
    return (
        ClientOption("SESv2Client", client),
        ClientOption("ses", {"ConfigurationSetName": endpoint.options["configuration_set"]}),
    )


def _keys(endpoint: Endpoint, user: str, password: str) -> Mapping[str, OptionValue]:
    """Give a declared pair of keys under the library's names; nothing when the AWS chain brings its own."""
    if isinstance(endpoint.username, Credential) and isinstance(endpoint.password, Credential):
        return {user: endpoint.username, password: endpoint.password}
    return {}


def _boto3(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    """`config` is botocore's Config; `send_email` goes into every call."""
    config: Mapping[str, OptionValue] = {
        "connect_timeout": delivery.connect_timeout_seconds,
        "read_timeout": delivery.read_timeout_seconds,
        "max_pool_connections": delivery.connections,
    }
    return (
        ClientOption("region_name", endpoint.options["region"]),
        *(
            ClientOption(name, value)
            for name, value in _keys(endpoint, "aws_access_key_id", "aws_secret_access_key").items()
        ),
        ClientOption("config", config),
        ClientOption("send_email", {"ConfigurationSetName": endpoint.options["configuration_set"]}),
    )


CLIENTS: Mapping[str, Client] = {
    "boto3": Client(title=BOTO3.value, options=_boto3, source=BOTO3.source, requirements=("boto3>=1.40",)),
    "django-anymail": Client(
        title=ANYMAIL.value,
        options=_anymail,
        source=ANYMAIL.source,
        setting_prefix="AMAZON_SES_",
        requirements=("django-anymail[amazon-ses]>=15.2",),
        note="boto3 finds credentials by itself: instance role, web identity, AWS_ACCESS_KEY_ID",
    ),
    "nodemailer": Client(
        title=NODEMAILER.value,
        options=_nodemailer,
        source=NODEMAILER.source,
        requirements=("nodemailer@>=7", "@aws-sdk/client-sesv2@3"),
        note=NODEMAILER.note,
        imports=(("@aws-sdk/client-sesv2", ("SESv2Client", "SendEmailCommand")),),
        source_text="{ SES: { sesClient: new SESv2Client($SESv2Client), SendEmailCommand } }",
    ),
}
