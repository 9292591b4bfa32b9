"""An event of SES as SNS posts it, without a signature. It tells of no message and no person."""

import json
from datetime import date

from sendspec.esp.interface import UnsignedEvent
from sendspec.model.fact import Fact

# https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html and
# https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, read 2026-11-26.
TOPIC = "arn:aws:sns:us-east-1:000000000000:sendspec-check"
RECORD = {
    "eventType": "Delivery",
    "mail": {
        "timestamp": "2026-01-01T00:00:00.000Z",
        "source": "nobody@example.invalid",
        "messageId": "sendspec-check",
        "destination": ["nobody@example.invalid"],
    },
    "delivery": {
        "timestamp": "2026-01-01T00:00:00.000Z",
        "recipients": ["nobody@example.invalid"],
        "smtpResponse": "sendspec check: refuse this, it is not from SES",
    },
}
NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "00000000-0000-0000-0000-000000000000",
    "TopicArn": TOPIC,
    "Message": json.dumps(RECORD),
    "Timestamp": "2026-01-01T00:00:00.000Z",
}
UNSIGNED_EVENT = UnsignedEvent(
    body=json.dumps(NOTIFICATION).encode(),
    content_type="text/plain; charset=UTF-8",
    headers=(
        ("User-Agent", "Amazon Simple Notification Service Agent"),
        ("x-amz-sns-message-type", "Notification"),
        ("x-amz-sns-topic-arn", TOPIC),
    ),
    refuse_with=403,
    answer_within_seconds=Fact(
        15,
        "https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html",
        date(2026, 11, 26),
        note="the stored copy of the page is cut before the sentence; github.com/deadmanssnitch/snshttp cites it",
    ),
)
