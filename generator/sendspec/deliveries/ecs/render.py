"""`ecs.container.json`, and `ecs.execution-role.yaml`, which says what JSON cannot: how to use it, where the rest is kept."""

from collections.abc import Iterator

from sendspec.deliveries.references import carried, not_set, path_and_key
from sendspec.json_text import json_text
from sendspec.model.app import App
from sendspec.model.credential import Credential
from sendspec.model.output_file import OutputFile
from sendspec.targets.app_bindings import origins
from sendspec.targets.app_notes import GENERATED, hash_command, hash_comment
from sendspec.targets.quoted_text import double_quoted

SCHEMES = ("aws-sm", "aws-ssm")
CONTAINER, ROLE = "ecs.container.json", "ecs.execution-role.yaml"
ABILITY = "--capabilities CAPABILITY_IAM"
PARTS = ("AWS_PARTITION", "AWS_REGION", "AWS_ACCOUNT_ID")
"""What a person puts in: a secret's ARN holds them. The partition is `aws`, `aws-cn` or `aws-us-gov`."""
FILL = 'sed "' + "; ".join(f"s/\\${{{part}}}/${part}/g" for part in PARTS) + '"'


def render(app: App) -> Iterator[OutputFile]:
    """Give the files of an app that has credentials; comments alone where none is kept at AWS."""
    ours, others = carried(app, SCHEMES)
    if not app.credentials():
        return
    if ours:
        yield _file(
            app, CONTAINER, json_text(_container(app, ours)), "secrets of the container in an ECS task definition"
        )
    lines = [*_notes(app, ours, others), *(_policy(ours) if ours else ())]
    yield _file(app, ROLE, "\n".join(lines) + "\n", "what the role of an ECS task must be allowed to read")


def _file(app: App, name: str, content: str, why: str) -> OutputFile:
    return OutputFile(f"{app.folder}/{name}", content, origins(app), f"{app.title}: {why}")


def _container(app: App, credentials: tuple[Credential, ...]) -> dict[str, object]:
    """JSON has no comments, and ECS refuses keys it does not know, so a label says where the file is from."""
    return {
        "name": app.id,
        "dockerLabels": {"origin": GENERATED},
        "secrets": [{"name": each.env, "valueFrom": _value_from(each)} for each in credentials],
    }


def _value_from(credential: Credential) -> str:
    """Give the ARN with key, stage and version (the last two empty), or a parameter's name.

    A name alone would be taken for a parameter's, so a secret needs its ARN; its six last characters may be left out.
    """
    path, key = path_and_key(credential)
    if credential.scheme == "aws-ssm":
        return path
    arn = f"arn:${{AWS_PARTITION}}:secretsmanager:${{AWS_REGION}}:${{AWS_ACCOUNT_ID}}:secret:{path}"
    return f"{arn}:{key}::" if key else arn


def _notes(app: App, ours: tuple[Credential, ...], others: tuple[Credential, ...]) -> Iterator[str]:
    yield hash_comment(GENERATED)
    if ours:
        yield hash_comment(
            f"Credentials of the app {app.title} in ECS. Merge `secrets` of {CONTAINER} into the container of your task definition,"
            " with partition (aws, aws-cn, aws-us-gov), region and account put in:"
        )
        yield hash_command(f"{FILL} {CONTAINER}")
        yield hash_comment(
            "This stack makes the policy that the task *execution* role needs; with a key of your own in KMS it needs kms:Decrypt"
            " too. A running task keeps the values it started with: after a rotation start a new deployment."
        )
        yield hash_command(
            f"aws cloudformation deploy --template-file {ROLE} --stack-name {app.id}-mail-secrets {ABILITY}"
        )
    for credential in others:
        yield hash_comment(not_set(credential, "ECS reads Secrets Manager and Parameter Store alone"))


def _policy(credentials: tuple[Credential, ...]) -> Iterator[str]:
    """Six characters end the ARN of a secret, so `-??????` means this secret and no other whose name goes on."""
    secrets = dict.fromkeys(path_and_key(each)[0] for each in credentials if each.scheme == "aws-sm")
    parameters = dict.fromkeys(each.place for each in credentials if each.scheme == "aws-ssm")
    yield 'AWSTemplateFormatVersion: "2010-09-09"'
    yield "Resources:"
    yield "  MailSecrets:"
    yield "    Type: AWS::IAM::ManagedPolicy"
    yield "    Properties:"
    yield "      PolicyDocument:"
    yield '        Version: "2012-10-17"'
    yield "        Statement:"
    if secrets:
        yield from _allow("secretsmanager:GetSecretValue", [f"secretsmanager|secret:{name}-??????" for name in secrets])
    if parameters:
        yield from _allow("ssm:GetParameters", [f"ssm|parameter{name}" for name in parameters])
    yield "Outputs:"
    yield "  MailSecretsPolicy:"
    yield "    Description: for ManagedPolicyArns of the task execution role"
    yield "    Value: !Ref MailSecrets"


def _allow(action: str, resources: list[str]) -> Iterator[str]:
    yield "          - Effect: Allow"
    yield f"            Action: {action}"
    yield "            Resource:"
    for resource in resources:
        service, _, place = resource.partition("|")
        arn = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{place}"
        yield f"              - !Sub {double_quoted(arn)}"
