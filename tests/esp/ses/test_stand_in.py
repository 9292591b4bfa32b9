"""SES's stand-in against botocore: it signs the calls, checks them against AWS's own description, and reads the answers."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from esp_worlds import World, call

from sendspec.esp.interface import load_stand_in
from sendspec.esp.ses import notifications
from sendspec.esp.ses.account_answers import AmbientKey
from sendspec.esp.ses.stand_in_mail import SendEmail
from sendspec.model.sending import Posted, Proof, Verification
from sendspec.model.stand_in import ApiCall, TakenMail

HOST = "email.eu-west-1.amazonaws.com"
PAIR = (
    '      access_key_id: {from: "aws-sm://ses#id", env: AWS_ACCESS_KEY_ID}\n'
    '      secret_access_key: {from: "aws-sm://ses#key", env: AWS_SECRET_ACCESS_KEY}\n'
)
KEYS = ("      smtp_username", f"{PAIR}      smtp_username")
MAIL = {
    "FromEmailAddress": "Northwind <receipts@mail.northwind.example>",
    "Destination": {"ToAddresses": ["success+42@simulator.amazonses.com"]},
    "Content": {"Simple": {"Subject": {"Data": "probe"}, "Body": {"Text": {"Data": "hello"}}}},
    "ConfigurationSetName": "northwind-receipts",
    "EmailTags": [{"Name": "run", "Value": "42"}],
}
SESSION = botocore.session.get_session()
MODEL = SESSION.get_service_model("sesv2")


class Body:
    """A body as botocore reads one."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self):
        yield self.content


def client(stand_in, key_id: str, secret: str, token: str | None = None, region: str = "eu-west-1"):
    """Give AWS's own client, with the stand-in in place of the network."""
    made = SESSION.create_client(
        "sesv2",
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )

    def answer(request, **_):
        parts = urlsplit(request.url)
        headers = {
            name.lower(): value if isinstance(value, str) else value.decode() for name, value in request.headers.items()
        }
        headers.setdefault("host", parts.netloc)
        body = request.body or b""
        content = body if isinstance(body, bytes) else body.encode()
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        given = stand_in.answer(ApiCall(request.method, HOST, parts.path, query, headers, content))
        return AWSResponse(request.url, given.status, dict(given.headers), Body(given.body))

    made.meta.events.register("before-send.sesv2", answer)
    return made


@pytest.fixture
def world(variant) -> World:
    return World(variant(KEYS).setup)


@pytest.fixture
def sender(world):
    """Give a client with the key for sending."""
    values = world.secrets.values
    return client(world.stand_ins["ses"], values["ses-eu.access_key_id"], values["ses-eu.secret_access_key"])


@pytest.fixture
def manager(world):
    """Give a client with what the machine has."""
    key = AmbientKey.model_validate_json(world.secrets.values["ses-eu.aws_ambient"])
    return client(world.stand_ins["ses"], key.access_key_id, key.secret_access_key, "a session token")


def unknown_members(value: object, shape) -> list[str]:
    """Give the members of an answer that AWS's description does not have."""
    if shape.type_name == "structure" and isinstance(value, dict):
        found = [name for name in value if name not in shape.members]
        return found + [
            each
            for name in value
            if name in shape.members
            for each in unknown_members(value[name], shape.members[name])
        ]
    if shape.type_name == "list" and isinstance(value, list):
        return [name for each in value for name in unknown_members(each, shape.member)]
    return []


READS = {
    "GetAccount": {},
    "ListConfigurationSets": {},
    "GetConfigurationSet": {"ConfigurationSetName": "northwind-receipts"},
    "GetConfigurationSetEventDestinations": {"ConfigurationSetName": "northwind-receipts"},
    "ListEmailIdentities": {"PageSize": 1000},
}


@pytest.mark.parametrize("operation", READS)
def test_every_read_answers_with_what_the_description_has(manager, world, operation):
    raw = []
    honest = world.stand_ins["ses"].answer

    def keep(asked):
        raw.append(honest(asked))
        return raw[-1]

    world.stand_ins["ses"].answer = keep
    method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
    read = getattr(manager, method)(**READS[operation])
    read.pop("ResponseMetadata")
    shape = MODEL.operation_model(operation).output_shape
    assert read
    assert unknown_members(json.loads(raw[0].body), shape) == []
    assert ParamValidator().validate(read, shape).generate_report() == ""


def test_a_message_is_taken_and_its_members_are_those_of_the_description(sender):
    assert len(sender.send_email(**MAIL)["MessageId"]) == 60


def test_the_description_and_the_stand_in_know_the_same_members():
    def members(shape):
        if shape.type_name == "structure":
            return {name: members(each) for name, each in shape.members.items()}
        return members(shape.member) if shape.type_name == "list" else {}

    def ours(node, definitions):
        if "$ref" in node:
            node = definitions[node["$ref"].rpartition("/")[2]]
        for part in node.get("anyOf", ()):
            if "$ref" in part:
                return ours(part, definitions)
        if "items" in node:
            return ours(node["items"], definitions)
        return {name: ours(each, definitions) for name, each in node.get("properties", {}).items()}

    own = SendEmail.model_json_schema()
    assert ours(own, own["$defs"]) == members(MODEL.operation_model("SendEmail").input_shape)


