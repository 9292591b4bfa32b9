"""Topics, subscriptions and policies: what AWS keeps as text is compared by what it means."""

import copy
import json

import pytest
from aws_world import REGION, Fault
from hypothesis import given
from hypothesis import strategies as st
from ses_managing import MAIL, POLICY, SET, TOPIC, change_of, create, delete, update

from sendspec.esp.ses.manage_policy import alike
from sendspec.model.live import Failure
from sendspec.model.plan import Action

ARN = f"arn:aws:sns:{REGION}:123456789012:{TOPIC}"
POLICY_ARN = f"arn:aws:iam::123456789012:{POLICY}"
HOOK = "https://hooks.northwind.example/mail/ses"
SUBSCRIPTION = f"subscription/{TOPIC}"
NARROW = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Receipts",
            "Effect": "Allow",
            "Action": ["ses:SendEmail", "ses:SendRawEmail"],
            "Resource": ["arn:aws:ses:eu-west-1:123456789012:identity/mail.example"],
            "Condition": {"StringEqualsIgnoreCase": {"ses:FromAddress": ["a@mail.example"]}},
        },
        {"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*", "Principal": {"Service": "ses.amazonaws.com"}},
    ],
}


@pytest.fixture
def sns(made):
    return made.aws("sns", REGION)


@pytest.fixture
def iam(made):
    return made.aws("iam", REGION)


# policies by meaning


@given(st.permutations([0, 1]), st.permutations(NARROW["Statement"][0]["Action"]), st.booleans())
def test_order_lists_of_one_and_capitals_change_no_meaning(statements, actions, is_upper):
    other = copy.deepcopy(NARROW)
    other["Statement"] = [other["Statement"][number] for number in statements]
    for statement in other["Statement"]:
        if isinstance(statement["Action"], list):
            statement["Action"] = [action.upper() if is_upper else action for action in actions]
            statement["Resource"] = statement["Resource"][0]
            statement["Condition"] = {"StringEqualsIgnoreCase": {"SES:FromAddress": "a@mail.example"}}
        else:
            statement["Action"] = [statement["Action"]]
    assert alike(other, NARROW) is NARROW


@pytest.mark.parametrize(
    "change",
    [
        lambda policy: policy["Statement"][0].update(Effect="Deny"),
        lambda policy: policy["Statement"][0]["Action"].append("ses:DeleteEmailIdentity"),
        lambda policy: policy["Statement"][0].update(Resource="*"),
        lambda policy: policy["Statement"][0].pop("Condition"),
        lambda policy: policy["Statement"][0]["Condition"]["StringEqualsIgnoreCase"].update({"ses:Recipients": ["b"]}),
        lambda policy: policy["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        lambda policy: policy["Statement"][1].update(Principal="*"),
        lambda policy: policy.update(Version="2008-10-17"),
    ],
)
def test_every_other_difference_is_one(change):
    other = copy.deepcopy(NARROW)
    change(other)
    assert alike(other, NARROW) == other


# topics


def test_who_may_publish_changed_by_hand_shows_and_is_taken_back(made, sns, world):
    wide = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": ARN}],
    }
    sns.set_topic_attributes(TopicArn=ARN, AttributeName="Policy", AttributeValue=json.dumps(wide))
    assert [path.partition(".")[0] for path in made.differences(f"topic/{TOPIC}")] == ["Policy"]
    world.forget_calls()
    assert made.apply(update(made, f"topic/{TOPIC}")).failure is None
    assert world.changes() == ["sns.SetTopicAttributes"]
    assert made.differences(f"topic/{TOPIC}") == {}


def test_a_signature_by_sha_1_shows_and_is_taken_back(made, sns, world):
    sns.set_topic_attributes(TopicArn=ARN, AttributeName="SignatureVersion", AttributeValue="1")
    assert made.differences(f"topic/{TOPIC}") == {"SignatureVersion": ("1", "2")}
    assert made.apply(update(made, f"topic/{TOPIC}")).failure is None
    assert made.differences(f"topic/{TOPIC}") == {}
    world.forget_calls()
    assert made.apply(update(made, f"topic/{TOPIC}")).failure is None
    assert world.changes() == []


