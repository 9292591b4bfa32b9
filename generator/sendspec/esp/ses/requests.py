"""The resources as requests to the SES v2, SNS and IAM APIs, in the order to send them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendspec.esp.ses import resources as kinds
from sendspec.esp.ses.names import CALLER, REFERENCE
from sendspec.esp.ses.settings import Settings
from sendspec.model.setup import Resource

ABOUT = (
    "Requests in the order to send them, each as the parameters of one operation of an AWS SDK or of the AWS CLI.",
    "${id.Field} stands for Field of the answer to the request with that id; ${id.Value} for the input with that id.",
    "An error AlreadyExistsException or EntityAlreadyExists means that a step was done before.",
    "Not in here: the DNS records (folder dns/), the IAM users and their keys, and leaving the SES sandbox.",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `service` is the SDK's name of it: `sesv2`, `sns`, `iam`, `sts`."""

    id: str
    service: str
    operation: str
    parameters: Mapping[str, object]
    why: str
    source: str


def requests_text(settings: Settings, resources: Sequence[Resource]) -> str:
    """Give the file as JSON."""
    requests = list(build_requests(settings, resources))
    document: dict[str, object] = {
        "generated_by": "sendspec from @SPEC@; edit the spec",
        "about": list(ABOUT),
        "region": settings.region,
    }
    inputs = sorted(set(_inputs(resources)))
    if inputs:
        document["inputs"] = [{"id": name, "why": why} for name, why in inputs]
    document["requests"] = [
        {
            "id": request.id,
            "service": request.service,
            "operation": request.operation,
            "parameters": request.parameters,
            "why": request.why,
            "source": request.source,
        }
        for request in requests
    ]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def build_requests(settings: Settings, resources: Sequence[Resource]) -> Iterator[Request]:
    """Yield the requests; the account number is asked for first unless the spec says it."""
    if settings.aws_account is None:
        source = "botocore 1.44.5 data/sts/2011-06-15/service-2.json"
        yield Request(CALLER, "sts", "GetCallerIdentity", {}, "the number of the AWS account, for ARNs", source)
    for resource in resources:
        step = f"{resource.kind}-{resource.id}"
        for suffix, service, operation, parameters in _calls(resource):
            yield Request(f"{step}{suffix}", service, operation, parameters, resource.why, resource.source)


def _calls(resource: Resource) -> Iterator[tuple[str, str, str, dict[str, object]]]:
    """Yield (suffix of the id, service, operation, parameters)."""
    wanted = dict(resource.properties)
    if resource.kind == kinds.CONFIGURATION_SET:
        yield "", "sesv2", "CreateConfigurationSet", wanted
    elif resource.kind == kinds.TOPIC:
        attributes = {"Policy": _compact(wanted["Policy"]), "SignatureVersion": wanted["SignatureVersion"]}
        yield "", "sns", "CreateTopic", {"Name": wanted["Name"], "Attributes": attributes}
    elif resource.kind == kinds.SUBSCRIPTION:
        yield "", "sns", "Subscribe", wanted | {"ReturnSubscriptionArn": True}
    elif resource.kind == kinds.EVENT_DESTINATION:
        yield "", "sesv2", "CreateConfigurationSetEventDestination", wanted
    elif resource.kind == kinds.POLICY:
        document = _compact(wanted["PolicyDocument"])
        yield "", "iam", "CreatePolicy", {"PolicyName": wanted["PolicyName"], "PolicyDocument": document}
    else:
        yield from _identity_calls(wanted)


def _identity_calls(wanted: dict[str, object]) -> Iterator[tuple[str, str, str, dict[str, object]]]:
    """SES takes an identity in pieces: what CreateEmailIdentity has no member for is put in a call of its own."""
    signing, mail_from = wanted.pop("DkimAttributes", None), wanted.pop("MailFromAttributes", None)
    forwards = wanted.pop("FeedbackForwardingStatus")
    who = {"EmailIdentity": wanted["EmailIdentity"]}
    yield "", "sesv2", "CreateEmailIdentity", wanted
    if isinstance(signing, Mapping):
        yield "-dkim", "sesv2", "PutEmailIdentityDkimAttributes", who | dict(signing)
    if isinstance(mail_from, Mapping):
        yield "-mail-from", "sesv2", "PutEmailIdentityMailFromAttributes", who | dict(mail_from)
    yield "-feedback", "sesv2", "PutEmailIdentityFeedbackAttributes", who | {"EmailForwardingEnabled": forwards}


def _inputs(resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    for resource in resources:
        signing = resource.properties.get("DkimSigningAttributes")
        key = signing.get("DomainSigningPrivateKey") if isinstance(signing, Mapping) else None
        match = REFERENCE.fullmatch(key) if isinstance(key, str) else None
        if match:
            why = (
                f"private DKIM key of {resource.id}, base64 of the PEM without its first and last line; from your store"
            )
            yield match[1], why


def _compact(document: object) -> str:
    return json.dumps(document, separators=(",", ":"))
