"""The resources as CloudFormation templates: one, or several where CloudFormation takes no more in one stack."""

import re
from collections.abc import Callable, Mapping, Sequence

from sendspec.esp.ses import resources as kinds
from sendspec.esp.ses.names import CALLER
from sendspec.esp.ses.settings import Settings
from sendspec.esp.ses.stacks import PREFIXES, Stack, logical_ids, packed_in_stacks
from sendspec.esp.ses.template_text import Function, Node, block, comment
from sendspec.model.request import ANSWER, PLACEHOLDER
from sendspec.model.resource import Resource

MAX_INLINE_TEMPLATE = 50_000
"""The CLI uploads a template of more than 51,200 octets through a bucket; a little room is left for the header."""


def templates(account_id: str, settings: Settings, resources: Sequence[Resource]) -> tuple[str, ...]:
    """Give the text of every template, in the order to deploy them; none without resources."""
    ids = logical_ids(resources)
    packed = list(packed_in_stacks(resources))
    return tuple(
        _text(account_id, settings, _stack(group, ids), number, len(packed))
        for number, group in enumerate(packed, start=1)
    )


def _stack(group: Sequence[Resource], ids: Mapping[str, str]) -> Stack:
    stack = Stack({resource.key: ids[resource.key] for resource in group})
    for resource in group:
        BUILDERS[resource.kind](stack, resource, stack.ids[resource.key])
    return stack


def _configuration_set(stack: Stack, resource: Resource, logical_id: str) -> None:
    properties = {"Name": resource.id} | _without(resource.properties, "ConfigurationSetName")
    stack.add(logical_id, resource.why, _body("AWS::SES::ConfigurationSet", _native(stack, properties)))


def _topic(stack: Stack, resource: Resource, logical_id: str) -> None:
    properties = {
        "TopicName": resource.properties["Name"],
        "SignatureVersion": resource.properties["SignatureVersion"],
    }
    stack.add(logical_id, resource.why, _body("AWS::SNS::Topic", _native(stack, properties)))
    policy: dict[str, Node] = {
        "PolicyDocument": _native(stack, resource.properties["Policy"]),
        "Topics": [Function("Ref", logical_id)],
    }
    stack.add(f"{logical_id}Policy", "lets SES publish to it", _body("AWS::SNS::TopicPolicy", policy))


def _subscription(stack: Stack, resource: Resource, logical_id: str) -> None:
    parameter = f"{logical_id}Url"
    stack.parameters[parameter] = {
        "Type": "String",
        "NoEcho": True,
        "AllowedPattern": "https://.+",
        "Default": str(resource.properties["Endpoint"]),
        "Description": "Webhook. Give it as https://user:password@host/... at deployment if it asks for basic auth",
    }
    properties = dict(resource.properties) | {"Endpoint": Function("Ref", parameter)}
    stack.add(logical_id, resource.why, _body("AWS::SNS::Subscription", _native(stack, properties)))


def _event_destination(stack: Stack, resource: Resource, logical_id: str) -> None:
    name = str(resource.properties["ConfigurationSetName"])
    wanted = resource.properties["EventDestination"]
    destination = dict(wanted) if isinstance(wanted, Mapping) else {}
    destination["SnsDestination"] = {"TopicARN": destination["SnsDestination"]["TopicArn"]}
    properties = {
        "ConfigurationSetName": _set_name(stack, name),
        "EventDestination": {"Name": resource.properties["EventDestinationName"]} | destination,
    }
    body = _body("AWS::SES::ConfigurationSetEventDestination", _native(stack, properties))
    # SES tries the topic when the destination is made, so its policy must stand by then
    topic = next(key for key in resource.depends_on if key.startswith(f"{kinds.TOPIC}/"))
    stack.add(logical_id, resource.why, body | {"DependsOn": f"{stack.ids[topic]}Policy"})


def _identity(stack: Stack, resource: Resource, logical_id: str) -> None:
    wanted = dict(resource.properties)
    properties = _without(wanted, "ConfigurationSetName", "FeedbackForwardingStatus")
    default_set = wanted.get("ConfigurationSetName")
    if isinstance(default_set, str):
        properties["ConfigurationSetAttributes"] = {"ConfigurationSetName": _set_name(stack, default_set)}
    properties["FeedbackAttributes"] = {"EmailForwardingEnabled": wanted["FeedbackForwardingStatus"]}
    properties = {"EmailIdentity": resource.id} | _with_key_parameter(stack, properties, resource.id, logical_id)
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}  # its mail would stop with it
    stack.add(logical_id, resource.why, _body("AWS::SES::EmailIdentity", _native(stack, properties)) | kept)
    signing = wanted.get("DkimSigningAttributes")
    if isinstance(signing, Mapping) and "DomainSigningSelector" not in signing:
        records = "; ".join(
            f"${{{logical_id}.DkimDNSTokenName{number}}} CNAME ${{{logical_id}.DkimDNSTokenValue{number}}}"
            for number in (1, 2, 3)
        )
        stack.outputs[f"Dkim{logical_id.removeprefix(PREFIXES[kinds.IDENTITY])}"] = {
            "Description": f"DKIM tokens and their zone for {resource.id}: into the lock file",
            "Value": Function("Fn::Sub", records),
        }