@pytest.mark.parametrize(
    ("change", "status", "name"),
    [
        ({"FromEmailAddress": "a@elsewhere.example"}, 400, "MessageRejected"),
        ({"FromEmailAddress": "nobody"}, 400, "BadRequestException"),
        ({"ConfigurationSetName": "nosuch"}, 404, "NotFoundException"),
        ({"Destination": {"ToAddresses": []}}, 400, "BadRequestException"),
        ({"Destination": {"ToAddresses": [f"a{n}@example.com" for n in range(51)]}}, 400, "BadRequestException"),
        ({"EmailTags": [{"Name": "a b", "Value": "x"}]}, 400, "BadRequestException"),
        ({"Content": {}}, 400, "BadRequestException"),
        ({"Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {}}}}, 400, "BadRequestException"),
    ],
)
def test_what_ses_refuses_is_refused_with_its_name(sender, change, status, name):
    with pytest.raises(ClientError) as caught:
        sender.send_email(**(MAIL | change))
    assert caught.value.response["Error"]["Code"] == name
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    declared = {shape.name for shape in MODEL.operation_model("SendEmail").error_shapes}
    assert name in declared


def test_a_raw_message_brings_its_own_sender_and_recipients(sender, world):
    raw = b"From: receipts@mail.northwind.example\r\nTo: bounce@simulator.amazonses.com\r\nSubject: x\r\n\r\nhello"
    sender.send_email(Content={"Raw": {"Data": raw}}, ConfigurationSetName="northwind-receipts")
    kinds = [json.loads(json.loads(post.body)["Message"])["eventType"] for post in world.stand_ins["ses"].take_events()]
    assert kinds == ["Bounce"]


def test_a_key_for_sending_may_not_read(sender):
    with pytest.raises(ClientError) as caught:
        sender.get_account()
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "ses:GetAccount" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"key_id": "AKIANOBODY"}, "UnrecognizedClientException"),
        ({"region": "us-east-1"}, "InvalidSignatureException"),
    ],
)
def test_a_wrong_signature_key_or_region_is_refused_as_aws_does(world, options, name):
    values = world.secrets.values
    given = {"key_id": values["ses-eu.access_key_id"], "secret": values["ses-eu.secret_access_key"]} | options
    with pytest.raises(ClientError) as caught:
        client(world.stand_ins["ses"], **given).send_email(**MAIL)
    assert caught.value.response["Error"]["Code"] == name
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_unsigned_and_an_old_call_are_refused(world):
    stand_in = world.stand_ins["ses"]
    assert dict(stand_in.answer(call("GET", f"https://{HOST}/v2/email/account")).headers)[
        "x-amzn-ErrorType"
    ].startswith("Missing")
    later = load_stand_in("ses").make(world.setup, world.secrets.values, lambda: datetime.now(UTC) + timedelta(hours=1))
    values = world.secrets.values
    with pytest.raises(ClientError, match="Signature expired"):
        client(later, values["ses-eu.access_key_id"], values["ses-eu.secret_access_key"]).send_email(**MAIL)


def events_of(world) -> list[tuple[str, dict]]:
    posts = world.stand_ins["ses"].take_events()
    return [(post.url, json.loads(json.loads(post.body)["Message"])) for post in posts]


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("success+x@simulator.amazonses.com", ["Delivery"]),
        ("bounce@simulator.amazonses.com", ["Bounce"]),
        ("suppressionlist@simulator.amazonses.com", ["Bounce"]),
        ("complaint+y@simulator.amazonses.com", ["Delivery", "Complaint"]),
        ("somebody@example.com", ["Delivery"]),
    ],
)
def test_addresses_of_the_simulator_do_what_they_say(sender, world, address, kinds):
    number = sender.send_email(**(MAIL | {"Destination": {"ToAddresses": [address]}}))["MessageId"]
    found = events_of(world)
    assert [record["eventType"] for _, record in found] == kinds
    assert {url for url, _ in found} == {"https://hooks.northwind.example/mail/ses"}
    assert {record["mail"]["messageId"] for _, record in found} == {number}
    assert found[0][1]["mail"]["tags"]["run"] == ["42"]
    assert events_of(world) == []


def test_a_post_is_signed_as_sns_signs_and_its_certificate_is_where_it_says(sender, world):
    sender.send_email(**MAIL)
    [post] = world.stand_ins["ses"].take_events()

    async def fetch(url: str) -> bytes | None:
        given = world.stand_ins["ses"].answer(call("GET", url))
        return given.body if given.status == 200 else None

    async def proof(body: bytes) -> Proof:
        posted = Posted({name.lower(): value for name, value in post.headers}, body)
        return await notifications.verify(posted, Verification("", datetime.now(UTC), fetch))

    assert asyncio.run(proof(post.body)) is Proof.GOOD
    assert asyncio.run(proof(post.body.replace(b"Delivery", b"Deliverx"))) is Proof.BAD


def test_mail_by_smtp_leads_to_the_same_events(world):
    login = (world.secrets.values["ses-eu.smtp_username"], world.secrets.values["ses-eu.smtp_password"])
    headers = {"x-ses-configuration-set": "northwind-receipts", "x-ses-message-tags": "run=7, other=x"}
    mail = TakenMail("receipts@mail.northwind.example", ("success@simulator.amazonses.com",), headers)
    said = world.stand_ins["ses"].take_mail(login, mail)
    [(_, record)] = events_of(world)
    assert said == f"Ok {record['mail']['messageId']}"
    assert record["mail"]["tags"]["run"] == ["7"]
    assert world.stand_ins["ses"].take_mail(("nobody", "x"), mail) == "Ok"


def test_mail_that_names_no_configuration_set_gets_that_of_its_domain(world):
    login = (world.secrets.values["ses-eu.smtp_username"], world.secrets.values["ses-eu.smtp_password"])
    mail = TakenMail("receipts@mail.northwind.example", ("bounce@simulator.amazonses.com",))
    world.stand_ins["ses"].take_mail(login, mail)
    assert [record["eventType"] for _, record in events_of(world)] == ["Bounce"]
