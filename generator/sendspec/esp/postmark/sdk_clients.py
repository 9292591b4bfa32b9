"""How Postmark's own SDKs are told about its API."""

from collections.abc import Mapping

from sendspec.esp.interface import Client, ClientOption, OptionValue
from sendspec.esp.postmark.facts import API_HOST
from sendspec.model.credential import Credential, Literal
from sendspec.model.route import Delivery, Endpoint

API_FIELDS = {"message_stream": "MessageStream", "track_opens": "TrackOpens", "track_links": "TrackLinks"}
PYTHON_FIELDS = {name: name for name in API_FIELDS}
"""What goes into every message: option of an endpoint to the SDK's name."""


def _token(endpoint: Endpoint) -> str | Credential:
    """Give the token of a route; empty where the spec has none, which targets do not write."""
    if endpoint.password is None:
        return ""
    return endpoint.password.value if isinstance(endpoint.password, Literal) else endpoint.password


def _environment(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    """Give the secret token; the public one of the sandbox stands in the modules."""
    token = _token(endpoint)
    return (ClientOption("POSTMARK_SERVER_TOKEN", token),) if isinstance(token, Credential) else ()


def _python(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    """No retries: the SDK tries four times in all, also after a timeout, when nobody knows whether it was taken.

    Source: postmark-python 0.4.0 clients/server_client.py, read 2026-11-26.
    """
    return (
        ClientOption("token", _token(endpoint)),
        ClientOption(
            "options",
            {"retries": 0, "timeout": delivery.read_timeout_seconds, "base_url": endpoint.base_url},
        ),
        ClientOption("sender", {"field": "sender", "form": "text"}),
        ClientOption("fields", _fields(endpoint, PYTHON_FIELDS)),
    )


def _javascript(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    options: dict[str, OptionValue] = {"timeout": delivery.read_timeout_seconds}
    if endpoint.host != API_HOST.value:
        options["requestHost"] = endpoint.base_url.removeprefix("https://")
    return (
        ClientOption("token", _token(endpoint)),
        ClientOption("options", options),
        ClientOption("sender", {"field": "From", "form": "text"}),
        ClientOption("fields", _fields(endpoint, API_FIELDS)),
    )


def _fields(endpoint: Endpoint, names: Mapping[str, str]) -> Mapping[str, OptionValue]:
    """Give what goes into every message, under the SDK's names."""
    options = endpoint.options
    return {
        field: options[name] == "true" if name == "track_opens" else options[name]
        for name, field in names.items()
        if name in options
    }


SDK_CLIENTS: Mapping[str, Client] = {
    "sdk": Client(
        title="POSTMARK_SERVER_TOKEN",
        options=_environment,
        source="https://postmarkapp.com/developer/integration/official-libraries",
        note="no SDK of Postmark reads the environment by itself: the name is what its documents use, and the message stream"
        " goes into every message",
    ),
    "sdk-node": Client(
        title="postmark ServerClient",
        options=_javascript,
        source="https://github.com/ActiveCampaign/postmark.js, 5.1.0",
        requirements=("postmark@5",),
        note="it tries once, the app tries again as `retry` says. Call: client.sendEmail({ ...fields[name], To, Subject,"
        " TextBody })",
        imports=(("postmark", ("ServerClient",)),),
        source_text="const client = new ServerClient($token, $options);",
    ),
    "sdk-python": Client(
        title="postmark ServerClient",
        options=_python,
        source="https://github.com/ActiveCampaign/postmark-python, 0.4.0",
        requirements=("postmark-python>=0.4",),
        note='it tries once, the app tries again as `retry` says. Call: client.outbound.send({**fields[name], "to": ...,'
        ' "subject": ..., "text_body": ...})',
        imports=(("postmark.sync", ("ServerClient",)),),
        source_text="client = ServerClient($token, **$options)",
    ),
}
