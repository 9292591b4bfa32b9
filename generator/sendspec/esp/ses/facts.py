"""What Amazon SES says about itself: hosts, ports, regions, limits, event names. Each with its source and its date.

`DG` is the SES developer guide at awsdocs/amazon-ses-developer-guide @ 5556837 (2022-11-02), the last public text of
the pages that live at https://docs.aws.amazon.com/ses/latest/dg/. `MODEL` is the service description that botocore
1.44.5 ships (botocore/data/sesv2/2019-09-27), `ENDPOINTS` its botocore/data/endpoints.json.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from sendspec.model.fact import Fact
from sendspec.model.vocabulary import Event, Tls

READ = date(2026, 11, 23)
DG = "https://docs.aws.amazon.com/ses/latest/dg"
MODEL = "botocore 1.44.5 data/sesv2/2019-09-27/service-2.json"
ENDPOINTS = "botocore 1.44.5 data/endpoints.json"

REGIONS = Fact(
    (
        *("af-south-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2"),
        *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6"),
        *("ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1"),
        *("eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "eusc-de-east-1", "il-central-1", "me-central-1"),
        *("me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1"),
        *("us-west-1", "us-west-2"),
    ),
    source=f"{ENDPOINTS}, service `email`",
    verified=READ,
)
REGIONS_WITH_SMTP = Fact(
    (
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
        *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2"),
    ),
    source="nodemailer/nodemailer @ 01ae76f lib/well-known/services.json",
    verified=READ,
    note=f"AWS's own password script ({DG}/smtp-credentials.html) lists all of these but us-west-1, eu-west-3 and "
    "ap-northeast-3, and eu-south-1 besides",
)
REGIONS_WITHOUT_SMTP = Fact(
    ("af-south-1", "ap-southeast-3", "il-central-1", "me-south-1"),
    source=f"{DG}/smtp-credentials.html",
    verified=READ,
    note="the page names eu-south-1 (Milan) too, but AWS's own password script serves it: unconfirmed, as is every "
    "region in neither list. Read in a stored copy of the page",
)
DNS_SUFFIXES: Fact[Mapping[str, tuple[str, str]]] = Fact(
    MappingProxyType(
        {
            "eusc-": ("aws-eusc", "amazonaws.eu"),
            "us-gov-": ("aws-us-gov", "amazonaws.com"),
            "": ("aws", "amazonaws.com"),
        }
    ),
    source=f"{ENDPOINTS}, partitions[].dnsSuffix",
    verified=READ,
    note="by the start of the region's name: partition and domain of its endpoints",
)

SMTP_HOST = Fact("email-smtp.{region}.{suffix}", source=f"{DG}/smtp-connect.html", verified=READ)
SMTP_PORTS: Fact[Mapping[Tls, tuple[int, ...]]] = Fact(
    MappingProxyType({Tls.STARTTLS: (587, 2587, 25), Tls.IMPLICIT: (465, 2465)}),
    source=f"{DG}/smtp-connect.html",
    verified=READ,
    note="EC2 throttles port 25 by default, so it comes last",
)
API_HOST = Fact("email.{region}.{suffix}", source=f"{ENDPOINTS}, service `email`", verified=READ)
API_PORT = Fact(443, source="https://docs.aws.amazon.com/general/latest/gr/ses.html", verified=READ)
CONFIGURATION_SET_HEADER = Fact(
    "X-SES-CONFIGURATION-SET", source=f"{DG}/using-configuration-sets-in-email.html", verified=READ
)

MAIL_FROM_MX_HOST = Fact("feedback-smtp.{region}.amazonses.com", source=f"{DG}/mail-from.html", verified=READ)
MAIL_FROM_MX_PREFERENCE = Fact(10, source=f"{DG}/mail-from.html", verified=READ)
SPF_INCLUDE = Fact("amazonses.com", source=f"{DG}/mail-from.html", verified=READ)
TRACKING_HOST = Fact(
    "r.{region}.awstrack.me",
    source=f"{DG}/configure-custom-open-click-domains.html",
    verified=READ,
    note="the page's table could not be read; the value is what mail sent through SES and public tooling show",
)
SIGNING_ZONE_PARENT = Fact(
    "amazonses.com",
    source=f"{MODEL} DkimAttributes.SigningHostedZone; zone files published by SES users",
    verified=READ,
    note="every SigningHostedZone seen lies here (dkim.amazonses.com, dkim.<region>.amazonses.com); none was seen "
    "for eusc-de-east-1",
)
DKIM_BITS = Fact(2048, source=f"{DG}/send-email-authentication-dkim.html", verified=READ, note="BYODKIM: 1024 to 2048")
DKIM_TOKENS = Fact(3, source=f"{DG}/send-email-authentication-dkim-easy.html", verified=READ)

MAX_MESSAGE_BYTES = Fact(
    40 * 1024 * 1024,
    source=f"{DG}/quotas.html",
    verified=READ,
    note="after base64; above 10 MB SES throttles the bandwidth",
)
MAX_RECIPIENTS = Fact(50, source=f"{DG}/quotas.html", verified=READ, note="To, Cc and Bcc together")
BATCH_SIZE = Fact(
    50,
    source=f"{DG}/quotas.html; {MODEL} SendBulkEmail",
    verified=READ,
    note="destinations a call, and only with a template held at SES",
)
BULK_APART = Fact(
    "SES reviews and pauses a whole account in a region for its bounces and complaints",
    source="https://docs.aws.amazon.com/ses/latest/APIReference/API_UpdateAccountSendingEnabled.html",
    verified=READ,
    note="awsdocs/amazon-ses-developer-guide doc-source/e-faq.md: the account is put on probation, then suspended",
)
BOUNCE_LIMIT = Fact(
    0.05,
    source=f"{DG}/faqs-enforcement.html",
    verified=date(2026, 11, 26),
    note="SES reviews the account from here on and may pause it from 10 %; it advises to stay below 2 %. Hard bounces "
    "only, over a `representative volume` that SES chooses",
)
COMPLAINT_LIMIT = Fact(
    0.001,
    source=f"{DG}/faqs-enforcement.html",
    verified=date(2026, 11, 26),
    note="SES reviews the account from here on and may pause it from 0.5 %; counted over domains that give feedback",
)
BOUNCE_METRIC = Fact(
    "aws_ses_reputation_bounce_rate_average",
    source="prometheus/cloudwatch_exporter @ 8a791d0 CloudWatchCollector.java (toSnakeCase, safeName), examples/SES.yml",
    verified=date(2026, 11, 26),
    note="CloudWatch AWS/SES Reputation.BounceRate, a share from 0 to 1. prometheus-community/"
    "yet-another-cloudwatch-exporter gives it the same name",
)
COMPLAINT_METRIC = Fact(
    "aws_ses_reputation_complaint_rate_average", source=BOUNCE_METRIC.source, verified=BOUNCE_METRIC.verified
)
PROBE_PATH = Fact(
    "/v2/email/account",
    source=f"{MODEL} GetAccount",
    verified=date(2026, 11, 26),
    note="403 MissingAuthenticationTokenException without a signature",
)
MAX_CONFIGURATION_SET_NAME = Fact(64, source=f"{DG}/quotas.html", verified=READ)
MAX_MANAGED_POLICY = Fact(
    6144,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    verified=READ,
    note="characters without white space",
)
MAX_STACK_RESOURCES = Fact(
    500,
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
    verified=READ,
)
MAX_STACK_OUTPUTS = Fact(
    200,
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
    verified=READ,
)

EVENT_NAMES: Fact[Mapping[Event, tuple[str, ...]]] = Fact(
    MappingProxyType(
        {
            Event.DELIVERED: ("DELIVERY",),
            Event.BOUNCED: ("BOUNCE", "REJECT", "RENDERING_FAILURE"),
            Event.DEFERRED: ("DELIVERY_DELAY",),
            Event.COMPLAINED: ("COMPLAINT",),
            Event.OPENED: ("OPEN",),
            Event.CLICKED: ("CLICK",),
            Event.UNSUBSCRIBED: ("SUBSCRIPTION",),
            Event.REJECTED: ("REJECT", "RENDERING_FAILURE"),
        }
    ),
    source=f"{MODEL} EventType",
    verified=READ,
    note="a message that SES refuses (REJECT) or cannot render (RENDERING_FAILURE) never bounces, so `bounced` asks "
    "for them too; the payload spells the names differently (`Rendering Failure`)",
)
RETRY_STATUS = Fact((429, 500, 502, 503, 504), source=f"{MODEL} SendEmail errors", verified=READ)
NEVER_STATUS = Fact((400, 401, 403, 404, 409, 413), source=f"{MODEL} SendEmail errors", verified=READ)


def partition(region: str) -> str:
    """Give the ARN partition of a region: `aws` for a region we do not know."""
    return _partition_and_suffix(region)[0]


def endpoint_suffix(region: str) -> str:
    """Give the domain that a region's endpoints lie in: `amazonaws.com` for a region we do not know."""
    return _partition_and_suffix(region)[1]


def _partition_and_suffix(region: str) -> tuple[str, str]:
    return next(found for start, found in DNS_SUFFIXES.value.items() if region.startswith(start))
