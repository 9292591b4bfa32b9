"""A Postmark server of a rehearsal: what it holds, made from what the setup wants to exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import getaddresses

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from sendspec.esp.postmark.endpoint import SMTP_TOKEN
from sendspec.esp.postmark.facts import DEFAULT_STREAMS
from sendspec.esp.postmark.resources import WEBHOOK_USER
from sendspec.model.account import Account
from sendspec.model.credential import Credential
from sendspec.model.credential_use import credentials_of, routes_as_used
from sendspec.model.setup import Setup
from sendspec.model.stand_in import made_up

WEBHOOK_PASSWORD = "rehearsal"  # noqa: S105 - where the spec names none


class _Strict(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid")


class _Header(_Strict):
    name: str
    value: str


class _Attachment(_Strict):
    name: str
    content: str
    content_type: str
    content_id: str | None = Field(default=None, alias="ContentID")


class Email(_Strict):
    """`POST /email`. Source: the Email API page."""

    from_: str = Field(default="", alias="From")
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    tag: str = ""
    html_body: str = ""
    text_body: str = ""
    reply_to: str = ""
    headers: list[_Header] = []
    track_opens: bool = False
    track_links: str = "None"
    attachments: list[_Attachment] = []
    metadata: dict[str, str] = {}
    message_stream: str = "outbound"

    def recipients(self) -> tuple[str, ...]:
        """Give the addresses of To, Cc and Bcc."""
        # Pythons from 2024 on find no address at all where one of the texts is empty.
        texts = filter(None, (self.to, self.cc, self.bcc))
        return tuple(address for _, address in getaddresses(texts) if "@" in address)


@dataclass(slots=True)
class Message:
    """A message that was taken. `id` is the MessageID."""

    id: str
    email: Email
    received_at: str


@dataclass(slots=True)
class Server:
    """One server, and what of the account around it its domains need."""

    id: int
    properties: dict[str, object]
    tokens: frozenset[str]
    account_tokens: frozenset[str]
    smtp_tokens: Mapping[tuple[str, str], str]
    streams: dict[str, dict[str, object]]
    webhooks: list[dict[str, object]]
    domains: dict[str, int]
    messages: dict[str, Message] = field(default_factory=dict)


def make_server(setup: Setup, account: Account, values: Mapping[str, str], number: int, moment: str) -> Server:
    """Give an account's server with everything that the setup wants to exist there."""
    held = credentials_of(setup, account)
    wanted = [resource for resource in setup.resources if resource.account == account.id]
    streams = {
        name: _stream(number, moment, {"ID": name, "Name": name, "MessageStreamType": kind})
        for name, kind in DEFAULT_STREAMS.value.items()
    }
    streams |= {each.id: _stream(number, moment, each.properties) for each in wanted if each.kind == "message-stream"}
    password = next((values[each.id] for each in account.manage if each.name == "webhook_password"), WEBHOOK_PASSWORD)
    login = {"Username": WEBHOOK_USER, "Password": password}
    webhooks = enumerate((each for each in wanted if each.kind == "webhook"), 1)
    return Server(
        id=number,
        properties=_properties(number, next(each.properties for each in wanted if each.kind == "server")),
        tokens=frozenset(values[each.id] for each in held if each.name == "server_token"),
        account_tokens=frozenset(values[each.id] for each in held if each.name == "account_token"),
        smtp_tokens=_smtp_tokens(setup, account, values),
        streams=streams,
        webhooks=[
            dict(each.properties) | {"ID": place, "HttpHeaders": [], "HttpAuth": login} for place, each in webhooks
        ],
        domains={each.id: place for place, each in enumerate((each for each in wanted if each.kind == "domain"), 1)},
    )


def _smtp_tokens(setup: Setup, account: Account, values: Mapping[str, str]) -> Mapping[tuple[str, str], str]:
    """Give the message stream that each SMTP token belongs to, by access key and secret key."""
    found: dict[tuple[str, str], str] = {}
    for route in routes_as_used(setup, account):
        user, password = route.endpoint.username, route.endpoint.password
        if isinstance(user, Credential) and isinstance(password, Credential) and user.name == SMTP_TOKEN[0]:
            found[values[user.id], values[password.id]] = route.endpoint.esp_stream.removeprefix("message stream ")
    return found


def _stream(server: int, moment: str, properties: Mapping[str, object]) -> dict[str, object]:
    """Give a message stream as the API shows it."""
    given = {"Description": None, "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": "None"}}
    times = {"CreatedAt": moment, "UpdatedAt": None, "ArchivedAt": None, "ExpectedPurgeDate": None}
    return {**given, **properties, "ServerID": server, **times}


def _properties(number: int, wanted: Mapping[str, object]) -> dict[str, object]:
    """Give a server as `GET /server` shows it, without its tokens."""
    inbound = made_up(32, "inbound", str(number), letters="0123456789abcdef")
    hooks = ("InboundHookUrl", "BounceHookUrl", "OpenHookUrl", "DeliveryHookUrl", "ClickHookUrl")
    return {
        "ID": number,
        "Color": "grey",
        "RawEmailEnabled": False,
        "ServerLink": f"https://postmarkapp.com/servers/{number}/streams",
        "InboundAddress": f"{inbound}@inbound.postmarkapp.com",
        "InboundHash": inbound,
        "InboundDomain": "",
        "InboundSpamThreshold": 0,
        "PostFirstOpenOnly": False,
        "IncludeBounceContentInHook": False,
        **dict.fromkeys(hooks, ""),
        **wanted,
    }
