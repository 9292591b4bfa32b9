"""The resources as requests to the SES v2, SNS and IAM APIs, in the order to send them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sendspec.esp.ses import resources as kinds
from sendspec.esp.ses.facts import MODEL
from sendspec.esp.ses.names import CALLER
from sendspec.esp.ses.settings import Settings
from sendspec.json_text import json_text
from sendspec.model.resource import Resource

ABOUT = (
    "Requests in the order to send them, each as the parameters of one operation of an AWS SDK or of the AWS CLI.",
    "${RESOURCE#FIELD} stands for the field of that name in the answer to the earlier request for that resource,",
    "${input:NAME} for something that only you can give: see inputs.",
    "An error AlreadyExistsException or EntityAlreadyExists means that a step was done before.",
    "Not in here: the DNS records (folder dns/), the IAM users and their keys, and leaving the SES sandbox.",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `service` is the SDK's name of it: `sesv2`, `sns`, `iam`, `sts`. An identity takes several calls."""

    resource: str
    service: str
    operation: str
    parameters: Mapping[str, object]
    why: str
    source: str


def requests_text(settings: Settings, resources: Sequence[Resource]) -> str:
    """Give the file as JSON."""
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
            "step": step,
            "resource": request.resource,
            "service": request.service,
            "operation": request.operation,
            "parameters": request.parameters,
            "why": request.why,
            "source": request.source,
        }
        for step, request in enumerate(build_requests(settings, resources), start=1)
    ]
    return json_text(document)


def build_requests(settings: Settings, resources: Sequence[Resource]) -> Iterator[Request]:
    """Yield the requests; the account number is asked for first unless the spec says it."""
    if settings.aws_account is None:
        source = "botocore 1.44.5 data/sts/2011-06-15/service-2.json"
        yield Request(CALLER, "sts", "GetCallerIdentity", {}, "the number of the AWS account, for ARNs", source)
    for resource in resources:
        if resource.kind == kinds.IDENTITY:
            yield from _identity_calls(resource)
        else:
            service, operation, parameters = _call(resource)
            yield Request(resource.key, service, operation, parameters, resource.why, resource.source)


def _call(resource: Resource) -> tuple[str, str, dict[str, object]]:
    """Give service, operation and parameters of a resource that one call makes."""
    wanted = dict(resource.properties)
    if resource.kind == kinds.CONFIGURATION_SET:
        return "sesv2", "CreateConfigurationSet", wanted
    if resource.kind == kinds.TOPIC:
        attributes = {"Policy": _compact(wanted["Policy"]), "SignatureVersion": wanted["SignatureVersion"]}
        return "sns", "CreateTopic", {"Name": wanted["Name"], "Attributes": attributes}
    if resource.kind == kinds.SUBSCRIPTION:
        return "sns", "Subscribe", wanted | {"ReturnSubscriptionArn": True}
    if resource.kind == kinds.EVENT_DESTINATION:
        return "sesv2", "CreateConfigurationSetEventDestination", wanted
    document = _compact(wanted["PolicyDocument"])
    return "iam", "CreatePolicy", {"PolicyName": wanted["PolicyName"], "PolicyDocument": document}


def _identity_calls(resource: Resource) -> Iterator[Request]:
    """SES takes an identity in pieces: what CreateEmailIdentity has no member for is put in a call of its own."""
    wanted = dict(resource.properties)
    signing, mail_from = wanted.pop("DkimAttributes", None), wanted.pop("MailFromAttributes", None)
    forwards = wanted.pop("FeedbackForwardingStatus") is True
    who = {"EmailIdentity": wanted["EmailIdentity"]}

    def call(operation: str, parameters: Mapping[str, object], why: str) -> Request:
        return Request(resource.key, "sesv2", operation, parameters, why, f"{MODEL} {operation}")

    yield call("CreateEmailIdentity", wanted, resource.why)
    if isinstance(signing, Mapping):
        yield call("PutEmailIdentityDkimAttributes", who | dict(signing), "SES does not sign for it")
    if isinstance(mail_from, Mapping):
        why = kinds.MAIL_FROM_REASONS.get(str(mail_from.get("BehaviorOnMxFailure")), resource.why)
        yield call("PutEmailIdentityMailFromAttributes", who | dict(mail_from), why)
    forwarding = {"EmailForwardingEnabled": forwards}
    yield call("PutEmailIdentityFeedbackAttributes", who | forwarding, kinds.FEEDBACK_REASONS[forwards])


def _inputs(resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    for resource in resources:
        signing = resource.properties.get("DkimSigningAttributes")
        key = signing.get("DomainSigningPrivateKey") if isinstance(signing, Mapping) else None
        if isinstance(key, str):
            why = (
                f"private DKIM key of {resource.id}, base64 of the PEM without its first and last line; from your store"
            )
            yield key.removeprefix("${input:").removesuffix("}"), why


def _compact(document: object) -> str:
    return json.dumps(document, separators=(",", ":"))
