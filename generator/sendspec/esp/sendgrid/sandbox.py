"""SendGrid's sandbox mode: the API checks a message and delivers none."""

from dataclasses import replace
from datetime import date

from sendspec.esp.interface import Sandbox
from sendspec.esp.sendgrid.facts import DOCS
from sendspec.model.fact import Fact
from sendspec.model.route import Endpoint
from sendspec.model.vocabulary import Via

SANDBOX_MODE = Fact(
    "sandbox_mode",
    f"{DOCS}/for-developers/sending-email/sandbox-mode",
    date(2026, 11, 26),
    note="`mail_settings.sandbox_mode.enable`, a truth value; answers 200 in place of 202, makes no events, costs no credits",
)


def sandbox(endpoint: Endpoint) -> Sandbox:
    """Give the endpoint with the option that every call must say; over SMTP there is none."""
    if endpoint.via is Via.SMTP:
        return Sandbox(None, "its sandbox mode is a field of the API; SMTP has none", SANDBOX_MODE.source)
    options = {**endpoint.options, SANDBOX_MODE.value: "true"}
    return Sandbox(replace(endpoint, options=options), source=SANDBOX_MODE.source)


def is_in_sandbox(endpoint: Endpoint) -> bool:
    """Tell whether calls to this endpoint must ask for the sandbox."""
    return endpoint.options.get(SANDBOX_MODE.value) == "true"
