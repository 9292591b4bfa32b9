"""What becomes of mail that an SES stand-in took: event records, and how SNS posts and signs them.

Source: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html and
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html, read 2026-11-26.
"""

import base64
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sendspec.model.stand_in import EventPost

SIMULATOR = "simulator.amazonses.com"
BOUNCED = {
    "bounce": ("Permanent", "General", "5.1.1"),
    "suppressionlist": ("Permanent", "Suppressed", "5.1.1"),
}
"""By the local part at the simulator, without its label: (bounceType, bounceSubType, status)."""
NAMES = {"Delivery": "DELIVERY", "Bounce": "BOUNCE", "Complaint": "COMPLAINT", "Send": "SEND"}
"""`eventType` of a record -> the word of an event destination."""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A message that SES took."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    configuration_set: str
    tags: Mapping[str, str]
    moment: datetime


class Notifier:
    """SNS: posts in the name of topics of a region, signed with a key of its own, made when it is first needed."""

    def __init__(self, host: str, moment: datetime) -> None:
        self._host = host
        self._moment = moment

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65537, 2048)

    @cached_property
    def certificate(self) -> bytes:
        """Give the certificate that receivers check signatures with, as PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._host)])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(self._moment - timedelta(days=1))
        return (
            builder.not_valid_after(self._moment + timedelta(days=30))
            .sign(self._key, SHA256())
            .public_bytes(Encoding.PEM)
        )

    @property
    def certificate_path(self) -> str:
        """Give the path at its host where the certificate is."""
        return "/SimpleNotificationService-rehearsal.pem"

    def post(self, url: str, topic: str, record: Mapping[str, object], moment: datetime) -> EventPost:
        """Give a notification for one subscription."""
        message = json.dumps(record)
        envelope = {
            "Type": "Notification",
            "MessageId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{topic} {message}")),
            "TopicArn": topic,
            "Subject": "Amazon SES Email Event Notification",
            "Message": message,
            "Timestamp": _text(moment),
            "SignatureVersion": "2",
            "SigningCertURL": f"https://{self._host}{self.certificate_path}",
            "UnsubscribeURL": f"https://{self._host}/?Action=Unsubscribe",
        }
        order = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
        text = "".join(f"{name}\n{envelope[name]}\n" for name in order)
        signature = self._key.sign(text.encode(), padding.PKCS1v15(), SHA256())
        envelope["Signature"] = base64.b64encode(signature).decode()
        headers = (
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("User-Agent", "Amazon Simple Notification Service Agent"),
            ("x-amz-sns-message-type", "Notification"),
            ("x-amz-sns-message-id", envelope["MessageId"]),
            ("x-amz-sns-topic-arn", topic),
        )
        return EventPost(url, headers, json.dumps(envelope).encode())


def records_of(mail: SentMail, account_number: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Give (word of the event destination, record) for everything that becomes of a message."""
    common = _mail(mail, account_number)
    yield NAMES["Send"], {"eventType": "Send", "mail": common, "send": {}}
    for address in mail.recipients:
        for kind, details in _fate(address, mail.moment):
            yield NAMES[kind], {"eventType": kind, "mail": common | {"destination": [address]}, kind.lower(): details}


def _fate(address: str, moment: datetime) -> Iterator[tuple[str, Mapping[str, object]]]:
    local, _, domain = address.lower().rpartition("@")
    who = local.partition("+")[0] if domain == SIMULATOR else ""
    if who in BOUNCED:
        kind, subtype, status = BOUNCED[who]
        recipient = {
            "emailAddress": address,
            "action": "failed",
            "status": status,
            "diagnosticCode": f"smtp; 550 {status}",
        }
        bounce = {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": [recipient]}
        yield (
            "Bounce",
            bounce | {"timestamp": _text(moment), "feedbackId": f"{uuid.uuid5(uuid.NAMESPACE_URL, address)}-000000"},
        )
        return
    delivery = {"timestamp": _text(moment), "processingTimeMillis": 500, "recipients": [address]}
    yield (
        "Delivery",
        delivery | {"smtpResponse": "250 2.6.0 Message received", "reportingMTA": "a8-50.smtp-out.amazonses.com"},
    )
    if who == "complaint":
        complained = {"complainedRecipients": [{"emailAddress": address}], "timestamp": _text(moment)}
        yield "Complaint", complained | {"feedbackId": "rehearsal", "complaintFeedbackType": "abuse"}


def _mail(mail: SentMail, account_number: str) -> dict[str, object]:
    tags = {"ses:configuration-set": [mail.configuration_set], **{name: [value] for name, value in mail.tags.items()}}
    return {
        "timestamp": _text(mail.moment),
        "source": mail.sender,
        "sendingAccountId": account_number,
        "messageId": mail.id,
        "destination": list(mail.recipients),
        "headersTruncated": False,
        "headers": [{"name": "From", "value": mail.sender}, {"name": "Subject", "value": mail.subject}],
        "commonHeaders": {"from": [mail.sender], "to": list(mail.recipients), "subject": mail.subject},
        "tags": tags,
    }


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
