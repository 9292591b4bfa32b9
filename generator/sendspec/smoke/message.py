"""The message of a smoke test: small, honest about what it is, and with a marker that events give back."""

import re
import secrets
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from sendspec.model.sending import Headers, Outgoing
from sendspec.model.smoke import RoutePlan, SmokePlan

MARKER_HEADER = "X-Sendspec-Smoke"
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
LONGEST_LINE = 998
"""RFC 5322 section 2.1.1. No header is folded sooner: a folded or encoded X-SMTPAPI is none."""
TEXT = """This is a smoke test of sendspec: one real message through the path that production mail takes.
It went to a test address; if it reached a person, it may be deleted.

stream: {stream}
route:  {route}
marker: {marker}
"""


def new_marker() -> str:
    """Give a marker that no other run has: letters, digits and `-`, which every ESP takes as metadata and in an address."""
    return f"sendspec-{secrets.token_hex(10)}"


def subject_of(marker: str) -> str:
    """Give the subject, which holds the marker: it is what an ESP's message search looks for."""
    return f"sendspec smoke test {marker}"


def outgoing(plan: SmokePlan, step: RoutePlan) -> Outgoing:
    """Give the message for one route."""
    return Outgoing(
        marker=plan.marker,
        sender=plan.sender.mailbox,
        recipient=step.recipient,
        subject=plan.subject,
        text=TEXT.format(stream=plan.stream.id, route=step.route.id, marker=plan.marker),
        headers=(*_unsubscribe(plan), ("Auto-Submitted", "auto-generated"), (MARKER_HEADER, plan.marker)),
    )


def _unsubscribe(plan: SmokePlan) -> Headers:
    """Give the headers that every message of the stream has; what the app fills in for a recipient is the marker here."""
    return tuple((name, PLACEHOLDER.sub(plan.marker, value)) for name, value in plan.stream.unsubscribe_headers)


def rfc5322(message: Outgoing, route_headers: Headers, now: datetime) -> bytes:
    """Give the message as SMTP takes it. `route_headers` tell the ESP the stream, and carry the marker."""
    sender = message.sender
    is_ascii = f"{sender.address}{message.recipient}".isascii()
    policy = (SMTP if is_ascii else SMTPUTF8).clone(max_line_length=LONGEST_LINE)
    mail = EmailMessage(policy)
    mail["From"] = Address(sender.display_name, sender.local_part, sender.address.rpartition("@")[2])
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.marker}@{sender.domain}>"
    for name, value in (*message.headers, *route_headers):
        mail[name] = value
    mail.set_content(message.text)
    return mail.as_bytes()
