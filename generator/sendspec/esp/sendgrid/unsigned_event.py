"""An event as SendGrid posts it, without a signature. It tells of no message and no person."""

import json
from datetime import date

from sendspec.esp.interface import UnsignedEvent
from sendspec.model.fact import Fact

# One delivered event: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event, read 2026-11-26.
DELIVERED = {
    "email": "nobody@example.invalid",
    "timestamp": 1767225600,
    "smtp-id": "<sendspec-check@example.invalid>",
    "event": "delivered",
    "category": ["sendspec-check"],
    "sg_event_id": "c2VuZHNwZWMtY2hlY2s",
    "sg_message_id": "sendspec-check.0000.0",
    "response": "sendspec check: refuse this, it is not from SendGrid",
}
UNSIGNED_EVENT = UnsignedEvent(
    body=json.dumps([DELIVERED]).encode(),
    content_type="application/json",
    headers=(("User-Agent", "SendGrid Event API"),),
    answer_within_seconds=Fact(
        10,
        "https://hookdeck.com/webhooks/platforms/guide-to-sendgrid-webhooks-features-and-best-practices",
        date(2026, 11, 26),
        note="a third party's account; the vendor's own pages name no limit",
    ),
)
