"""How libraries name SES, as data. Keys are handed over where the spec declares them; else the AWS chain brings its own."""

from collections.abc import Mapping
from datetime import date

from sendspec.esp.interface import Client, ClientOption, OptionValue
from sendspec.esp.ses.facts import API_HOST, CONFIGURATION_SET_HEADER, endpoint_suffix
from sendspec.esp.ses.sdk_clients import SDK_CLIENTS
from sendspec.model.credential import Credential
from sendspec.model.fact import Fact
from sendspec.model.route import Delivery, Endpoint

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
SYMFONY = Fact(
    "ses+https",
    source="https://github.com/symfony/symfony/blob/7.2/src/Symfony/Component/Mailer/Bridge/Amazon/Transport/SesTransportFactory.php",
    verified=date(2026, 11, 26),
    note="it hands over the message as it is; `ses+api` drops headers that it does not know",
)
LARAVEL = Fact(
    "ses-v2",
    source="https://github.com/laravel/framework/blob/13.x/src/Illuminate/Mail/MailManager.php",
    verified=date(2026, 11, 26),
    note="Laravel hands the mailer's array to the AWS SDK for PHP: `http` and `retries` are its client options",
)


def _anymail(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    params: dict[str, OptionValue] = {"region_name": endpoint.options["region"], "config": _botocore(delivery)}
    params |= _keys(endpoint, "aws_access_key_id", "aws_secret_access_key")
    return (
        ClientOption("client_params", params),
        ClientOption("configuration_set_name", endpoint.options["configuration_set"]),
    )


def _nodemailer(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    """`SESv2Client` is what the client is built with, `ses` goes into every message.

    One try, for the reasons of `_botocore`: the SDK would also try again after a connection that broke behind the
    request (smithy-typescript service-error-classification: ECONNRESET, EPIPE). `adaptive` keeps to the rate SES takes.
    """
    client: dict[str, OptionValue] = {
        "region": endpoint.options["region"],
        "maxAttempts": 1,
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


def _botocore(delivery: Delivery) -> Mapping[str, OptionValue]:
    """Give what botocore's Config takes: timeouts in seconds, the pool, and one try only.

    Left to itself botocore tries up to five times, also after a read timeout, when nobody knows whether SES took the
    message (botocore 1.44.5 retries/standard.py, `HTTPClientError`); and every try of the app's would be five.
    """
    return {
        "connect_timeout": delivery.connect_timeout_seconds,
        "read_timeout": delivery.read_timeout_seconds,
        "max_pool_connections": delivery.connections,
        "retries": {"total_max_attempts": 1},
    }


def _boto3(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    """`config` is botocore's Config; `send_email` goes into every call."""
    return (
        ClientOption("region_name", endpoint.options["region"]),
        *(
            ClientOption(name, value)
            for name, value in _keys(endpoint, "aws_access_key_id", "aws_secret_access_key").items()
        ),
        ClientOption("config", _botocore(delivery)),
        ClientOption("send_email", {"ConfigurationSetName": endpoint.options["configuration_set"]}),
    )


def _symfony(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    """The bridge takes the configuration set from the same header as SMTP does, and calls itself by its region."""
    keys = _keys(endpoint, "user", "password")
    usual = API_HOST.value.format(region=endpoint.options["region"], suffix=endpoint_suffix(endpoint.options["region"]))
    place = endpoint.base_url.removeprefix("https://")
    return (
        *(ClientOption(name, value) for name, value in keys.items()),
        ClientOption("place", "default" if place == usual else place),
        ClientOption("query", {"region": endpoint.options["region"]}),
        ClientOption("seen_as", endpoint.options["region"]),
        ClientOption("headers", {CONFIGURATION_SET_HEADER.value: endpoint.options["configuration_set"]}),
    )


def _laravel(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    """One try, for the reasons of `_botocore`: the SDK for PHP would try again up to three times."""
    return (
        ClientOption("region", endpoint.options["region"]),
        *(ClientOption(name, value) for name, value in _keys(endpoint, "key", "secret").items()),
        ClientOption("options", {"ConfigurationSetName": endpoint.options["configuration_set"]}),
        ClientOption(
            "http", {"connect_timeout": delivery.connect_timeout_seconds, "timeout": delivery.read_timeout_seconds}
        ),
        ClientOption("retries", 0),
    )


CLIENTS: Mapping[str, Client] = {
    "boto3": Client(title=BOTO3.value, options=_boto3, source=BOTO3.source, requirements=("boto3>=1.40",)),
    "django-anymail": Client(
        title=ANYMAIL.value,
        options=_anymail,
        source=ANYMAIL.source,
        setting_prefix="AMAZON_SES_",
        requirements=("django-anymail[amazon-ses]>=15.2",),
        note="boto3 finds credentials by itself: instance role, web identity, AWS_ACCESS_KEY_ID. It tries once: the app"
        " tries again, and never by itself after a read timeout, when SES may have taken the message",
    ),
    "nodemailer": Client(
        title=NODEMAILER.value,
        options=_nodemailer,
        source=NODEMAILER.source,
        requirements=("nodemailer@>=7", "@aws-sdk/client-sesv2@3"),
        note=f"{NODEMAILER.note}; the client tries once, the app tries again as `retry` says",
        imports=(("@aws-sdk/client-sesv2", ("SESv2Client", "SendEmailCommand")),),
        source_text="{ SES: { sesClient: new SESv2Client($SESv2Client), SendEmailCommand } }",
    ),
    "laravel": Client(
        title=LARAVEL.value,
        options=_laravel,
        source=LARAVEL.source,
        requirements=("aws/aws-sdk-php:^3.0",),
        note="without keys here the SDK finds credentials by itself: instance role, web identity, AWS_ACCESS_KEY_ID",
    ),
    "symfony-mailer": Client(
        title=SYMFONY.value,
        options=_symfony,
        source=SYMFONY.source,
        requirements=("symfony/amazon-mailer", "async-aws/ses"),
        note=f"{SYMFONY.note}; without keys in the DSN it finds credentials by itself: instance role, web identity,"
        " AWS_ACCESS_KEY_ID",
    ),
    **SDK_CLIENTS,
}
