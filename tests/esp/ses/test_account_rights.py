"""Policies that moto's IAM holds, read as AWS's are: attached, inline, by groups; and what is wider in them than needed."""

import asyncio
import http.client
import json

import boto3
import pytest
from esp_worlds import now
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from sendspec.esp.interface import AccountQuestion, KeyPurpose
from sendspec.esp.ses.account_rights import inspect, inspected
from sendspec.esp.ses.policy_width import wider
from sendspec.model.account_state import Excess
from sendspec.model.secret import Secret
from sendspec.net.http import Reply

POLICY = "northwind-eu-west-1-send-smtp"


class MotoHttp:
    """Brings each call to moto's server, which knows the service by the signature."""

    def __init__(self, host, port):
        self.place = (host, port)
        self.urls = []

    async def call(self, method, url, *, headers=(), **_options):
        self.urls.append(url)
        connection = http.client.HTTPConnection(*self.place, timeout=30)
        connection.request(method, url.removeprefix("https://iam.amazonaws.com"), headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Reply(answer.status, headers={name.lower(): value for name, value in answer.getheaders()}, body=body)


@pytest.fixture(scope="module")
def moto():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


@pytest.fixture
def iam(moto):
    options = {"endpoint_url": "http://{}:{}".format(*moto), "region_name": "us-east-1"}
    client = boto3.client("iam", aws_access_key_id="AKIAADMIN", aws_secret_access_key="x", **options)
    connection = http.client.HTTPConnection(*moto, timeout=30)
    connection.request("POST", "/moto-api/reset")
    connection.getresponse().read()
    return client


@pytest.fixture
def setup(variant):
    return variant().setup


@pytest.fixture
def look(moto, setup, iam):
    """Give a function that makes a user with sendspec's policy, changes it, and inspects its key."""
    account = setup.account("ses-eu")
    [key] = inspected(setup, account)
    document = next(each for each in setup.resources if each.id == POLICY).properties["PolicyDocument"]
    text = json.dumps(document).replace("${caller#Account}", "123456789012")

    def work(change=lambda _iam: None, key_id=None):
        iam.create_user(UserName="mailer")
        made = iam.create_policy(PolicyName=POLICY, PolicyDocument=text)
        iam.attach_user_policy(UserName="mailer", PolicyArn=made["Policy"]["Arn"])
        access = iam.create_access_key(UserName="mailer")["AccessKey"]
        change(iam)
        values = {"aws_ambient": Secret(json.dumps({"access_key_id": "AKIAADMIN", "secret_access_key": "x"}))}
        http_client = MotoHttp(*moto)
        question = AccountQuestion(setup, account, key, values, http_client, str, now)
        return asyncio.run(inspect(question, key, Secret(key_id or access["AccessKeyId"])))

    return work


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


def test_the_key_of_an_smtp_login_is_its_user_name(setup):
    [key] = inspected(setup, setup.account("ses-eu"))
    assert (key.credentials[0].id, key.purpose) == ("ses-eu.smtp_username", KeyPurpose.SEND)
    assert key.streams == ("receipts", "support")


def test_a_user_with_sendspecs_policy_alone_has_nothing_beyond(look):
    found = look()
    assert (found.hidden, found.surplus) == ("", ())
    assert (found.holder, found.compared) == ("IAM user mailer", 1)
    assert POLICY in found.wanted


def test_a_wider_version_of_the_policy_is_seen_once_it_counts(look):
    def widen(iam):
        arn = f"arn:aws:iam::123456789012:policy/{POLICY}"
        wide = document({"Action": "ses:Send*", "Resource": "*"})
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=wide, SetAsDefault=True)

    [found] = look(widen).surplus
    assert (found.excess, found.seen) == (Excess.ACTIONS, f"ses:send* on * (policy {POLICY})")


def test_attached_inline_and_group_policies_are_all_read(look):
    def widen(iam):
        made = iam.create_policy(PolicyName="admin", PolicyDocument=document({"Action": "*", "Resource": "*"}))
        iam.attach_user_policy(UserName="mailer", PolicyArn=made["Policy"]["Arn"])
        iam.put_user_policy(
            UserName="mailer", PolicyName="own", PolicyDocument=document({"Action": "s3:*", "Resource": "*"})
        )
        iam.create_group(GroupName="staff")
        iam.add_user_to_group(GroupName="staff", UserName="mailer")
        iam.put_group_policy(
            GroupName="staff",
            PolicyName="all of us",
            PolicyDocument=document({"Action": ["sqs:a", "sns:b"], "Resource": "*"}),
        )
        again = iam.create_policy(PolicyName="sns", PolicyDocument=document({"NotAction": "iam:*", "Resource": "*"}))
        iam.attach_group_policy(GroupName="staff", PolicyArn=again["Policy"]["Arn"])

    assert sorted(each.seen for each in look(widen).surplus) == [
        "* on * (policy admin)",
        "everything but NotAction iam:* (policy sns of group staff)",
        "s3:* on * (inline policy own)",
        "sns:b, sqs:a on * (inline policy all of us of group staff)",
    ]


