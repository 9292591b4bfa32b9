"""Postmark's test token: the API checks a message and delivers none."""

from dataclasses import replace
from datetime import date

from sendspec.esp.interface import Sandbox
from sendspec.model.credential import Literal
from sendspec.model.fact import Fact
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Via

TEST_TOKEN = Fact(
    "POSTMARK_API_TEST",
    "https://postmarkapp.com/developer/api/overview#authentication",
    date(2026, 11, 26),
    note="public; the API validates the request and delivers nothing; no document says that SMTP takes it",
)
SANDBOX_SERVER = Fact(
    "a server with DeliveryType Sandbox",
    "https://postmarkapp.com/developer/user-guide/sandbox-mode",
    date(2026, 11, 26),
    note="takes API and SMTP, delivers nothing; its messages count towards the monthly volume",
)


def sandbox(endpoint: Endpoint) -> Sandbox:
    """Give the endpoint with the test token for the API; over SMTP there is none without a server of its own."""
    if endpoint.via is Via.API:
        token = Literal(TEST_TOKEN.value)
        return Sandbox(replace(endpoint, password=token, needs_credentials=()), source=TEST_TOKEN.source)
    reason = "its test token is documented for the API only; over SMTP a sandbox server's own credentials do it"
    return Sandbox(None, reason, SANDBOX_SERVER.source)
