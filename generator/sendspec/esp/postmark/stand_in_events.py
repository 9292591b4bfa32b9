"""What becomes of mail that a Postmark stand-in took: events of the messages API, and the posts to webhooks.

Source: the webhooks overview and the Messages API (https://postmarkapp.com/developer/webhooks/webhooks-overview,
.../api/messages-api), read 2026-11-26.
"""

import base64
import json
from collections.abc import Iterator, Mapping

from sendspec.esp.postmark.stand_in_server import Message, Server
from sendspec.model.stand_in import EventPost

BOUNCES: Mapping[str, tuple[str, int, str]] = {
    "hardbounce@bounce-testing.postmarkapp.com": ("HardBounce", 1, "Hard bounce"),
    "softbounce@bounce-testing.postmarkapp.com": ("SoftBounce", 4096, "Soft bounce"),
}


def message_event(address: str) -> dict[str, object]:
    """Give what the messages API tells of a recipient."""
    if address.lower() in BOUNCES:
        _, _, name = BOUNCES[address.lower()]
        return {"Type": "Bounced", "Details": {"Summary": f"smtp;550 {name}", "BounceID": "42"}}
    details = {"DeliveryMessage": "smtp;250 OK", "DestinationServer": "mx.example", "DestinationIP": "192.0.2.25"}
    return {"Type": "Delivered", "Details": details}


def posts_of(server: Server, message: Message) -> Iterator[EventPost]:
    """Give the posts that a message leads to, one for each recipient and webhook that wants to hear of it."""
    for address in message.email.recipients():
        trigger, event = _event(server, message, address)
        for webhook in server.webhooks:
            triggers = webhook["Triggers"]
            if webhook["MessageStream"] != message.email.message_stream or not isinstance(triggers, dict):
                continue
            if triggers[trigger]["Enabled"]:
                login = webhook["HttpAuth"]
                headers: tuple[tuple[str, str], ...] = (
                    ("Content-Type", "application/json"),
                    ("User-Agent", "Postmark"),
                )
                if isinstance(login, dict):
                    pair = base64.b64encode(f"{login['Username']}:{login['Password']}".encode()).decode()
                    headers += (("Authorization", f"Basic {pair}"),)
                yield EventPost(str(webhook["Url"]), headers, json.dumps(event).encode())


def _event(server: Server, message: Message, address: str) -> tuple[str, dict[str, object]]:
    """Give (trigger, body of the post) for what becomes of a message to an address."""
    common: dict[str, object] = {
        "MessageID": message.id,
        "ServerID": server.id,
        "MessageStream": message.email.message_stream,
        "Tag": message.email.tag,
        "Metadata": message.email.metadata,
    }
    if address.lower() not in BOUNCES:
        delivered = {"Recipient": address, "DeliveredAt": message.received_at, "Details": "smtp;250 OK"}
        return "Delivery", {"RecordType": "Delivery"} | common | delivered
    kind, code, name = BOUNCES[address.lower()]
    return "Bounce", {"RecordType": "Bounce"} | common | {
        "ID": 42,
        "Type": kind,
        "TypeCode": code,
        "Name": name,
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 unknown",
        "Email": address,
        "From": message.email.from_,
        "BouncedAt": message.received_at,
        "DumpAvailable": False,
        "Inactive": kind == "HardBounce",
        "CanActivate": True,
        "Subject": message.email.subject,
        "Content": "",
    }
