"""How a call to SendGrid is put together: host, path, headers, body. Files and live commands both ask here."""

from collections.abc import Mapping
from typing import cast

from sendspec.esp.sendgrid.facts import API_HOSTS, GLOBAL, ON_BEHALF_OF
from sendspec.esp.sendgrid.settings import Settings
from sendspec.model.account import Account
from sendspec.model.resource import Resource

SUBUSER, DOMAIN, LINKS, WEBHOOK, SIGNATURE, KEY, TRACKING = (
    "subuser",
    "authenticated-domain",
    "link-branding",
    "event-webhook",
    "event-webhook-signature",
    "api-key",
    "tracking",
)
"""Kinds of resources, in the order in which they are made."""
PATHS: Mapping[str, tuple[str, str]] = {
    SUBUSER: ("POST", "/v3/subusers"),
    DOMAIN: ("POST", "/v3/whitelabel/domains"),
    LINKS: ("POST", "/v3/whitelabel/links"),
    WEBHOOK: ("POST", "/v3/user/webhooks/event/settings"),
    SIGNATURE: ("PATCH", "/v3/user/webhooks/event/settings/signed/{id}"),
    KEY: ("POST", "/v3/api_keys"),
    TRACKING: ("PATCH", "/v3/tracking_settings/{id}"),
}
"""Kind -> the call that brings it about."""
DISABLED = "disabled"
"""Of a subuser: only a PATCH takes it, and a new one is enabled."""
MANAGEMENT_KEY = "api_key"
"""What the spec calls the key that manages, below `manage:`."""


def base_url(account: Account, *, as_parent: bool) -> str:
    """Give scheme and host: of the account's region, or of the account that owns the subuser.

    The account that owns subusers is global whatever their region: it makes them, and only there.
    """
    hosts = API_HOSTS.value
    region = GLOBAL if as_parent else cast("Settings", account.settings).region
    return f"https://{hosts.get(region, hosts[GLOBAL])}"


def call_headers(account: Account, bearer: str, *, as_parent: bool, has_body: bool) -> tuple[tuple[str, str], ...]:
    """Give the headers of a call with a key, or with a placeholder of one."""
    subuser = cast("Settings", account.settings).subuser
    headers = [("Authorization", f"Bearer {bearer}")]
    if has_body:
        headers.append(("Content-Type", "application/json"))
    if subuser is not None and not as_parent:
        headers.append((ON_BEHALF_OF.value, subuser))
    return tuple(headers)


def body_to_create(resource: Resource) -> dict[str, object]:
    """Give the body of the call that makes a resource."""
    return {name: value for name, value in resource.properties.items() if (resource.kind, name) != (SUBUSER, DISABLED)}
