"""Postmark."""

from sendspec.esp.interface import Esp
from sendspec.esp.postmark.access import access
from sendspec.esp.postmark.clients import CLIENTS
from sendspec.esp.postmark.endpoint import endpoint
from sendspec.esp.postmark.facts import (
    API_HOST,
    CAPABILITIES,
    EVENT_NAMES,
    LIMITS,
    RETRY,
    SMTP_HOST,
    SMTP_HOST_BROADCASTS,
)
from sendspec.esp.postmark.files import files
from sendspec.esp.postmark.records import identity_dns
from sendspec.esp.postmark.refusals import refusals
from sendspec.esp.postmark.resources import resources
from sendspec.esp.postmark.sandbox import sandbox
from sendspec.esp.postmark.settings import Issued, RouteSettings, Settings
from sendspec.esp.postmark.unsigned_event import UNSIGNED_EVENT
from sendspec.model.origin import Origin


def _no_region(_settings: Settings, _origin: Origin) -> None:
    """Postmark has no regions."""


ESP: Esp[Settings, RouteSettings, Issued] = Esp(
    id="postmark",
    title="Postmark",
    capabilities=CAPABILITIES,
    settings_model=Settings,
    route_settings_model=RouteSettings,
    issued_model=Issued,
    limits=LIMITS,
    retry=RETRY,
    event_names=EVENT_NAMES,
    region=_no_region,
    endpoint=endpoint,
    identity_dns=identity_dns,
    resources=resources,
    access=access,
    files=files,
    refusals=refusals,
    clients=CLIENTS,
    unsigned_event=UNSIGNED_EVENT,
    sandbox=sandbox,
    hosts=frozenset({API_HOST.value, SMTP_HOST.value, SMTP_HOST_BROADCASTS.value}),
)
