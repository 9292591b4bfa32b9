"""The message as SMTP takes it, read back by a parser of its own."""

import email
import email.policy
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hypothesis import given
from hypothesis import strategies as st
from smoke_world import plan

from sendspec.esp.interface import load_sending
from sendspec.model.sending import Outgoing
from sendspec.model.stream import Mailbox
from sendspec.smoke.message import MARKER_HEADER, new_marker, outgoing, rfc5322

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def read(content: bytes):
    return email.message_from_bytes(content, policy=email.policy.default)


def test_it_is_a_message_of_its_stream(setup):
    planned = plan(setup, "codes")
    step = planned.routes[0]
    headers = load_sending("postmark").smtp_headers(step.route.endpoint.headers, planned.marker)
    message = read(rfc5322(outgoing(planned, step), headers, NOW))
    assert message["From"] == "Shop <no-reply@auth.shop.example>"
    assert message["To"] == step.recipient
    assert planned.marker in message["Subject"]
    assert message["Message-ID"] == f"<{planned.marker}@auth.shop.example>"
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert message[MARKER_HEADER] == planned.marker
    assert message["X-PM-Message-Stream"] == "codes"
    assert message["X-PM-Metadata-sendspec-smoke"] == planned.marker
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    assert planned.marker in message.get_content()


def test_bulk_mail_can_be_unsubscribed_from(setup):
    planned = plan(setup, "news")
    message = read(rfc5322(outgoing(planned, planned.routes[0]), (), NOW))
    assert message["List-Unsubscribe"] == f"<https://shop.example/u/{planned.marker}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_long_header_of_an_esp_stays_one_line(setup):
    value = json.dumps(
        {"category": ["x" * 200], "filters": {"clicktrack": {"settings": {"enable": 0}}}}, separators=(",", ":")
    )
    content = rfc5322(outgoing(plan(setup, "codes"), plan(setup, "codes").routes[0]), (("X-SMTPAPI", value),), NOW)
    assert f"X-SMTPAPI: {value}\r\n".encode() in content


@given(name=st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60))
def test_any_name_of_a_sender_is_read_back(name):
    sender = Mailbox(name, "a@shop.example")
    content = rfc5322(Outgoing("m", sender, "b@c.example", "s", "t\n"), (), NOW)
    assert content.isascii()
    (found,) = read(content)["From"].addresses
    assert found.addr_spec == "a@shop.example"
    assert " ".join(found.display_name.split()) == " ".join(name.split())


def test_no_two_markers_are_alike_and_each_fits_everywhere():
    markers = {new_marker() for _ in range(100)}
    assert len(markers) == 100
    for marker in markers:
        assert marker.replace("-", "").isalnum()
        assert len(f"success+{marker}") <= 64
