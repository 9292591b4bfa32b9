"""What the IAM users of sending keys may do: the example's own policies are narrow, and each thing wider has a finding."""

import json

import pytest
from esp_worlds import findings, ids, passed
from https_peers import always

from sendspec.check.api.rights import CHECK
from sendspec.check.scope import Scope, narrow
from sendspec.model.secret import Unresolved
from sendspec.model.stand_in import ApiAnswer

IAM = "iam.amazonaws.com"
USER = "ses-eu-smtp_username"


def iam_of(world):
    return world.stand_ins["ses"]._accounts[0].iam


def allow(action, resource="*", **more):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}
    )


def test_a_sound_example_has_no_finding(world):
    seen = world.run(CHECK)
    assert ids(seen) == set()
    assert passed(seen) == 1


def test_one_stream_alone_does_not_make_the_policy_of_all_too_wide(world):
    setup = narrow(world.setup, Scope(streams=frozenset({"receipts"})))
    assert ids(world.run(CHECK, setup)) == set()


@pytest.mark.parametrize(
    ("document", "kinds", "said"),
    [
        (allow("*"), {"live-api-policy-actions"}, "* on *"),
        (allow("ses:*"), {"live-api-policy-actions"}, "ses:* on *"),
        (allow(["s3:GetObject"]), {"live-api-policy-actions"}, "s3:getobject"),
        (allow("ses:SendRawEmail"), {"live-api-policy-places", "live-api-policy-addresses"}, "on *"),
    ],
)
def test_a_wider_policy_of_the_user_is_named(world, document, kinds, said):
    iam_of(world).users[USER].inline["by-hand"] = document
    found = findings(world.run(CHECK))
    assert {each.kind.id for each in found} == kinds
    assert any(said in each.seen for each in found)
    for each in found:
        assert "(inline policy by-hand)" in each.seen
        assert each.expected
        assert "northwind-eu-west-1-send-smtp" in each.fix
        assert f"IAM user {USER} of ses-eu.smtp_username" in each.message
        assert each.answered_by == IAM


def test_what_comes_by_a_group_counts(world):
    iam = iam_of(world)
    iam.managed["AdministratorAccess"] = allow("*")
    iam.groups["mail"] = type(iam.users[USER])(attached=["AdministratorAccess"], inline={"more": allow("sns:Publish")})
    iam.users[USER].groups.append("mail")
    assert [each.seen for each in findings(world.run(CHECK))] == [
        "* on * (policy AdministratorAccess of group mail)",
        "sns:publish on * (inline policy more of group mail)",
    ]


def test_all_pages_of_a_list_are_read(world, monkeypatch):
    monkeypatch.setattr("sendspec.esp.ses.stand_in_iam.PAGE", 1)
    iam = iam_of(world)
    for number in range(3):
        iam.users[USER].groups.append(f"group-{number}")
        iam.groups[f"group-{number}"] = type(iam.users[USER])()
    iam.groups["group-2"].inline = {"first": allow("ec2:*"), "last": allow("rds:*")}
    assert [each.seen for each in findings(world.run(CHECK))] == [
        "ec2:* on * (inline policy first of group group-2)",
        "rds:* on * (inline policy last of group group-2)",
    ]


@pytest.mark.parametrize(
    "action", ["GetAccessKeyLastUsed", "ListUserPolicies", "GetPolicyVersion", "ListGroupsForUser"]
)
def test_policies_that_may_not_be_read_are_unknown_and_the_right_is_named(world, action):
    iam_of(world).denied.add(action)
    [found] = findings(world.run(CHECK))
    assert (found.kind.id, found.is_unknown) == ("live-api-policy-unread", True)
    assert f"iam:{action}" in found.fix


@pytest.mark.parametrize(
    "site",
    [
        always(200, b"<html>welcome to our hotel</html>"),
        always(200, b"not even <XML"),
        always(200, b'<!DOCTYPE a [<!ENTITY b "cccc">]><a>&b;</a>'),
        always(500, b""),
        always(403, b"{}"),
        always(503, b"<ErrorResponse><Error><Code>ServiceUnavailable\x1b[2J</Code></Error></ErrorResponse>"),
    ],
)
def test_an_answer_that_is_none_is_unknown(world, site):
    world.sites[IAM] = site
    assert ids(world.run(CHECK)) == {"?live-api-policy-unread"}


def test_policies_that_are_none_are_unknown(world):
    iam_of(world).users[USER].inline["odd"] = "{"
    assert ids(world.run(CHECK)) == {"?live-api-policy-unread"}


def test_a_user_with_hundreds_of_policies_is_unknown_and_not_read_for_ever(world):
    iam_of(world).users[USER].inline.update({f"p{number}": allow("a:b") for number in range(120)})
    assert ids(world.run(CHECK)) == {"?live-api-policy-unread"}


def test_throttling_is_waited_out_once_or_twice(world, monkeypatch):
    monkeypatch.setattr("sendspec.esp.ses.account_rights.PAUSE_SECONDS", 0)
    honest, busy = world.sites[IAM], [iam_of(world).refuse("Throttling", "Rate exceeded", 400)] * 2
    world.sites[IAM] = lambda call: busy.pop() if busy else honest(call)
    assert ids(world.run(CHECK)) == set()


@pytest.mark.parametrize("name", ["ses-eu.smtp_username", "ses-eu.aws_ambient"])
def test_without_a_credential_it_is_unknown(world, name, monkeypatch):
    held = type(world.secrets).get

    async def get(self, credential):
        return Unresolved("the vault is shut") if credential.id == name else await held(self, credential)

    monkeypatch.setattr(type(world.secrets), "get", get)
    [found] = findings(world.run(CHECK))
    assert (found.kind.id, found.is_unknown) == ("live-api-policy-unread", True)
    assert "the vault is shut" in found.message


def test_a_value_that_is_no_access_key_id_is_sent_nowhere(world):
    calls = []
    world.secrets.values["ses-eu.smtp_username"] = "a-password-by-mistake"
    world.sites[IAM] = lambda call: calls.append(call) or ApiAnswer(200)
    [found] = findings(world.run(CHECK))
    assert "no access key id" in found.message
    assert calls == []


def test_a_key_that_iam_does_not_know_is_unknown(world):
    iam_of(world).owners = {}
    assert ids(world.run(CHECK)) == {"?live-api-policy-unread"}


def test_every_kind_has_an_id_of_its_own():
    assert len({kind.id for kind in CHECK.kinds}) == len(CHECK.kinds) == 4
