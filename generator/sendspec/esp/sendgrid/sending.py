"""How one message goes through SendGrid's API, what its refusals mean, and how its events prove themselves."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, RootModel

from sendspec.esp.interface import with_native
from sendspec.esp.sendgrid.facts import DOCS, RETRY
from sendspec.model.blame import Blame
from sendspec.model.fact import Fact
from sendspec.model.route import Endpoint
from sendspec.model.secret import Secret
from sendspec.model.sending import (
    Answer,
    ApiRequest,
    EventSeen,
    Headers,
    Outgoing,
    Posted,
    Proof,
    Refusal,
    Sending,
    TestAddress,
    Verification,
)
from sendspec.model.vocabulary import Event
from sendspec.net.json_reply import read_json

READ = date(2026, 11, 26)
SINK = Fact(
    "smoke@sink.sendgrid.net",
    f"{DOCS}/ui/account-and-settings/safely-test-your-sending-speed",
    READ,
    note="any address at this host is accepted and deleted, and consumes credits",
)
SIGNATURE = Fact(
    ("x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"),
    f"{DOCS}/for-developers/tracking-events/getting-started-event-webhook-security-features",
    READ,
    note="ECDSA with SHA-256 on P-256 over timestamp and raw body; the public key is the Base64 of its DER form",
)
FRESH_SECONDS = 300
"""How old a signed post may be: a replay guard of five minutes is what webhook guides ask for (svix.com, Stripe)."""
ACTIVITY = Fact(
    "the Email Activity API needs the add-on `additional email activity history` and a key with access to it, and holds "
    "nothing of EU subusers",
    f"{DOCS}/api-reference/email-activity",
    READ,
    note="six requests a minute; GET /v3/messages?query=msg_id LIKE '<X-Message-ID>%'",
)
SANDBOX = Fact(
    "sandbox_mode",
    "https://github.com/sendgrid/docs/blob/c3eb3fe/content/docs/for-developers/sending-email/sandbox-mode.md",
    READ,
    note="answers 200 in place of 202, sends nothing, leads to no event; the API only",
)
UNIQUE_ARGUMENT = "sendspec_smoke"
OWN_OPTIONS = frozenset({"category", "click_tracking", "open_tracking", "asm_group_id", "ip_pool_name", "region"})
QUEUED = re.compile(r"queued as ([A-Za-z0-9_-]{10,64})")
"""`250 Ok: queued as 5wukd4NoS6GaNrC3ggB83A`: sg_message_id of every event begins with it."""

EVENTS: Mapping[str, Event] = {
    "delivered": Event.DELIVERED,
    "bounce": Event.BOUNCED,
    "deferred": Event.DEFERRED,
    "dropped": Event.REJECTED,
    "spamreport": Event.COMPLAINED,
    "open": Event.OPENED,
    "click": Event.CLICKED,
    "unsubscribe": Event.UNSUBSCRIBED,
    "group_unsubscribe": Event.UNSUBSCRIBED,
}
"""`event` of the payload, which spells one word otherwise than the setting does. Source: the Event Webhook reference."""
REFUSALS = (
    Refusal(
        codes=("550",),
        words="does not match a verified sender identity",
        blame=Blame.ACCOUNT_OR_ENDPOINT,
        because="the sender is not verified at this account, as 403 says over the API",
        source=f"{DOCS}/for-developers/sending-email/sender-identity",
    ),
    Refusal(
        codes=("451",),
        words="credits exceeded",
        blame=Blame.ACCOUNT_OR_ENDPOINT,
        because="the account has used up its credits",
        source=RETRY.source,
    ),
)


class _Error(BaseModel):
    message: str = ""


class _Errors(BaseModel):
    errors: list[_Error] = Field(min_length=1)


class _Posting(BaseModel):
    model_config = ConfigDict(extra="allow")

    event: str
    email: str
    sg_message_id: str = ""
    reason: str = ""


class _Postings(RootModel[list[_Posting]]):
    pass


def _request(endpoint: Endpoint, message: Outgoing) -> ApiRequest:
    options = endpoint.options
    sender = {"email": message.sender.address}
    if message.sender.display_name:
        sender["name"] = message.sender.display_name
    body: dict[str, object] = {
        "personalizations": [{"to": [{"email": message.recipient}]}],
        "from": sender,
        "subject": message.subject,
        "content": [{"type": "text/plain", "value": message.text}],
        "headers": dict(message.headers),
        "custom_args": {UNIQUE_ARGUMENT: message.marker},
    }
    if "category" in options:
        body["categories"] = [options["category"]]
    switches = ("click_tracking", "open_tracking")
    tracking = {name: {"enable": options[name] == "true"} for name in switches if name in options}
    if tracking:
        body["tracking_settings"] = tracking
    if "asm_group_id" in options:
        body["asm"] = {"group_id": int(options["asm_group_id"])}
    if "ip_pool_name" in options:
        body["ip_pool_name"] = options["ip_pool_name"]
    native = {name: _native(value) for name, value in options.items() if name not in OWN_OPTIONS}
    headers = (("Content-Type", "application/json"), ("Accept", "application/json"))
    content = json.dumps(with_native(body, native)).encode()
    return ApiRequest("POST", f"{endpoint.base_url}/v3/mail/send", headers, content)


def _native(text: str) -> object:
    """Give back what `extra:` of the route held: text stays text, all else was written as JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _authorize(
    request: ApiRequest, _endpoint: Endpoint, _user: Secret | None, key: Secret | None, _now: datetime
) -> ApiRequest:
    if key is None:
        raise ValueError("the account declares no `api_key`")
    headers = (*request.headers, ("Authorization", f"Bearer {key.reveal()}"))
    return ApiRequest(request.method, request.url, headers, request.body)


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """202 has no body: the id is in a header. 200 is the sandbox's answer."""
    if status in {200, 202}:
        return Answer(is_accepted=True, id=headers.get("x-message-id", ""))
    errors = read_json(body, _Errors)
    return Answer(is_accepted=False, said=errors.errors[0].message if errors else "")


