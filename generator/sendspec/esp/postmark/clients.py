"""How libraries name Postmark's API."""

from collections.abc import Mapping

from sendspec.esp.interface import Client, ClientOption
from sendspec.esp.postmark.facts import API_HOST
from sendspec.esp.postmark.sdk_clients import SDK_CLIENTS
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


def _symfony_options(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    """The bridge takes the message stream from the DSN; a header of that name would be a header and nothing more."""
    return (
        *_token("user", endpoint),
        ClientOption(
            "place", "default" if endpoint.host == API_HOST.value else endpoint.base_url.removeprefix("https://")
        ),
        ClientOption("query", {"message_stream": endpoint.options["message_stream"]}),
        *_unsaid(endpoint),
    )


def _laravel_options(endpoint: Endpoint, delivery: Delivery) -> tuple[ClientOption, ...]:
    """`client` is for Symfony's HttpClient: `timeout` is how long it waits without a word."""
    return (
        *_token("token", endpoint),
        ClientOption("message_stream_id", endpoint.options["message_stream"]),
        ClientOption("client", {"timeout": delivery.read_timeout_seconds}),
        *_unsaid(endpoint),
    )


def _unsaid(endpoint: Endpoint) -> tuple[ClientOption, ...]:
    """Give the fields of the API that Symfony's bridge leaves out, which Laravel uses too."""
    names = [name for name in ("track_opens", "track_links") if name in endpoint.options]
    return (ClientOption("unsaid", ", ".join(names)),) if names else ()


def _wp_mail_smtp_options(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    return (
        *_token("server_api_token", endpoint),
        ClientOption("message_stream", endpoint.options["message_stream"]),
    )


def _token(name: str, endpoint: Endpoint) -> tuple[ClientOption, ...]:
    token = endpoint.password
    if token is None:
        return ()
    return (ClientOption(name, token.value if isinstance(token, Literal) else token),)


CLIENTS: Mapping[str, Client] = {
    "django-anymail": Client(
        title="anymail.backends.postmark.EmailBackend",
        options=_anymail_options,
        source="https://anymail.dev/en/stable/esps/postmark/",
        setting_prefix="POSTMARK_",
        requirements=("django-anymail[postmark]>=15.2",),
        note="the option message_stream is new; 15.2 is the oldest release seen to have it",
    ),
    "laravel": Client(
        title="postmark",
        options=_laravel_options,
        # read 2026-11-26
        source="laravel/framework 13 src/Illuminate/Mail/MailManager.php, createPostmarkTransport",
        requirements=("symfony/postmark-mailer", "symfony/http-client"),
    ),
    "symfony-mailer": Client(
        title="postmark+api",
        options=_symfony_options,
        # read 2026-11-26
        source="symfony/symfony src/Symfony/Component/Mailer/Bridge/Postmark/Transport/PostmarkTransportFactory.php, 7.2",
        requirements=("symfony/postmark-mailer", "symfony/http-client"),
    ),
    "wp-mail-smtp": Client(
        title="postmark",
        options=_wp_mail_smtp_options,
        # read 2026-11-26
        source="https://github.com/awesomemotive/WP-Mail-SMTP/blob/master/src/Options.php",
        setting_prefix="WPMS_POSTMARK_",
    ),
    **SDK_CLIENTS,
}