def test_a_key_that_shuts_ses_out_of_the_topic_is_a_note(made, sns):
    sns.set_topic_attributes(TopicArn=ARN, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    assert any("encrypted" in note for note in made.read(f"topic/{TOPIC}").notes)


# subscriptions


def test_a_subscription_that_nobody_confirmed_is_found_and_told(made, world):
    world.has_confirmed = False
    live = made.read(SUBSCRIPTION)
    assert live.found[SUBSCRIPTION].native_id == ""
    assert any("SubscriptionConfirmation" in note and HOOK in note for note in live.notes)
    outcome = made.apply(create(made, SUBSCRIPTION))
    assert outcome.failure is None
    assert "sns.Subscribe" not in world.changes()
    assert HOOK in outcome.notes[0]
    assert made.apply(delete(made, SUBSCRIPTION)).failure is None


def test_ours_is_found_behind_a_page_of_other_peoples(made, sns):
    sns.unsubscribe(SubscriptionArn=made.native_ids[SUBSCRIPTION])
    for number in range(120):  # SNS gives a hundred a page
        sns.subscribe(TopicArn=ARN, Protocol="email", Endpoint=f"team-{number}@northwind.example")
    sns.subscribe(TopicArn=ARN, Protocol="https", Endpoint=HOOK)
    assert made.differences(SUBSCRIPTION) == {}


def test_a_new_address_is_subscribed_before_the_old_one_is_dropped_and_others_stay(made, sns, world):
    sns.subscribe(TopicArn=ARN, Protocol="email", Endpoint="team@northwind.example")
    made.spec = made.spec.replace("https://hooks.northwind.example", "https://new.northwind.example")
    [change] = [each for each in made.planned() if each.subject == SUBSCRIPTION]
    assert change.action is Action.REPLACE
    world.forget_calls()
    assert made.apply(change).failure is None
    assert world.changes() == ["sns.Subscribe", "sns.Unsubscribe"]
    left = sns.list_subscriptions_by_topic(TopicArn=ARN)["Subscriptions"]
    assert sorted(each["Endpoint"] for each in left) == [HOOK.replace("hooks", "new"), "team@northwind.example"]
    assert made.apply(change).failure is None
    assert made.differences(SUBSCRIPTION) == {}


def test_a_subscription_of_a_topic_that_is_gone_is_missing_not_unread(made, sns):
    sns.delete_topic(TopicArn=ARN)
    live = made.read(SUBSCRIPTION, f"topic/{TOPIC}")
    assert (live.found, live.unread) == ({}, {})


# policies


def test_a_policy_widened_by_hand_shows_and_a_new_version_takes_it_back(made, iam, world):
    wide = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ses:*","Resource":"*"}]}'
    iam.create_policy_version(PolicyArn=POLICY_ARN, PolicyDocument=wide, SetAsDefault=True)
    assert list(made.differences(POLICY)) == ["PolicyDocument.Statement"]
    assert made.apply(update(made, POLICY)).failure is None
    assert made.differences(POLICY) == {}
    world.forget_calls()
    assert made.apply(update(made, POLICY)).failure is None
    assert world.changes() == []


def test_the_sixth_version_takes_the_place_of_the_oldest_that_does_not_count(made, iam):
    for number in range(4):
        document = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": f"ses:Get{number}", "Resource": "*"}]}
        )
        iam.create_policy_version(PolicyArn=POLICY_ARN, PolicyDocument=document, SetAsDefault=number == 3)
    assert made.apply(update(made, POLICY)).failure is None
    versions = iam.list_policy_versions(PolicyArn=POLICY_ARN)["Versions"]
    assert sorted(each["VersionId"] for each in versions) == ["v2", "v3", "v4", "v5", "v6"]
    assert made.differences(POLICY) == {}


def test_who_has_the_policy_is_told_and_one_that_somebody_has_is_not_removed(made, iam):
    assert any("attached to nobody" in note for note in made.read(POLICY).notes)
    iam.create_user(UserName="mailer")
    iam.attach_user_policy(UserName="mailer", PolicyArn=POLICY_ARN)
    assert f"the policy {POLICY.partition('/')[2]} is attached to user mailer" in made.read(POLICY).notes
    change = delete(made, POLICY)
    outcome = made.apply(change)
    assert outcome.failure is Failure.REFUSED
    assert "user mailer" in outcome.said
    iam.detach_user_policy(UserName="mailer", PolicyArn=POLICY_ARN)
    iam.create_policy_version(
        PolicyArn=POLICY_ARN, PolicyDocument=json.dumps(NARROW | {"Statement": NARROW["Statement"][:1]})
    )
    assert made.apply(change).failure is None
    assert POLICY not in made.read(POLICY).found


def test_a_lost_answer_to_a_new_version_costs_no_second_one(made, iam, world):
    wide = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ses:*","Resource":"*"}]}'
    iam.create_policy_version(PolicyArn=POLICY_ARN, PolicyDocument=wide, SetAsDefault=True)
    world.forget_calls()
    world.fail["iam.CreatePolicyVersion", 1] = Fault.RESET_AFTER
    assert made.apply(update(made, POLICY)).failure is None
    assert world.changes() == ["iam.CreatePolicyVersion"]
    assert len(iam.list_policy_versions(PolicyArn=POLICY_ARN)["Versions"]) == 3


def test_the_right_to_see_who_has_a_policy_is_missed_in_a_note_only(made, world):
    world.fail["iam.ListEntitiesForPolicy", 0] = Fault.DENIED
    live = made.read(POLICY)
    assert POLICY in live.found
    assert any("iam:ListEntitiesForPolicy" in note for note in live.notes)


def test_an_identity_made_again_keeps_its_webhook(made, world):
    world.ses.wants_verified = False
    assert made.apply(delete(made, f"identity/{MAIL}")).failure is None
    made.make("identity")
    assert list(world.ses.destinations[SET]) == ["webhook"]
    assert made.planned() == []
    assert change_of(made.resources()[f"identity/{MAIL}"], Action.DELETE).after is None