def _smtp_headers(own: Headers, marker: str) -> Headers:
    """Put the marker into X-SMTPAPI, which comes once only."""
    fields: dict[str, object] = {}
    for name, value in own:
        if name == "X-SMTPAPI":
            fields = json.loads(value)
    given = fields.get("unique_args")
    arguments = {**(given if isinstance(given, dict) else {}), UNIQUE_ARGUMENT: marker}
    text = json.dumps({**fields, "unique_args": arguments}, sort_keys=True, separators=(",", ":"))
    return (*((name, value) for name, value in own if name != "X-SMTPAPI"), ("X-SMTPAPI", text))


def _smtp_id(said: str) -> str:
    match = QUEUED.search(said)
    return match[1] if match else ""


def _read_events(posted: Posted) -> Sequence[EventSeen] | None:
    postings = read_json(posted.body, _Postings)
    if postings is None:
        return None
    return tuple(
        EventSeen(
            EVENTS.get(posting.event), posting.event, posting.sg_message_id, posting.model_dump_json(), posting.reason
        )
        for posting in postings.root
    )


async def _verify(posted: Posted, verification: Verification) -> Proof:
    given, timestamp = (posted.headers.get(name, "") for name in SIGNATURE.value)
    if not (given and timestamp):
        return Proof.MISSING
    if not verification.key:
        return Proof.UNCHECKED
    try:
        key = load_der_public_key(base64.b64decode(verification.key, validate=True))
        if not isinstance(key, EllipticCurvePublicKey):
            return Proof.UNCHECKED
    except (ValueError, UnsupportedAlgorithm):
        return Proof.UNCHECKED
    try:
        signature = base64.b64decode(given, validate=True)
        key.verify(signature, timestamp.encode() + posted.body, ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return Proof.BAD
    is_fresh = timestamp.isdigit() and abs(verification.now.timestamp() - int(timestamp)) <= FRESH_SECONDS
    return Proof.GOOD if is_fresh else Proof.STALE


def _silence(endpoint: Endpoint, _key: Secret | None) -> str:
    if SANDBOX.value in endpoint.options.get("mail_settings", ""):
        return "the route's `extra` switches on the sandbox: the call is checked, nothing is sent and no event follows"
    return ""


SENDING = Sending(
    addresses={Event.DELIVERED: TestAddress(SINK, takes_label=True)},
    cost="one credit: SendGrid counts mail to its sink like any other",
    smtp_headers=_smtp_headers,
    request=_request,
    authorize=_authorize,
    answer=_answer,
    smtp_id=_smtp_id,
    read_events=_read_events,
    verify=_verify,
    refusals=REFUSALS,
    silence=_silence,
    no_lookup=ACTIVITY.value,
)
