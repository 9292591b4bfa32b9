"""Bodies that Postmark's account and server API take, from its written documentation; an unknown member is refused.

Sources (read 2026-11-26): https://postmarkapp.com/developer/api/ + servers-api, domains-api, message-streams-api,
webhooks-api.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid", strict=True)

    def given(self) -> dict[str, object]:
        """Give the members that were sent, by their names."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class EditServer(Body):
    name: str | None = None
    color: str | None = None
    smtp_api_activated: bool | None = None
    raw_email_enabled: bool | None = None
    inbound_hook_url: str | None = None
    bounce_hook_url: str | None = None
    open_hook_url: str | None = None
    delivery_hook_url: str | None = None
    click_hook_url: str | None = None
    post_first_open_only: bool | None = None
    inbound_domain: str | None = None
    inbound_spam_threshold: int | None = Field(default=None, ge=0, le=30)
    track_opens: bool | None = None
    track_links: Literal["None", "HtmlAndText", "HtmlOnly", "TextOnly"] | None = None
    include_bounce_content_in_hook: bool | None = None
    enable_smtp_api_error_hooks: bool | None = None


class NewServer(EditServer):
    name: str
    delivery_type: Literal["Live", "Sandbox"] = "Live"


class EditDomain(Body):
    return_path_domain: str | None = None


class NewDomain(EditDomain):
    name: str = Field(max_length=255)


class Handling(Body):
    unsubscribe_handling_type: Literal["None", "Postmark", "Custom"]


class EditStream(Body):
    name: str | None = Field(default=None, min_length=1)
    description: str | None = None
    subscription_management_configuration: Handling | None = None


class NewStream(EditStream):
    id: str = Field(alias="ID", pattern=r"^[a-z][a-z0-9_-]{0,29}$")
    name: str = Field(min_length=1)
    message_stream_type: Literal["Transactional", "Broadcasts"]


class Login(Body):
    username: str
    password: str


class Header(Body):
    name: str
    value: str


class Plain(Body):
    enabled: bool


class Opens(Plain):
    post_first_open_only: bool = False


class WithContent(Plain):
    include_content: bool = False


class Triggers(Body):
    open: Opens | None = None
    click: Plain | None = None
    delivery: Plain | None = None
    bounce: WithContent | None = None
    spam_complaint: WithContent | None = None
    subscription_change: Plain | None = None


class EditWebhook(Body):
    url: str | None = Field(default=None, pattern=r"^https?://")
    http_auth: Login | None = None
    http_headers: list[Header] | None = None
    triggers: Triggers | None = None
    verify: bool = True


class NewWebhook(EditWebhook):
    url: str = Field(pattern=r"^https?://")
    message_stream: str = "outbound"
