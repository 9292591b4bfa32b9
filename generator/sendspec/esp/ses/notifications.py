"""Events of SES as SNS brings them: read, and told from forged ones by the signature that SNS puts on each."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import load_pem_x509_certificate
from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from sendspec.model.fact import Fact
from sendspec.model.sending import EventSeen, Posted, Proof, Verification
from sendspec.model.vocabulary import Event
from sendspec.net.json_reply import read_json

READ = date(2026, 11, 26)
SNS_GUIDE = "https://docs.aws.amazon.com/sns/latest/dg"
SIGNED: Fact[Mapping[str, tuple[str, ...]]] = Fact(
    {
        "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
        "SubscriptionConfirmation": (
            *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
        ),
        "UnsubscribeConfirmation": (
            *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
        ),
    },
    f"{SNS_GUIDE}/sns-verify-signature-of-message-verify-message-signature.html",
    READ,
    note="each as name, line feed, value, line feed, in this order; a subject only where there is one",
)
HASHES: Mapping[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303 - what SNS signs with unless asked otherwise
SNS_HOST = re.compile(r"sns\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu)\Z")
"""Whose certificates count: the partition's endpoint of SNS (botocore 1.44.5 data/endpoints.json)."""
CERTIFICATE_PATH = re.compile(r"SimpleNotificationService-[0-9A-Za-z]+\.pem")
FRESH_SECONDS = 3600
"""SNS gives up on an endpoint after an hour by its default policy, so no honest post is older."""

EVENTS: Mapping[str, Event] = {
    "Delivery": Event.DELIVERED,
    "Bounce": Event.BOUNCED,
    "DeliveryDelay": Event.DEFERRED,
    "Complaint": Event.COMPLAINED,
    "Open": Event.OPENED,
    "Click": Event.CLICKED,
    "Subscription": Event.UNSUBSCRIBED,
    "Reject": Event.REJECTED,
    "Rendering Failure": Event.REJECTED,
}
"""`eventType` of the payload. Source: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html."""


class _Envelope(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)

    type: str
    message: str
    message_id: str = ""
    subject: str | None = None
    timestamp: str = ""
    topic_arn: str = ""
    token: str = ""
    subscribe_url: str = Field(default="", alias="SubscribeURL")
    signature: str = ""
    signature_version: str = ""
    signing_cert_url: str = Field(default="", alias="SigningCertURL")


class _Mail(BaseModel):
    message_id: str = Field(alias="messageId")


class _Bounce(BaseModel):
    kind: str = Field(default="", alias="bounceType")


class _Record(BaseModel):
    kind: str = Field(validation_alias=AliasChoices("eventType", "notificationType"))
    mail: _Mail
    bounce: _Bounce = _Bounce()


def read_events(posted: Posted) -> Sequence[EventSeen] | None:
    """Read a post of SNS, or what a queue holds: the envelope, or the record alone (raw delivery)."""
    envelope = read_json(posted.body, _Envelope)
    if envelope is not None and envelope.type != "Notification":
        return () if envelope.type in SIGNED.value else None
    content = posted.body if envelope is None else envelope.message.encode()
    record = read_json(content, _Record)
    if record is None:
        return None if envelope is None else ()
    text = content.decode("utf-8", "replace")
    return (EventSeen(EVENTS.get(record.kind), record.kind, record.mail.message_id, text, record.bounce.kind),)


def confirmation_url(posted: Posted) -> str:
    """Give the URL that confirms a subscription; empty for any other post, and for a URL that is not SNS's own."""
    envelope = read_json(posted.body, _Envelope)
    if envelope is None or envelope.type != "SubscriptionConfirmation" or not _is_sns(envelope.subscribe_url):
        return ""
    return envelope.subscribe_url


async def verify(posted: Posted, verification: Verification) -> Proof:
    """Check the signature with the certificate that the post names, if that one is SNS's own."""
    envelope = read_json(posted.body, _Envelope)
    if envelope is None:  # SNS signs every post
        return Proof.BAD
    hashing = HASHES.get(envelope.signature_version)
    if hashing is None or not _is_certificate(envelope.signing_cert_url) or envelope.type not in SIGNED.value:
        return Proof.BAD
    pem = await verification.fetch(envelope.signing_cert_url)
    key = _public_key(pem, verification.now) if pem else None
    if key is None:
        return Proof.UNCHECKED
    try:
        signature = base64.b64decode(envelope.signature, validate=True)
        key.verify(signature, _signed_text(envelope, posted.body), PKCS1v15(), hashing)
    except (ValueError, InvalidSignature):
        return Proof.BAD
    return Proof.GOOD if _is_fresh(envelope.timestamp, verification.now) else Proof.STALE


def _is_certificate(url: str) -> bool:
    """Tell whether a URL is that of a certificate of SNS. Its host alone is not enough: it serves other people's text too.

    An answer of the API with a certificate in it, fetched by a URL signed in advance, would be one of the sender's choosing.
    """
    return _is_sns(url) and CERTIFICATE_PATH.fullmatch(url.split("/", 3)[-1]) is not None


def _is_sns(url: str) -> bool:
    try:
        parts = urlsplit(url)
        place = (parts.scheme, parts.port, parts.username)
    except ValueError:
        return False
    return place == ("https", None, None) and SNS_HOST.match(parts.hostname or "") is not None


def _public_key(pem: bytes, now: datetime) -> RSAPublicKey | None:
    try:
        certificate = load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except ValueError:
        return None
    is_valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return key if is_valid and isinstance(key, RSAPublicKey) else None


def _signed_text(envelope: _Envelope, body: bytes) -> bytes:
    members = json.loads(body)
    names = SIGNED.value[envelope.type]
    return "".join(f"{name}\n{members[name]}\n" for name in names if members.get(name) is not None).encode()


def _is_fresh(timestamp: str, now: datetime) -> bool:
    try:
        sent = datetime.fromisoformat(timestamp)
    except ValueError:
        return False
    return sent.tzinfo is not None and abs((now - sent.astimezone(UTC)).total_seconds()) <= FRESH_SECONDS
