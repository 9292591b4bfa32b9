"""An event as Postmark posts it, without the login that only Postmark knows. It tells of no message and no person."""

import json

from sendspec.esp.interface import UnsignedEvent

# The body of a delivery webhook: https://postmarkapp.com/developer/webhooks/delivery-webhook, read 2026-11-26.
DELIVERY = {
    "RecordType": "Delivery",
    "ServerID": 0,
    "MessageStream": "outbound",
    "MessageID": "00000000-0000-0000-0000-000000000000",
    "Recipient": "nobody@example.invalid",
    "Tag": "sendspec-check",
    "DeliveredAt": "2026-01-01T00:00:00Z",
    "Details": "sendspec check: refuse this, it is not from Postmark",
    "Metadata": {},
}
# Postmark publishes no time limit for webhooks (looked for on 2026-11-26). A 403 makes it give up at once, everything else
# is tried again for ten hours: https://postmarkapp.com/support/article/understanding-inbound-webhook-retries-in-postmark
UNSIGNED_EVENT = UnsignedEvent(
    body=json.dumps(DELIVERY).encode(),
    content_type="application/json",
    headers=(("User-Agent", "Postmark"),),
    gives_up_after=(403,),
    protection="ask for basic auth, with the user and password that the webhook is registered with",
)
