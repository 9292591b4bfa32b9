"""What Postmark answers about what is managed. Secrets are wrapped as they come in; the rest of an answer is kept too."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_pascal

from sendspec.model.secret import Secret


class Answer(BaseModel):
    """One answer. Members without a field of their own are kept: a spec may name those that are newer than this file."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="allow", hide_input_in_errors=True)

    def raw(self) -> dict[str, object]:
        """Give the members by their own names. What is secret stays wrapped."""
        return self.model_dump(by_alias=True)


class Done(Answer):
    """The answer to a removal: `{"ErrorCode": 0, "Message": "Domain example.com removed."}`."""


class Server(Answer):
    """Source: https://postmarkapp.com/developer/api/servers-api (read 2026-11-26)."""

    id: int = Field(alias="ID")
    name: str
    api_tokens: list[SecretStr] = []
    delivery_type: str = "Live"

    def token(self) -> Secret | None:
        """Give a token of the server; only the account token is shown any."""
        return Secret(self.api_tokens[0].get_secret_value()) if self.api_tokens else None

    def owns(self, token: Secret) -> bool:
        """Tell whether a token is one of the server's. Their case does not matter (API overview, Authentication)."""
        return token.reveal().casefold() in {each.get_secret_value().casefold() for each in self.api_tokens}


class Servers(Answer):
    """A page of servers."""

    total_count: int
    servers: list[Server]


class Domain(Answer):
    """Source: https://postmarkapp.com/developer/api/domains-api (read 2026-11-26).

    `DKIMVerified` says that a key was seen once: it stays true when the record is gone.
    """

    id: int = Field(alias="ID")
    name: str
    return_path_domain: str | None = ""
    return_path_domain_verified: bool = False
    dkim_verified: bool = Field(default=False, alias="DKIMVerified")
    dkim_host: str | None = Field(default="", alias="DKIMHost")
    dkim_text_value: str | None = Field(default="", alias="DKIMTextValue")
    dkim_pending_host: str | None = Field(default="", alias="DKIMPendingHost")
    dkim_pending_text_value: str | None = Field(default="", alias="DKIMPendingTextValue")
    dkim_revoked_host: str | None = Field(default="", alias="DKIMRevokedHost")
    dkim_revoked_text_value: str | None = Field(default="", alias="DKIMRevokedTextValue")
    safe_to_remove_revoked_key: bool = Field(default=False, alias="SafeToRemoveRevokedKeyFromDNS")
    dkim_update_status: str | None = Field(default="", alias="DKIMUpdateStatus")


class DomainName(Answer):
    """A domain in a list: without its keys."""

    id: int = Field(alias="ID")
    name: str


class Domains(Answer):
    """A page of domains."""

    total_count: int
    domains: list[DomainName]


class Rotation(Answer):
    """The answer to `rotatedkim`: the keys of a domain, without its return-path."""

    id: int = Field(alias="ID")


class Handling(Answer):
    """`SubscriptionManagementConfiguration` of a message stream."""

    unsubscribe_handling_type: str = "None"


class Stream(Answer):
    """Source: https://postmarkapp.com/developer/api/message-streams-api (read 2026-11-26)."""

    id: str = Field(alias="ID")
    name: str
    description: str | None = None
    message_stream_type: str
    archived_at: str | None = None
    expected_purge_date: str | None = None
    subscription_management_configuration: Handling | None = None


class Streams(Answer):
    """All message streams of a server: they come on one page."""

    message_streams: list[Stream]


class Archived(Answer):
    """The answer to `archive`."""

    expected_purge_date: str | None = None


class Login(Answer):
    """`HttpAuth` of a webhook: the password comes in the clear."""

    username: str = ""
    password: SecretStr = SecretStr("")


class Header(Answer):
    """A header that a webhook is posted with; its value may be a secret."""

    name: str
    value: SecretStr


class Webhook(Answer):
    """Source: https://postmarkapp.com/developer/api/webhooks-api (read 2026-11-26)."""

    id: int = Field(alias="ID")
    url: str
    message_stream: str
    status: str = ""
    http_auth: Login | None = None
    http_headers: list[Header] | None = None
    triggers: dict[str, dict[str, bool]] = {}


class Webhooks(Answer):
    """All webhooks of a server, or of one message stream."""

    webhooks: list[Webhook]


class Verdict(Answer):
    """The answer to `POST /webhooks/{id}/verify`."""

    success: bool = False
    message: str = ""
