"""Bodies of the calls that manage an account, as SendGrid takes them: what it does not name is refused.

Source: the files of twilio/sendgrid-oai @ dbe0e0d, 2026-01-22, for each kind. They forbid nothing; a member that is
misspelt would pass there.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^$‹]*$")]
"""No placeholder is ever sent."""
Ipv4 = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}$")]


class Body(BaseModel):
    """A body that holds what it may hold."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SubuserNew(Body):
    """`POST /v3/subusers`."""

    username: Text
    email: Annotated[str, Field(pattern=r"^[^@\s$]+@[^@\s]+$")]
    password: Annotated[str, Field(min_length=8, pattern=r"^[^$]*$")]
    ips: Annotated[list[Ipv4], Field(min_length=1)]
    region: Literal["global", "eu"] = "global"
    include_region: bool = False


class SubuserPatch(Body):
    """`PATCH /v3/subusers/{name}`."""

    disabled: bool


class DomainNew(Body):
    """`POST /v3/whitelabel/domains`."""

    domain: Text
    subdomain: Text | None = None
    username: Text | None = None
    ips: list[Ipv4] = []
    custom_spf: bool = False
    default: bool = False
    automatic_security: bool = True
    custom_dkim_selector: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{3}$")] | None = None
    region: Literal["global", "eu"] = "global"


class DomainPatch(Body):
    """`PATCH /v3/whitelabel/domains/{id}`."""

    default: bool | None = None
    custom_spf: bool | None = None


class LinkNew(Body):
    """`POST /v3/whitelabel/links`."""

    domain: Text
    subdomain: Text | None = None
    default: bool = False
    region: Literal["eu", "us"] = "us"


class LinkPatch(Body):
    """`PATCH /v3/whitelabel/links/{id}`."""

    default: bool


class WebhookBody(Body):
    """`POST /v3/user/webhooks/event/settings`, and `PATCH .../{id}`, which wants the url too."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s$]+$", max_length=2048)]
    enabled: bool = True
    friendly_name: str | None = None
    oauth_client_id: str | None = None
    oauth_client_secret: str | None = None
    oauth_token_url: str | None = None
    bounce: bool = False
    click: bool = False
    deferred: bool = False
    delivered: bool = False
    dropped: bool = False
    group_resubscribe: bool = False
    group_unsubscribe: bool = False
    open: bool = False
    processed: bool = False
    spam_report: bool = False
    unsubscribe: bool = False


class Switch(Body):
    """`PATCH` of a signature or of a tracking setting."""

    enabled: bool


class KeyNew(Body):
    """`POST /v3/api_keys`. Without scopes it is a key that may do everything."""

    name: Text
    scopes: Annotated[list[Text], Field(min_length=1)] | None = None


class KeyPut(Body):
    """`PUT /v3/api_keys/{id}`."""

    name: Text
    scopes: Annotated[list[Text], Field(min_length=1)]
