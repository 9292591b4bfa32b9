"""How libraries name Postmark's API."""

from collections.abc import Mapping

from sendspec.esp.interface import Client, ClientOption
from sendspec.model.credential import Literal
from sendspec.model.route import Delivery, Endpoint


def _anymail_options(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    options = [ClientOption("message_stream", endpoint.options["message_stream"])]
    if endpoint.password is not None:
        token = endpoint.password.value if isinstance(endpoint.password, Literal) else endpoint.password
        options.insert(0, ClientOption("server_token", token))
    tracking = {}
    if "track_opens" in endpoint.options:
        tracking["track_opens"] = endpoint.options["track_opens"] == "true"
    if "track_links" in endpoint.options:
        tracking["track_clicks"] = endpoint.options["track_links"] != "None"
    if tracking:
        options.append(ClientOption("send_defaults", tracking))
    return tuple(options)


CLIENTS: Mapping[str, Client] = {
    "django-anymail": Client(
        title="anymail.backends.postmark.EmailBackend",
        options=_anymail_options,
        source="https://anymail.dev/en/stable/esps/postmark/",
        setting_prefix="POSTMARK_",
        requirements=("django-anymail[postmark]>=15.2",),
        note="the option message_stream is new; 15.2 is the oldest release seen to have it",
    ),
}