def test_a_key_that_exists_no_more_is_not_called_narrow(look):
    found = look(key_id="AKIAAAAAAAAAAAAAAAAA")
    assert found.hidden
    assert found.surplus == ()


def wanted():
    return {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ses:SendRawEmail"],
                "Resource": [f"arn:aws:ses:eu-west-1:${{caller#Account}}:identity/{name}.example"],
                "Condition": {"StringEqualsIgnoreCase": {"ses:FromAddress": [f"x@{name}.example"]}},
            }
            for name in ("a", "b")
        ]
    }


def live(resource="a", addresses=("x@a.example",), action="ses:SendRawEmail", operator="StringEquals", **more):
    arn = f"arn:aws:ses:eu-west-1:123456789012:identity/{resource}.example"
    condition = {operator: {"ses:FromAddress": list(addresses)}}
    return {"Statement": {"Effect": "Allow", "Action": action, "Resource": arn, "Condition": condition, **more}}


def excess(policy):
    return [(str(each.excess), each.seen) for each in wider([("policy p", policy)], [wanted()])]


@pytest.mark.parametrize(
    "policy",
    [
        live(),
        live(action="SES:sendrawemail"),
        live(addresses=("X@A.example",), operator="StringEqualsIgnoreCase"),
        live(Condition={"StringLike": {"SES:FROMADDRESS": "x@a.example"}, "Bool": {"aws:SecureTransport": "true"}}),
        {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]},
        {"Statement": None},
        "nothing",
    ],
)
def test_what_is_as_narrow_or_narrower_is_no_surplus(policy):
    assert excess(policy) == []


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        (live(addresses=("x@b.example",)), {Excess.ADDRESSES}),
        (live(addresses=("*@a.example",), operator="StringLike"), {Excess.ADDRESSES}),
        (live(operator="StringEqualsIfExists"), {Excess.ADDRESSES}),
        (live(operator="StringNotEquals"), {Excess.ADDRESSES}),
        (live(operator="ForAllValues:StringEquals"), {Excess.ADDRESSES}),
        (live(Condition={"Bool": {"aws:SecureTransport": "true"}}), {Excess.ADDRESSES}),
        (live(resource="c"), {Excess.PLACES}),
        (live(Resource="arn:aws:ses:*:123456789012:identity/a.example"), {Excess.PLACES}),
        (live(Resource="arn:aws:ses:eu-west-1:*:identity/a.example"), {Excess.PLACES}),
        (live(action=["ses:SendRawEmail", "ses:SendEmail"]), {Excess.ACTIONS}),
        (live(action="ses:SendRaw*"), {Excess.ACTIONS}),
        ({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}, {Excess.ACTIONS}),
        ({"Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "NotResource": "x"}]}, {Excess.ACTIONS}),
    ],
)
def test_each_way_of_being_wider_has_its_kind(policy, kinds):
    assert {kind for kind, _ in excess(policy)} == {str(kind) for kind in kinds}


def test_an_identity_of_one_stream_with_the_address_of_another_is_wider():
    both = [
        "arn:aws:ses:eu-west-1:123456789012:identity/a.example",
        "arn:aws:ses:eu-west-1:123456789012:identity/b.example",
    ]
    found = excess(live(Resource=both, addresses=("x@a.example",)))
    assert found == [("may send from other addresses", "ses:sendrawemail as x@a.example (policy p)")]


def test_a_wildcard_that_sendspec_itself_writes_is_not_wider():
    policy = {
        "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "arn:aws:ses:r:1:identity/*"}]
    }
    assert list(wider([("p", policy)], [policy])) == []
    narrower = {
        "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "arn:aws:ses:r:1:identity/a"}]
    }
    assert list(wider([("p", narrower)], [policy])) == []
    assert list(wider([("p", policy)], [narrower])) != []


TEXT = st.sampled_from(
    ["*", "ses:*", "ses:SendRawEmail", "a:b", "x@a.example", "arn:aws:ses:eu-west-1:*:identity/*", "${a#b}", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Statement",
                    "Effect",
                    "Action",
                    "Resource",
                    "Condition",
                    "NotAction",
                    "StringEquals",
                    "ses:FromAddress",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_policies_of_any_shape_are_compared_and_none_is_wider_than_itself(policy):
    assert list(wider([("p", policy)], [policy])) == [
        each
        for each in wider([("p", policy)], [policy])
        if each.excess is Excess.ACTIONS and "everything but" in each.seen
    ]
