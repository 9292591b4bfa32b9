"""How SendGrid's own SDKs are told about its API."""

from collections.abc import Mapping

from sendspec.esp.interface import Client, ClientOption, OptionValue
from sendspec.esp.sendgrid.sandbox import SANDBOX_MODE, is_in_sandbox
from sendspec.model.credential import Credential
from sendspec.model.route import Delivery, Endpoint

SAID = {"asm_group_id", "category", "click_tracking", "ip_pool_name", "open_tracking", "region", SANDBOX_MODE.value}
"""Options of an endpoint that stand in fields of their own; any other is the spec's `extra`."""
MILLISECONDS = 1000


def _key(endpoint: Endpoint) -> str | Credential:
    """Give the key of a route; empty where the spec has none, which targets do not write."""
    return endpoint.password if isinstance(endpoint.password, Credential) else ""


def _environment(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    return (ClientOption("SENDGRID_API_KEY", _key(endpoint)),)


def _python(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    return (
        ClientOption("api_key", _key(endpoint)),
        ClientOption("host", endpoint.base_url),
        ClientOption("timeout", delivery.read_timeout_seconds),
        ClientOption("sender", {"field": "from", "form": "parts"}),
        ClientOption("fields", _fields(endpoint)),
        *_unsaid(endpoint),
    )


def _javascript(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    return (
        ClientOption("api_key", _key(endpoint)),
        ClientOption("base_url", f"{endpoint.base_url}/"),
        ClientOption("timeout", delivery.read_timeout_seconds * MILLISECONDS),
        ClientOption("sender", {"field": "from", "form": "parts"}),
        ClientOption("fields", _camel_keys(_fields(endpoint))),
        *_unsaid(endpoint),
    )


def _fields(endpoint: Endpoint) -> Mapping[str, OptionValue]:
    """Give what goes into every call of mail/send, under the names of the API."""
    options = endpoint.options
    fields: dict[str, OptionValue] = {"categories": (options["category"],)}
    untracked = [name for name in ("click_tracking", "open_tracking") if options.get(name) == "false"]
    if untracked:
        fields["tracking_settings"] = {name: {"enable": False} for name in untracked}
    if "asm_group_id" in options:
        fields["asm"] = {"group_id": int(options["asm_group_id"])}
    if "ip_pool_name" in options:
        fields["ip_pool_name"] = options["ip_pool_name"]
    if is_in_sandbox(endpoint):
        fields["mail_settings"] = {SANDBOX_MODE.value: {"enable": True}}
    return fields


def _unsaid(endpoint: Endpoint) -> tuple[ClientOption, ...]:
    """Name what the spec gives in SendGrid's own words: the app sets it."""
    names = sorted(set(endpoint.options) - SAID)
    return (ClientOption("unsaid", ", ".join(names)),) if names else ()


def _camel(name: str) -> str:
    """Give a field's name as @sendgrid/helpers wants it: `trackingSettings`."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _camel_keys(value: OptionValue) -> OptionValue:
    if isinstance(value, Mapping):
        return {_camel(name): _camel_keys(inner) for name, inner in value.items()}
    return value


SDK_CLIENTS: Mapping[str, Client] = {
    "sdk": Client(
        title="SENDGRID_API_KEY",
        options=_environment,
        source="https://github.com/sendgrid/sendgrid-python, 6.12.5 sendgrid/sendgrid.py",
        note="the SDK for Python reads SENDGRID_API_KEY by itself, the one for Node does not; neither reads where an account's"
        " data resides: the modules beside this file name the host of its region",
    ),
    "sdk-node": Client(
        title="@sendgrid/mail MailService",
        options=_javascript,
        source="https://github.com/sendgrid/sendgrid-nodejs, 8.1.6",
        requirements=("@sendgrid/mail@8",),
        note="it tries once, the app tries again as `retry` says. Call: client.send({ ...fields[name], to, subject, text })",
        imports=(("@sendgrid/mail", ("MailService",)),),
        source_text="const client = new MailService();\n"
        "client.setApiKey($api_key);\n"
        'client.client.setDefaultRequest("baseUrl", $base_url);\n'
        "client.setTimeout($timeout);",
    ),
    "sdk-python": Client(
        title="sendgrid SendGridAPIClient",
        options=_python,
        source="https://github.com/sendgrid/sendgrid-python, 6.12.5",
        requirements=("sendgrid>=6.12",),
        note='it tries once, the app tries again as `retry` says. Call: client.send({**fields[name], "personalizations": ...,'
        ' "subject": ..., "content": ...}), or set the same on its Mail',
        imports=(("sendgrid", ("SendGridAPIClient",)),),
        source_text="client = SendGridAPIClient($api_key, host=$host)\nclient.client.timeout = $timeout",
    ),
}
