"""Twilio SendGrid."""

from sendspec.esp.interface import Esp
from sendspec.esp.sendgrid.access import access
from sendspec.esp.sendgrid.clients import CLIENTS
from sendspec.esp.sendgrid.endpoint import endpoint
from sendspec.esp.sendgrid.facts import API_HOSTS, CAPABILITIES, EVENT_NAMES, LIMITS, REGIONS, RETRY, SMTP_HOSTS
from sendspec.esp.sendgrid.files import files
from sendspec.esp.sendgrid.records import identity_dns
from sendspec.esp.sendgrid.resources import resources
from sendspec.esp.sendgrid.sandbox import sandbox
from sendspec.esp.sendgrid.settings import Issued, RouteSettings, Settings
from sendspec.esp.sendgrid.unsigned_event import UNSIGNED_EVENT
from sendspec.model.account import Region
from sendspec.model.origin import Origin


def _region(settings: Settings, origin: Origin) -> Region:
    return Region(settings.region, settings.region in REGIONS, REGIONS, origin, API_HOSTS.source)


ESP: Esp[Settings, RouteSettings, Issued] = Esp(
    id="sendgrid",
    title="Twilio SendGrid",
    capabilities=CAPABILITIES,
    settings_model=Settings,
    route_settings_model=RouteSettings,
    issued_model=Issued,
    limits=LIMITS,
    retry=RETRY,
    event_names=EVENT_NAMES,
    region=_region,
    endpoint=endpoint,
    identity_dns=identity_dns,
    resources=resources,
    access=access,
    files=files,
    clients=CLIENTS,
    unsigned_event=UNSIGNED_EVENT,
    sandbox=sandbox,
    hosts=frozenset({*API_HOSTS.value.values(), *SMTP_HOSTS.value.values()}),
)
