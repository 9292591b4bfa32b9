"""How one message goes through Postmark's API, what its refusals mean, and where it tells what became of a message."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from sendspec.esp.postmark.facts import API_HOST, DOCS
from sendspec.model.blame import Blame
from sendspec.model.fact import Fact
from sendspec.model.route import Endpoint
from sendspec.model.secret import Secret
from sendspec.model.sending import (
    Answer,
    ApiRequest,
    EventSeen,
    Headers,
    Lookup,
    Outgoing,
    Posted,
    Proof,
    Sending,
    TestAddress,
    Verification,
)
from sendspec.model.vocabulary import Event
from sendspec.net.json_reply import read_json

READ = date(2026, 11, 26)
BLACK_HOLE = Fact(
    "test@blackhole.postmarkapp.com",
    "ActiveCampaign/postmark-skills @ 73ea6bf postmark-email-best-practices/references/testing.md",
    READ,
    note="accepted and shown in the activity, delivered nowhere; users see Postmark take it even while an account waits "
    "for approval, so it proves nothing about that (a report of 2026-09-20 in a public repository)",
)
SOFT_BOUNCE = Fact(
    "SoftBounce@bounce-testing.postmarkapp.com",
    f"{DOCS}/user-guide/sandbox-mode/generate-fake-bounces",
    READ,
    note="not the hard bounce: that one puts the address on the stream's suppression list, and the next test would fail",
)
TEST_TOKEN = Fact(
    "POSTMARK_API_TEST",
    f"{DOCS}/api/overview",
    READ,
    note="validates a message and sends nothing; no activity, no event",
)
MESSAGES_API = Fact(
    "/messages/outbound",
    f"{DOCS}/api/messages-api",
    READ,
    note="count and offset are required; `messagestream` is needed for every stream but the default one; an event list is "
    "in the details of one message (seen in a client's dump, pastebin.com/F11iLf6W)",
)
METADATA_KEY = "sendspec-smoke"
STREAM_HEADER = "X-PM-Message-Stream"
SEARCHED = 20
NOT_SHOWN = 701

NOT_SENT, NEVER = Blame.ACCOUNT_OR_ENDPOINT, Blame.RECIPIENT_OR_CONTENT
API_BLAMES: Mapping[str, Blame] = {
    "10": NOT_SENT,  # bad or missing token
    "100": NOT_SENT,  # maintenance
    "300": NEVER,  # invalid request
    "400": NOT_SENT,  # sender signature not found
    "401": NOT_SENT,  # sender signature not confirmed
    "402": NEVER,  # invalid JSON
    "403": NEVER,  # incompatible JSON
    "405": NOT_SENT,  # not allowed to send: out of credits
    "406": NEVER,  # inactive recipient: the other ESP does not know of the bounce or complaint
    "409": NEVER,  # JSON required
    "410": NEVER,  # too many messages in a batch
    "411": NEVER,  # forbidden attachment type
    "412": NOT_SENT,  # account pending approval
    "413": NOT_SENT,  # account may not send
    "429": NOT_SENT,  # rate limit
    "1235": NOT_SENT,  # the message stream does not exist on this server; as users report it, the overview lacks the row
}
"""By ErrorCode. Source: the error codes of the API overview (https://postmarkapp.com/developer/api/overview)."""
EVENTS: Mapping[str, Event] = {
    "Delivery": Event.DELIVERED,
    "Delivered": Event.DELIVERED,
    "Bounce": Event.BOUNCED,
    "Bounced": Event.BOUNCED,
    "Transient": Event.DEFERRED,
    "SpamComplaint": Event.COMPLAINED,
    "Open": Event.OPENED,
    "Opened": Event.OPENED,
    "Click": Event.CLICKED,
    "LinkClicked": Event.CLICKED,
    "SubscriptionChange": Event.UNSUBSCRIBED,
    "SubscriptionChanged": Event.UNSUBSCRIBED,
}
"""The words of webhooks (RecordType) and of the messages API (Type of MessageEvents)."""
BOUNCES: Mapping[str, Event] = {
    "Transient": Event.DEFERRED,
    "DnsError": Event.DEFERRED,
    "SMTPApiError": Event.REJECTED,
}
"""Types of a Bounce that are something else here; `EVENT_NAMES` of the facts says the same the other way round."""
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class _Json(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)


class _Answer(_Json):
    error_code: int
    message: str = ""
    message_id: str = Field(default="", alias="MessageID")


class _Post(_Json):
    record_type: str
    message_id: str = Field(default="", alias="MessageID")
    type: str = ""
    description: str = ""


class _Found(_Json):
    message_id: str = Field(alias="MessageID")
    subject: str = ""


class _Search(_Json):
    messages: list[_Found]


class _MessageEvent(_Json):
    type: str


class _Details(_Json):
    message_id: str = Field(alias="MessageID")
    subject: str = ""
    message_events: list[_MessageEvent]


def _request(endpoint: Endpoint, message: Outgoing) -> ApiRequest:
    options = endpoint.options
    body: dict[str, object] = {
        "From": message.sender.to_text(),
        "To": message.recipient,
        "Subject": message.subject,
        "TextBody": message.text,
        "Headers": [{"Name": name, "Value": value} for name, value in message.headers],
        "Metadata": {METADATA_KEY: message.marker},
    }
    if "message_stream" in options:
        body["MessageStream"] = options["message_stream"]
    if "track_opens" in options:
        body["TrackOpens"] = options["track_opens"] == "true"
    if "track_links" in options:
        body["TrackLinks"] = options["track_links"]
    headers = (("Content-Type", "application/json"), ("Accept", "application/json"))
    return ApiRequest("POST", f"{endpoint.base_url}/email", headers, json.dumps(body).encode())


def _authorize(
    request: ApiRequest, _endpoint: Endpoint, _user: Secret | None, key: Secret | None, _now: datetime
) -> ApiRequest:
    if key is None:
        raise ValueError("the account declares no `server_token`")
    return _with_token(request, key)


def _with_token(request: ApiRequest, token: Secret) -> ApiRequest:
    headers = (*request.headers, ("X-Postmark-Server-Token", token.reveal()))
    return ApiRequest(request.method, request.url, headers, request.body)


def _answer(status: int, _headers: Mapping[str, str], body: bytes) -> Answer:
    """Postmark answers 200 with an ErrorCode for each message of a batch; a code decides, not the status alone."""
    read = read_json(body, _Answer)
    if read is None:
        return Answer(is_accepted=False)
    if status == 200 and read.error_code == 0:  # noqa: PLR2004 - HTTP OK
        return Answer(is_accepted=bool(read.message_id), id=read.message_id)
    return Answer(is_accepted=False, code=str(read.error_code), said=read.message)


def _smtp_headers(own: Headers, marker: str) -> Headers:
    return (*own, (f"X-PM-Metadata-{METADATA_KEY}", marker))


def _smtp_id(said: str) -> str:
    """Postmark queues with an id of its own there; only if a message's UUID stands in it is it the message's."""
    match = UUID.search(said)
    return match[0] if match else ""


def _read_events(posted: Posted) -> Sequence[EventSeen] | None:
    post = read_json(posted.body, _Post)
    if post is None:
        return None
    event = EVENTS.get(post.record_type)
    if event is Event.BOUNCED:
        event = BOUNCES.get(post.type, Event.BOUNCED)
    name = f"{post.record_type} {post.type}".strip()
    text = posted.body.decode("utf-8", "replace")
    return (EventSeen(event, name, post.message_id, text, post.description),)


async def _verify(_posted: Posted, _verification: Verification) -> Proof:
    """Postmark's posts are told from forged ones by basic auth and address; neither is known here."""
    return Proof.NONE_EXIST


def _search(endpoint: Endpoint, token: Secret, marker: str) -> ApiRequest:
    query = {"count": str(SEARCHED), "offset": "0", "subject": marker}
    stream = endpoint.options.get("message_stream") or dict(endpoint.headers).get(STREAM_HEADER)
    stream = stream or endpoint.esp_stream.removeprefix("message stream ")
    if stream:
        query["messagestream"] = stream
    return _read_call(f"{MESSAGES_API.value}?{urlencode(query)}", token)


def _found(body: bytes, marker: str) -> str:
    """Give the id of the message with the marker in its subject: the search may find others too."""
    search = read_json(body, _Search)
    found = (message.message_id for message in search.messages if marker in message.subject) if search else ()
    return next(iter(found), "")


def _details(token: Secret, message_id: str) -> ApiRequest:
    return _read_call(f"{MESSAGES_API.value}/{quote(message_id, safe='')}/details", token)


def _read_call(path: str, token: Secret) -> ApiRequest:
    headers = (("Accept", "application/json"),)
    return _with_token(ApiRequest("GET", f"https://{API_HOST.value}{path}", headers), token)


def _events(body: bytes) -> Sequence[EventSeen] | None:
    details = read_json(body, _Details)
    return None if details is None else tuple(_seen(details))


def _seen(details: _Details) -> Iterator[EventSeen]:
    for event in details.message_events:
        yield EventSeen(EVENTS.get(event.type), event.type, details.message_id, details.subject)


def _is_not_yet(status: int, body: bytes) -> bool:
    """Postmark answers 422 with code 701 for a message that it does not show yet."""
    answer = read_json(body, _Answer)
    return status == 404 or (answer is not None and answer.error_code == NOT_SHOWN)  # noqa: PLR2004 - HTTP


def _silence(_endpoint: Endpoint, key: Secret | None) -> str:
    if key is not None and key.reveal() == TEST_TOKEN.value:
        return f"{TEST_TOKEN.value} validates a message and sends nothing: no activity and no event ever follows"
    return ""


SENDING = Sending(
    addresses={Event.DELIVERED: TestAddress(BLACK_HOLE), Event.BOUNCED: TestAddress(SOFT_BOUNCE)},
    cost="one message of the account's monthly volume",
    caveat="Postmark takes its own test addresses even while the account waits for approval: `sendspec check` tells that",
    smtp_headers=_smtp_headers,
    request=_request,
    authorize=_authorize,
    answer=_answer,
    smtp_id=_smtp_id,
    read_events=_read_events,
    verify=_verify,
    api_blames=API_BLAMES,
    silence=_silence,
    lookup=Lookup(
        title="Postmark's messages API",
        credential="server_token",
        search=_search,
        found=_found,
        details=_details,
        events=_events,
        is_not_yet=_is_not_yet,
    ),
)
