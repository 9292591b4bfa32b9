"""How AWS's own SDKs are told about SES: boto3, the SDK for JavaScript, and the environment that all of them read.

One try, for the reasons of `clients._botocore`: only the app decides about another try.
"""

from collections.abc import Mapping
from datetime import date

from sendspec.esp.interface import Client, ClientOption, OptionValue
from sendspec.model.credential import Credential
from sendspec.model.fact import Fact
from sendspec.model.route import Delivery, Endpoint

READ = date(2026, 11, 26)
ENVIRONMENT = Fact(
    "AWS_REGION",
    source="https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html",
    verified=READ,
    note="boto3 1.44.5 reads AWS_DEFAULT_REGION and passes over AWS_REGION; the SDK for JavaScript 3.1169 does the reverse",
)
FIELDS = {"configuration_set": "ConfigurationSetName"}
SENDER = {"field": "FromEmailAddress", "form": "encoded"}
"""SendEmail wants a name that is not ASCII as encoded words (RFC 2047): API reference of SendEmail, read 2026-11-26."""
MILLISECONDS = 1000


def _environment(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    region = endpoint.options["region"]
    plain = {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": "1",
    }
    keys = _keys(endpoint, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return tuple(ClientOption(name, value) for name, value in (plain | keys).items())


def _python(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    config: Mapping[str, OptionValue] = {
        "connect_timeout": delivery.connect_timeout_seconds,
        "read_timeout": delivery.read_timeout_seconds,
        "max_pool_connections": delivery.connections,
        "retries": {"total_max_attempts": 1, "mode": "standard"},
    }
    keys = _keys(endpoint, "aws_access_key_id", "aws_secret_access_key")
    return (
        ClientOption("client", {"region_name": endpoint.options["region"]} | keys),
        ClientOption("config", config),
        *_fields(endpoint),
    )


def _javascript(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    client: dict[str, OptionValue] = {
        "region": endpoint.options["region"],
        "maxAttempts": 1,
        "requestHandler": {
            "connectionTimeout": delivery.connect_timeout_seconds * MILLISECONDS,
            "requestTimeout": delivery.read_timeout_seconds * MILLISECONDS,
            "throwOnRequestTimeout": True,  # else a call that takes longer is a line in the log and goes on
            "httpsAgent": {"maxSockets": delivery.connections},
        },
    }
    keys = _keys(endpoint, "accessKeyId", "secretAccessKey")
    if keys:
        client["credentials"] = keys
    return (ClientOption("client", client), *_fields(endpoint))


def _fields(endpoint: Endpoint) -> tuple[ClientOption, ...]:
    """Give what goes into every call of SendEmail."""
    fields = {field: endpoint.options[option] for option, field in FIELDS.items()}
    return ClientOption("sender", SENDER), ClientOption("fields", fields)


def _keys(endpoint: Endpoint, user: str, password: str) -> dict[str, OptionValue]:
    if isinstance(endpoint.username, Credential) and isinstance(endpoint.password, Credential):
        return {user: endpoint.username, password: endpoint.password}
    return {}


OWN_KEYS = "without keys here the SDK finds credentials by itself: instance role, web identity, AWS_ACCESS_KEY_ID"
SDK_CLIENTS: Mapping[str, Client] = {
    "sdk": Client(
        title="AWS_REGION, AWS_DEFAULT_REGION",
        options=_environment,
        source=ENVIRONMENT.source,
        note="AWS_REGION and AWS_DEFAULT_REGION both: each SDK reads one of them. AWS_MAX_ATTEMPTS and AWS_RETRY_MODE count"
        " for every AWS client of the process: take them out where it uses other services too; the modules beside this"
        " file set them for this client alone",
    ),
    "sdk-node": Client(
        title="SESv2Client",
        options=_javascript,
        source="https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/client/sesv2/",
        requirements=("@aws-sdk/client-sesv2@3",),
        note=f"it tries once, the app tries again as `retry` says; {OWN_KEYS}. Call:"
        " client.send(new SendEmailCommand({ ...fields[name], Destination, Content }))",
        imports=(("@aws-sdk/client-sesv2", ("SESv2Client",)),),
        source_text="const client = new SESv2Client($client);",
    ),
    "sdk-python": Client(
        title="boto3 sesv2",
        options=_python,
        source="https://docs.aws.amazon.com/boto3/latest/reference/services/sesv2.html",
        requirements=("boto3>=1.40",),
        note=f"it tries once, the app tries again as `retry` says; {OWN_KEYS}. Call:"
        " client.send_email(**fields[name], Destination=..., Content=...)",
        imports=(("boto3", ()), ("botocore.config", ("Config",))),
        source_text='config = Config(**$config)\nclient = boto3.client("sesv2", config=config, **$client)',
    ),
}
