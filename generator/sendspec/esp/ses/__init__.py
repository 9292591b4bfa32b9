"""Amazon SES: regions, Easy DKIM, custom MAIL FROM, configuration sets, events through SNS, sending policies."""

from collections.abc import Iterator, Sequence

from sendspec.esp.interface import Esp
from sendspec.esp.ses.access import access
from sendspec.esp.ses.clients import CLIENTS
from sendspec.esp.ses.cloudformation import templates
from sendspec.esp.ses.configuration_sets import settings_of
from sendspec.esp.ses.endpoint import find_endpoint
from sendspec.esp.ses.facts import (
    API_HOST,
    BATCH_SIZE,
    BOUNCE_LIMIT,
    BOUNCE_METRIC,
    BULK_APART,
    COMPLAINT_LIMIT,
    COMPLAINT_METRIC,
    DKIM_BITS,
    EVENT_NAMES,
    MAX_MESSAGE_BYTES,
    MAX_RECIPIENTS,
    NEVER_STATUS,
    PROBE_PATH,
    REGIONS,
    RETRY_STATUS,
    SMTP_HOST,
    SMTP_PORTS,
    SPF_INCLUDE,
    endpoint_suffix,
)
from sendspec.esp.ses.issued import Issued
from sendspec.esp.ses.records import identity_dns
from sendspec.esp.ses.refusals import refusals
from sendspec.esp.ses.requests import requests_text
from sendspec.esp.ses.resources import desired_resources, for_files
from sendspec.esp.ses.sandbox import sandbox
from sendspec.esp.ses.settings import RouteSettings, Settings
from sendspec.esp.ses.unsigned_event import UNSIGNED_EVENT
from sendspec.model.account import Account, Region
from sendspec.model.limits import Limits, RetryFacts
from sendspec.model.origin import Origin
from sendspec.model.output_file import OutputFile
from sendspec.model.resource import Resource
from sendspec.model.setup import Setup
from sendspec.model.vocabulary import Capability

RETRY_NOTES = (
    "decide by the error's name (x-amzn-errortype), never by the status alone: SES answers 400 for a suspended account",
    "TooManyRequestsException (429) and 5xx: retry with backoff and jitter; SES sends no Retry-After",
    "AccountSuspendedException, SendingPausedException, MailFromDomainNotVerifiedException (400): fail over, no retry",
    "LimitExceededException (400): a quota of resources or the daily quota: fail over, no retry",
    "MessageRejected, BadRequestException (400), NotFoundException (404): the message is at fault: neither",
    "ConcurrentModificationException comes as 500 from management calls: retry",
    "SMTP 421, 451 and `454 Throttling failure: Maximum sending rate exceeded`: retry; 554: the message is at fault",
    "SMTP `454 Throttling failure: Daily message quota exceeded` and 535: fail over",
)


def _region(settings: Settings, origin: Origin) -> Region:
    region = settings.region
    return Region(region, region in REGIONS.value, REGIONS.value, origin, REGIONS.source)


def _files(setup: Setup, account: Account, resources: Sequence[Resource]) -> Iterator[OutputFile]:
    """Yield the templates and the requests; nothing for an account that no stream uses."""
    resources = tuple(for_files(resources))
    if not resources:
        return
    settings = settings_of(account)
    origins = (account.origin, *(setup.stream(stream).origin for stream in account.streams))
    folder = f"esps/{account.id}"
    for number, text in enumerate(templates(account.id, settings, resources), start=1):
        suffix = "" if number == 1 else f"-{number}"
        why = f"CloudFormation template of everything {account.id} needs at AWS; a platform engineer deploys it"
        yield OutputFile(f"{folder}/cloudformation{suffix}.yaml", text, origins, why)
    why = "the same as requests to the SES v2, SNS and IAM APIs, for those who use no CloudFormation"
    yield OutputFile(f"{folder}/sesv2-requests.json", requests_text(settings, resources), origins, why)


ESP = Esp(
    id="ses",
    title="Amazon SES",
    capabilities=frozenset(
        {
            Capability.SMTP,
            Capability.API,
            Capability.IMPLICIT_TLS,
            Capability.TEMPLATES_API,
            Capability.BATCHING,
            Capability.METADATA,
            Capability.EVENTS,
            Capability.SIGNED_EVENTS,
            Capability.PER_STREAM_EVENTS,
            Capability.TRACKING_SWITCH,
            Capability.DKIM_CNAME,
            Capability.FEEDBACK_BY_MAIL,  # DG/monitor-sending-activity-using-notifications-email.html: on by default
        }
    ),
    settings_model=Settings,
    route_settings_model=RouteSettings,
    issued_model=Issued,
    limits=Limits(
        max_message_bytes=MAX_MESSAGE_BYTES,
        max_recipients=MAX_RECIPIENTS,
        batch_size=BATCH_SIZE,
        batch_needs_template=True,
        smtp_ports=SMTP_PORTS.value,
        spf_include=SPF_INCLUDE,
        dkim_bits=DKIM_BITS,
        quota_from="GetAccount: SendQuota.MaxSendRate a second and Max24HourSend, counted in recipients",
        bulk_apart=BULK_APART,
        bounce_limit=BOUNCE_LIMIT,
        complaint_limit=COMPLAINT_LIMIT,
        bounce_metric=BOUNCE_METRIC,
        complaint_metric=COMPLAINT_METRIC,
        probe_path=PROBE_PATH,
    ),
    retry=RetryFacts(
        retry_status=RETRY_STATUS.value,
        never_status=NEVER_STATUS.value,
        notes=RETRY_NOTES,
        source=RETRY_STATUS.source,
    ),
    event_names=EVENT_NAMES.value,
    region=_region,
    endpoint=find_endpoint,
    identity_dns=identity_dns,
    resources=desired_resources,
    access=access,
    files=_files,
    refusals=refusals,
    clients=CLIENTS,
    unsigned_event=UNSIGNED_EVENT,
    sandbox=sandbox,
    hosts=frozenset(
        host.value.format(region=region, suffix=endpoint_suffix(region))
        for host in (SMTP_HOST, API_HOST)
        for region in REGIONS.value
    ),
)
