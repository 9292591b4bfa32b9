"""How libraries name SendGrid's API."""

from collections.abc import Mapping

from sendspec.esp.interface import Client, ClientOption, OptionValue
from sendspec.esp.sendgrid.facts import API_HOSTS, GLOBAL
from sendspec.esp.sendgrid.sandbox import SANDBOX_MODE, is_in_sandbox
from sendspec.esp.sendgrid.sdk_clients import SDK_CLIENTS
from sendspec.model.credential import Credential
from sendspec.model.route import Delivery, Endpoint
from sendspec.model.vocabulary import Support


def _anymail_options(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    options = []
    if isinstance(endpoint.password, Credential):
        options.append(ClientOption("api_key", endpoint.password))
    if endpoint.host != API_HOSTS.value[GLOBAL]:
        options.append(ClientOption("api_url", f"{endpoint.base_url}/v3/"))
    defaults: dict[str, OptionValue] = {
        anymail: False
        for option, anymail in (("click_tracking", "track_clicks"), ("open_tracking", "track_opens"))
        if endpoint.options.get(option) == "false"
    }
    if "category" in endpoint.options:
        # one webhook posts the events of all streams; the category is what tells them apart
        defaults["tags"] = (endpoint.options["category"],)
    if is_in_sandbox(endpoint):
        defaults["esp_extra"] = {"mail_settings": {SANDBOX_MODE.value: {"enable": True}}}
    if defaults:
        options.append(ClientOption("send_defaults", defaults))
    return tuple(options)


def _wp_mail_smtp_options(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    """The plugin has one address, and no field for the sandbox: a message of a staging system would be delivered."""
    if endpoint.host != API_HOSTS.value[GLOBAL]:
        return (ClientOption("problem", "WP Mail SMTP calls SendGrid's global API host only"),)
    if is_in_sandbox(endpoint):
        return (ClientOption("problem", "WP Mail SMTP cannot ask SendGrid for its sandbox and would really send"),)
    return (ClientOption("api_key", endpoint.password),) if isinstance(endpoint.password, Credential) else ()


def _symfony_options(endpoint: Endpoint, _delivery: Delivery) -> tuple[ClientOption, ...]:
    """The host stands in the DSN, because the option `region` is new in 7.2 and passed over before.

    The bridge has no field for sandbox mode: a message of a staging system would be delivered.
    """
    if is_in_sandbox(endpoint):
        return (ClientOption("problem", "Symfony's bridge cannot ask SendGrid for its sandbox and would really send"),)
    options: list[ClientOption] = []
    if isinstance(endpoint.password, Credential):
        options.append(ClientOption("user", endpoint.password))
    if endpoint.host != API_HOSTS.value[GLOBAL]:
        options.append(ClientOption("place", endpoint.base_url.removeprefix("https://")))
    if "category" in endpoint.options:
        options.append(ClientOption("headers", {"X-Tag": endpoint.options["category"]}))
    unsaid = [name for name in sorted(endpoint.options) if name not in {"category", "region"}]
    if unsaid:
        options.append(ClientOption("unsaid", ", ".join(unsaid)))
    return tuple(options)


CLIENTS: Mapping[str, Client] = {
    "django-anymail": Client(
        title="anymail.backends.sendgrid.EmailBackend",
        options=_anymail_options,
        source="https://anymail.dev/en/stable/changelog/",
        setting_prefix="SENDGRID_",
        requirements=("django-anymail[sendgrid]>=15.2",),
        supported=Support.UNCONFIRMED,
        note="django-anymail has dropped official support for SendGrid (13.0.1): it works, is no longer tested against "
        "the live API, and warns at start (AnymailNotSupportedWarning)",
    ),
    "symfony-mailer": Client(
        title="sendgrid+api",
        options=_symfony_options,
        # read 2026-11-26
        source="symfony/symfony src/Symfony/Component/Mailer/Bridge/Sendgrid/Transport/SendgridApiTransport.php, 7.2",
        requirements=("symfony/sendgrid-mailer", "symfony/http-client"),
    ),
    "wp-mail-smtp": Client(
        title="sendgrid",
        options=_wp_mail_smtp_options,
        # read 2026-11-26
        source="https://github.com/awesomemotive/WP-Mail-SMTP/blob/master/src/Providers/Sendgrid/Mailer.php",
        setting_prefix="WPMS_SENDGRID_",
        note="the plugin sets no category, by which the events of one stream are told from those of another",
    ),
    **SDK_CLIENTS,
}
