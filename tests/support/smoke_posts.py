"""Event posts as the three ESPs make them, and a client that posts them."""

import asyncio
import base64
import json
import socket
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0000.pem"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def send(port: int, octets: bytes) -> bytes:
    """Send octets to a port of loopback once somebody listens there, and give what comes back."""
    for _ in range(200):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.02)
    else:
        raise AssertionError("nobody listens")
    try:
        writer.write(octets)
        await writer.drain()
        return await reader.read(65_536)
    except OSError:
        return b""
    finally:
        writer.close()


async def post(port: int, body: bytes, *headers: tuple[str, str]) -> int:
    """Post to the receiver and give the status of its answer."""
    lines = [("Host", "tunnel.example"), ("Content-Length", str(len(body))), *headers]
    head = "POST /mail HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n"
    answer = await send(port, head.encode() + body)
    return int(answer.split()[1]) if answer else 0


def postmark(marker: str, record: str = "Delivery", kind: str = "") -> bytes:
    metadata = {"sendspec-smoke": marker}
    return json.dumps(
        {"RecordType": record, "Type": kind, "MessageID": "0a1", "Recipient": "x", "Metadata": metadata}
    ).encode()


def sendgrid(marker: str, event: str = "delivered") -> bytes:
    """Give a batch as SendGrid posts it, with other people's events around."""
    other = {"email": "a@b.example", "event": "open", "sg_message_id": "other.recvd", "timestamp": 1}
    ours = {
        "email": f"smoke+{marker}@sink.sendgrid.net",
        "event": event,
        "sg_message_id": "abcdefghijkl.recvd-1",
        "smtp-id": "<x@y>",
        "timestamp": 1,
    }
    return json.dumps([other, ours, other]).encode()


class SendGridSigner:
    """Signs posts as SendGrid does."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_key = base64.b64encode(der).decode()

    def headers(self, body: bytes, at: datetime) -> tuple[tuple[str, str], ...]:
        timestamp = str(int(at.timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return (
            ("X-Twilio-Email-Event-Webhook-Signature", base64.b64encode(signature).decode()),
            ("X-Twilio-Email-Event-Webhook-Timestamp", timestamp),
        )


def ses_record(marker: str, kind: str = "Delivery", message_id: str = "0102018f-0000-000000") -> str:
    mail = {
        "messageId": message_id,
        "destination": [f"success+{marker}@simulator.amazonses.com"],
        "commonHeaders": {"subject": "x"},
        "tags": {"ses:configuration-set": ["x"]},
    }
    return json.dumps({"eventType": kind, "mail": mail, kind.lower(): {}})


class Sns:
    """Signs posts as SNS does; `pem` is what stands at CERTIFICATE_URL."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    def notification(self, message: str, version: str = "2", **changes: str) -> bytes:
        return self._signed(
            ("Message", "MessageId", "Timestamp", "TopicArn", "Type"),
            {"Type": "Notification"},
            message,
            version,
            changes,
        )

    def confirmation(self, url: str) -> bytes:
        names = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
        known = {"Type": "SubscriptionConfirmation", "SubscribeURL": url, "Token": "t"}
        return self._signed(names, known, "confirm", "1", {})

    def _signed(self, names, known, message, version, changes) -> bytes:
        body = {
            **known,
            "MessageId": "m",
            "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mail",
            "Message": message,
            "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE_URL,
        }
        body |= {name: value for name, value in changes.items() if name == "Timestamp"}
        text = "".join(f"{name}\n{body[name]}\n" for name in names)
        algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
        body["Signature"] = base64.b64encode(self._key.sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()
        return json.dumps(body | changes).encode()