def _with_key_parameter(stack: Stack, properties: dict[str, object], domain: str, logical_id: str) -> dict[str, object]:
    """Put a parameter in the place of a private key, which no file may hold."""
    signing = properties.get("DkimSigningAttributes")
    if not isinstance(signing, Mapping) or "DomainSigningPrivateKey" not in signing:
        return properties
    parameter = f"DkimKey{logical_id.removeprefix(PREFIXES[kinds.IDENTITY])}"
    stack.parameters[parameter] = {
        "Type": "String",
        "NoEcho": True,
        "Description": f"Private DKIM key of {domain}: base64 of the PEM without its first and last line",
    }
    key = {"DomainSigningPrivateKey": Function("Ref", parameter)}
    return properties | {"DkimSigningAttributes": dict(signing) | key}


def _policy(stack: Stack, resource: Resource, logical_id: str) -> None:
    properties = {
        "ManagedPolicyName": resource.properties["PolicyName"],
        "Description": f"Sending mail of {', '.join(resource.streams)}"[:1000],
        "PolicyDocument": resource.properties["PolicyDocument"],
    }
    stack.add(logical_id, resource.why, _body("AWS::IAM::ManagedPolicy", _native(stack, properties)))
    stack.outputs[logical_id] = {
        "Description": "Attach it to the IAM user or role that sends",
        "Value": Function("Ref", logical_id),
    }


BUILDERS: Mapping[str, Callable[[Stack, Resource, str], None]] = {
    kinds.CONFIGURATION_SET: _configuration_set,
    kinds.TOPIC: _topic,
    kinds.SUBSCRIPTION: _subscription,
    kinds.EVENT_DESTINATION: _event_destination,
    kinds.IDENTITY: _identity,
    kinds.POLICY: _policy,
}


def _body(kind: str, properties: Node) -> dict[str, Node]:
    return {"Type": kind, "Properties": properties}


def _without(properties: Mapping[str, object], *names: str) -> dict[str, object]:
    return {key: value for key, value in properties.items() if key not in names}


def _set_name(stack: Stack, name: str) -> Function | str:
    """Refer to a configuration set of this stack, so that it comes first; one of an earlier stack goes by its name."""
    logical_id = stack.ids.get(f"{kinds.CONFIGURATION_SET}/{name}")
    return name if logical_id is None else Function("Ref", logical_id)


def _native(stack: Stack, value: object) -> Node:
    """Turn placeholders into intrinsic functions, all the way down. Text without one of ours stays as it is."""
    if isinstance(value, Mapping):
        return {str(key): _native(stack, part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_native(stack, part) for part in value]
    if isinstance(value, str):
        return _substituted(stack, value)
    if value is None or isinstance(value, int | float | Function):
        return value
    raise TypeError(f"a resource property of type {type(value).__name__}")


def _substituted(stack: Stack, text: str) -> Function | str:
    """Turn placeholders for answers to requests into what CloudFormation knows itself."""
    names: dict[str, str] = {}
    for match in PLACEHOLDER.finditer(text):
        answer = ANSWER.match(match[1])
        if answer and answer["resource"] == CALLER:
            names[match[0]] = "AWS::AccountId"
        elif answer and answer["resource"] in stack.ids:
            names[match[0]] = stack.ids[answer["resource"]]
    if not names:
        return text
    if text in names:
        return Function("Ref", names[text])
    parts = re.split(f"({'|'.join(map(re.escape, names))})", text)
    return Function("Fn::Sub", "".join(f"${{{names[part]}}}" if part in names else _escaped(part) for part in parts))


def _escaped(text: str) -> str:
    """Keep `Fn::Sub` from reading what is only text: `${!x}` is its way to write `${x}`."""
    return text.replace("${", "${!")


def _text(account_id: str, settings: Settings, stack: Stack, number: int, of: int) -> str:
    body = [
        'AWSTemplateFormatVersion: "2010-09-09"',
        *block({"Description": f"Sending mail through Amazon SES in {settings.region}: {account_id}"}, 0),
    ]
    if stack.parameters:
        body += ["Parameters:", *block(stack.parameters, 1)]
    body.append("Resources:")
    said = ""
    for logical_id, why, resource in stack.resources:
        if why != said:  # thousands of identities exist for one reason
            body += comment(f"{why[0].upper()}{why[1:]}.", 1)
        said = why
        body += block({logical_id: resource}, 1)
    if stack.outputs:
        body += ["Outputs:", *block(stack.outputs, 1)]
    text = "\n".join(body) + "\n"
    return _header(account_id, settings, number, of, len(text)) + text


def _header(account_id: str, settings: Settings, number: int, of: int, octets: int) -> str:
    suffix = "" if number == 1 else f"-{number}"
    part = f" (part {number} of {of}; deploy them in this order)" if of > 1 else ""
    bucket = " --s3-bucket ‹bucket›" if octets > MAX_INLINE_TEMPLATE else ""
    # a stack's name starts with a letter and has no underscore
    stack_name = f"mail-{settings.configuration_set or account_id}{suffix}".replace("_", "-")
    lines = (
        "# generated by sendspec from @SPEC@; edit the spec",
        "#",
        f"# Deploy in {settings.region}{part}:",
        f"#   aws cloudformation deploy --region {settings.region} \\",
        f"#     --stack-name {stack_name} \\",
        f"#     --template-file cloudformation{suffix}.yaml --capabilities CAPABILITY_NAMED_IAM{bucket}",
        "# Not in here: the DNS records (folder dns/), the IAM users and their keys, and leaving the SES sandbox.",
        "# Identities stay when the stack goes: without its identity a domain sends nothing.",
    )
    return "\n".join(lines) + "\n"
