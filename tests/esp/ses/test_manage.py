"""An account at AWS is made what the spec says, read back as that, and changed only where it differs."""

import json
import logging

import pytest
from aws_world import REGION, Fault
from ses_managing import (
    IDENTITY,
    MAIL,
    MANAGER,
    POLICY,
    SET,
    SPEC,
    TOPIC,
    Managed,
    before,
    change_of,
    create,
    delete,
    update,
)

import sendspec.esp.ses.manage_calls as calls
from sendspec.model.live import Failure, Verification
from sendspec.model.plan import Action, Stage
from sendspec.net.aws import AwsClients

NESTED = json.dumps(
    {
        "DkimAttributes": {"Tokens": [{}, [], 7], "SigningAttributesOrigin": 3, "SigningEnabled": "x"},
        "MailFromAttributes": {"MailFromDomain": {"a": 1}},
        "VerificationInfo": {"ErrorType": []},
        "EventDestinations": [{"MatchingEventTypes": [7], "SnsDestination": {"TopicArn": {}}}],
        "SendingOptions": {"SendingEnabled": []},
        "SuppressionAttributes": {"SuppressedReasons": [{}]},
    }
).encode()

# what is made is what is wanted


def test_an_empty_account_is_made_what_the_spec_says_and_a_second_run_changes_nothing(world, managed):
    world.ses.wants_verified = False
    account = managed()
    first = account.make()
    assert {change.subject for change in first} == set(account.resources())
    world.forget_calls()
    assert account.planned() == []
    assert world.changes() == []


def test_the_mail_from_is_refused_until_ses_has_seen_the_domain_and_then_taken(world, managed):
    account = managed()
    account.make("configuration-set")
    account.apply(create(account, IDENTITY))
    change = change_of(account.resources()[IDENTITY], Action.UPDATE, stage=Stage.RETURN_PATH)
    early = account.apply(change)
    assert early.failure is Failure.LATER
    assert "verified" in early.fix
    world.ses.see_dns(MAIL)
    assert account.apply(change).failure is None
    assert world.ses.identities[MAIL].mail_from["MailFromDomain"] == f"bounce.{MAIL}"


def test_stages_put_keys_and_return_path_after_what_they_need():
    identity = MANAGER.kinds["identity"]
    assert identity.stage is Stage.ISSUE
    assert identity.later["MailFromAttributes"] is Stage.RETURN_PATH
    assert identity.later["DkimSigningAttributes.DomainSigningSelector"] is Stage.VERIFY
    assert MANAGER.kinds["topic"].stage is MANAGER.kinds["event-destination"].stage is Stage.EVENTS


def test_what_ses_issues_is_told_by_the_answer_and_by_every_read_in_the_shape_of_the_lock_file(world, managed):
    account = managed()
    account.make("configuration-set")
    tokens = account.apply(create(account, IDENTITY)).issued[MAIL]["dkim"]["tokens"]
    assert account.read(IDENTITY).issued == {MAIL: {"dkim": {"tokens": tokens, "hosted_zone": "dkim.amazonses.com"}}}
    assert tokens == world.ses.identities[MAIL].tokens
    identity = account.desk().setup.identity("ses-eu", MAIL)
    assert {record.name.partition(".")[0] for record in identity.records} >= set(tokens)


def test_the_number_of_the_account_stands_as_the_spec_has_it(made, world):
    topic = made.read(f"topic/{TOPIC}").found[f"topic/{TOPIC}"]
    assert "${caller#Account}" in json.dumps(topic.properties)
    assert topic.native_id == f"arn:aws:sns:{REGION}:123456789012:{TOPIC}"
    policy = made.read(POLICY).found[POLICY]
    assert policy.properties == made.resources()[POLICY].properties


def test_a_declared_number_is_written_out_and_compared_as_it_is(world, managed):
    account = managed(("region: eu-west-1,", 'region: eu-west-1, aws_account: "123456789012",'))
    world.ses.wants_verified = False
    account.make()
    assert account.planned() == []


def test_credentials_of_another_account_touch_nothing(world, managed):
    account = managed(("region: eu-west-1,", 'region: eu-west-1, aws_account: "999999999999",'))
    live = account.read()
    assert "999999999999" in live.unread[""].reason
    outcome = account.apply(create(account, f"configuration-set/{SET}"))
    assert outcome.failure is Failure.NEEDS
    assert world.changes() == []


# somebody changes it by hand

HAND = {
    "sending": (
        f"configuration-set/{SET}",
        lambda world: world.ses.sets[SET].update(SendingOptions={"SendingEnabled": False}),
        "SendingOptions.SendingEnabled",
        "sesv2.PutConfigurationSetSendingOptions",
    ),
    "suppression": (
        f"configuration-set/{SET}",
        lambda world: world.ses.sets[SET].update(SuppressionOptions={"SuppressedReasons": ["BOUNCE"]}),
        "SuppressionOptions.SuppressedReasons",
        "sesv2.PutConfigurationSetSuppressionOptions",
    ),
    "tls": (
        f"configuration-set/{SET}",
        lambda world: world.ses.sets[SET].update(DeliveryOptions={"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 900}),
        "DeliveryOptions.TlsPolicy",
        "sesv2.PutConfigurationSetDeliveryOptions",
    ),
    "metrics": (
        f"configuration-set/{SET}",
        lambda world: world.ses.sets[SET].pop("ReputationOptions"),
        "ReputationOptions.ReputationMetricsEnabled",
        "sesv2.PutConfigurationSetReputationOptions",
    ),
    "dkim": (
        IDENTITY,
        lambda world: setattr(world.ses.identities[MAIL], "signs", False),
        "DkimAttributes.SigningEnabled",
        "sesv2.PutEmailIdentityDkimAttributes",
    ),
    "key length": (
        IDENTITY,
        lambda world: world.ses.identities[MAIL].signing.update(NextSigningKeyLength="RSA_1024_BIT"),
        "DkimSigningAttributes.NextSigningKeyLength",
        "sesv2.PutEmailIdentityDkimSigningAttributes",
    ),
    "default set": (
        IDENTITY,
        lambda world: setattr(world.ses.identities[MAIL], "configuration_set", None),
        "ConfigurationSetName",
        "sesv2.PutEmailIdentityConfigurationSetAttributes",
    ),
    "feedback": (
        IDENTITY,
        lambda world: setattr(world.ses.identities[MAIL], "forwards", True),
        "FeedbackForwardingStatus",
        "sesv2.PutEmailIdentityFeedbackAttributes",
    ),
    "mail from": (
        IDENTITY,
        lambda world: world.ses.identities[MAIL].mail_from.update(BehaviorOnMxFailure="REJECT_MESSAGE"),
        "MailFromAttributes.BehaviorOnMxFailure",
        "sesv2.PutEmailIdentityMailFromAttributes",
    ),
    "events": (
        f"event-destination/{TOPIC}",
        lambda world: world.ses.destinations[SET]["webhook"].update(MatchingEventTypes=["BOUNCE"]),
        "EventDestination.MatchingEventTypes",
        "sesv2.UpdateConfigurationSetEventDestination",
    ),
    "switched off": (
        f"event-destination/{TOPIC}",
        lambda world: world.ses.destinations[SET]["webhook"].update(Enabled=False),
        "EventDestination.Enabled",
        "sesv2.UpdateConfigurationSetEventDestination",
    ),
}


@pytest.mark.parametrize("name", HAND)
def test_a_change_by_hand_shows_as_that_path_and_is_taken_back_by_that_call(world, made, name):
    key, change, path, call = HAND[name]
    change(world)
    assert list(made.differences(key)) == [path]
    world.forget_calls()
    assert made.apply(update(made, key)).failure is None
    assert world.changes() == [call]
    assert made.differences(key) == {}
    world.forget_calls()
    assert made.apply(update(made, key)).failure is None
    assert world.changes() in ([], ["sesv2.UpdateConfigurationSetEventDestination"])


def test_a_setting_that_the_spec_does_not_state_survives_a_change_beside_it(world, made):
    HAND["tls"][1](world)
    made.apply(update(made, f"configuration-set/{SET}"))
    assert world.ses.sets[SET]["DeliveryOptions"] == {"TlsPolicy": "OPTIONAL", "MaxDeliverySeconds": 900}


def test_what_stops_mail_and_what_a_difference_means_is_said_for_every_path(made):
    for name, kind in MANAGER.kinds.items():
        for text in (kind.without, *kind.meanings.values()):
            text.format(streams="receipts", before="a", after="b")
        if name != "dkim-key":
            assert kind.without
    for key, _, path, _ in HAND.values():
        kind = MANAGER.kinds[key.partition("/")[0]]
        assert any(path.startswith(place) for place in kind.meanings), path
    assert MANAGER.kinds["configuration-set"].stopping == {"SendingOptions.SendingEnabled": (False,)}
    assert MANAGER.kinds["identity"].stops_mail


# what exists already


def test_what_exists_is_brought_to_what_is_wanted_and_never_made_twice(world, managed):
    account = managed()
    world.ses.wants_verified = False
    client = account.aws("sesv2", REGION)
    client.create_configuration_set(ConfigurationSetName=SET, SendingOptions={"SendingEnabled": False})
    client.create_email_identity(EmailIdentity=MAIL)
    account.aws("sns", REGION).create_topic(Name=TOPIC)
    account.aws("iam", REGION).create_policy(
        PolicyName=POLICY.partition("/")[2],
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ses:*","Resource":"*"}]}',
    )
    for key in account.resources():
        outcome = account.apply(create(account, key))
        assert outcome.failure is None, (key, outcome)
    assert account.planned() == []
    assert len(account.aws("sns", REGION).list_topics()["Topics"]) == 1


def test_a_resource_that_disappeared_since_it_was_read_is_made(world, made):
    del world.ses.sets[SET]
    assert made.apply(update(made, f"configuration-set/{SET}")).failure is None
    assert SET in world.ses.sets
    del world.ses.identities[MAIL]
    assert made.apply(update(made, IDENTITY)).failure in {None, Failure.LATER}
    assert MAIL in world.ses.identities


def test_an_event_destination_under_another_name_is_replaced_not_doubled(world, made):
    world.ses.destinations[SET]["by-hand"] = world.ses.destinations[SET].pop("webhook")
    [change] = made.planned()
    assert (change.action, change.subject) == (Action.REPLACE, f"event-destination/{TOPIC}")
    assert made.apply(change).failure is None
    assert list(world.ses.destinations[SET]) == ["webhook"]


def test_reads_that_come_too_early_after_a_create_are_waited_for(world, managed):
    world.ses.wants_verified, world.ses.lag = False, 2
    account = managed()
    for key in (f"configuration-set/{SET}", f"event-destination/{TOPIC}", IDENTITY):
        outcome = account.apply(create(account, key))
        assert outcome.failure is None, outcome
    assert world.ses.identities[MAIL].mail_from is not None
    assert world.ses.identities[MAIL].forwards is False


# removal


@pytest.mark.parametrize(
    "kind", ["configuration-set", "identity", "topic", "subscription", "event-destination", "policy"]
)
def test_what_is_removed_is_gone_and_removing_it_again_is_no_failure(world, made, kind):
    [key] = [each for each in made.resources() if each.startswith(f"{kind}/")][:1]
    change = delete(made, key)
    assert made.apply(change).failure is None
    assert key not in made.read(key).found
    assert made.apply(change).failure is None


def test_a_resource_that_the_spec_dropped_is_still_found_by_what_the_lock_file_remembers(world, made):
    made.spec = made.spec.replace("    events:", "    # events:")
    keys = [key for key in made.native_ids if key not in made.resources()]
    assert {key.partition("/")[0] for key in keys} == {"topic", "subscription", "event-destination"}
    assert set(made.read(*keys).found) == set(keys)


# trouble


def test_a_kind_without_the_right_to_read_it_is_unread_with_the_action_to_allow(world, made):
    world.fail["sesv2.GetEmailIdentity", 0] = Fault.DENIED
    world.fail["iam.GetPolicy", 0] = Fault.DENIED
    live = made.read()
    assert set(live.unread) == {"identity", "policy"}
    assert live.unread["identity"].reason == "AWS denies ses:GetEmailIdentity"
    assert "allow ses:GetEmailIdentity" in live.unread["identity"].fix
    assert "allow iam:GetPolicy" in live.unread["policy"].fix
    assert f"configuration-set/{SET}" in live.found
    assert not [key for key in live.found if key.startswith(("identity/", "policy/"))]


def test_without_credentials_the_whole_account_is_unread_with_a_cure(world, managed, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.url)
    account = managed()
    account.aws = AwsClients()
    live = account.read()
    assert set(live.unread) == {""}
    assert "AWS_ACCESS_KEY_ID" in live.unread[""].fix


@pytest.mark.parametrize("fault", [Fault.THROTTLE, Fault.CONCURRENT])
@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("configuration-set", "sesv2.CreateConfigurationSet"),
        ("identity", "sesv2.CreateEmailIdentity"),
        ("identity", "sesv2.PutEmailIdentityFeedbackAttributes"),
        ("topic", "sns.CreateTopic"),
        ("subscription", "sns.Subscribe"),
        ("event-destination", "sesv2.CreateConfigurationSetEventDestination"),
        ("policy", "iam.CreatePolicy"),
    ],
)
def test_too_many_calls_and_two_at_once_are_tried_again(world, managed, kind, operation, fault):
    world.ses.wants_verified = False
    account = managed()
    world.fail[operation, 1] = fault
    account.make(*before(kind))
    assert world.calls.count(operation) >= 2
    assert {change.subject for change in account.planned()} == {
        key for key in account.resources() if key.partition("/")[0] not in before(kind)
    }


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.BROKEN])
@pytest.mark.parametrize(
    ("key", "operation"),
    [
        (f"configuration-set/{SET}", "sesv2.CreateConfigurationSet"),
        (IDENTITY, "sesv2.CreateEmailIdentity"),
        (IDENTITY, "sesv2.PutEmailIdentityMailFromAttributes"),
        (f"topic/{TOPIC}", "sns.CreateTopic"),
        (f"subscription/{TOPIC}", "sns.Subscribe"),
        (f"event-destination/{TOPIC}", "sesv2.CreateConfigurationSetEventDestination"),
        (POLICY, "iam.CreatePolicy"),
    ],
)
def test_a_lost_answer_is_cleared_up_by_a_look_or_by_the_next_run(world, managed, key, operation, fault):
    world.ses.wants_verified = False
    account = managed()
    kind = key.partition("/")[0]
    if before(kind)[:-1]:
        account.make(*before(kind)[:-1])
    world.fail[operation, 1] = fault
    outcome = account.apply(create(account, key))
    is_whole = fault is Fault.RESET_AFTER and operation != "sesv2.CreateEmailIdentity"
    assert outcome.failure is (None if is_whole else Failure.UNKNOWN), outcome
    world.fail.clear()
    account.make(kind)
    assert account.differences(key) == {}
    assert len(account.aws("sns", REGION).list_subscriptions()["Subscriptions"]) <= 1


def test_limits_that_do_not_end_are_for_later(world, managed, monkeypatch):
    monkeypatch.setattr(calls, "MOST_SECONDS", 0.2)
    account = managed()
    world.fail["sesv2.CreateConfigurationSet", 0] = Fault.THROTTLE
    outcome = account.apply(create(account, f"configuration-set/{SET}"))
    assert outcome.failure is Failure.LATER
    assert 2 <= world.calls.count("sesv2.CreateConfigurationSet") <= 20


def test_a_right_that_is_missing_for_a_change_is_named(world, managed):
    account = managed()
    world.fail["sesv2.CreateConfigurationSet", 0] = Fault.DENIED
    outcome = account.apply(create(account, f"configuration-set/{SET}"))
    assert outcome.failure is Failure.NEEDS
    assert outcome.fix == "allow ses:CreateConfigurationSet to the identity that sendspec runs as"


def test_a_wrong_native_option_is_refused_in_the_words_of_aws(world, managed):
    extra = "configuration_set: northwind, extra: {configuration_set: {DeliveryOptions: {TlsPolicy: SOMETIMES}}}"
    account = managed(("configuration_set: northwind", extra))
    outcome = account.apply(create(account, f"configuration-set/{SET}"))
    assert outcome.failure is Failure.REFUSED
    assert "TlsPolicy" in outcome.said
    misspelt = extra.replace("TlsPolicy: SOMETIMES", "TlsPolicies: OPTIONAL")
    outcome = managed(("configuration_set: northwind", misspelt)).apply(create(account, f"configuration-set/{SET}"))
    assert outcome.failure is Failure.REFUSED


def test_an_account_that_takes_one_call_a_time_is_read_and_made_whole(world, compile_spec, served):
    world.seconds_between, world.ses.wants_verified = 0.04, False
    senders = ", ".join(f"c{number}: x@customer-{number}.example" for number in range(8))
    spec = SPEC.replace("    from: Northwind <receipts@mail.northwind.example>", f"    senders: {{{senders}}}")
    account = Managed(compile_spec, spec.replace("domains: {northwind.example: {}}", ""), served[1])
    account.make()
    assert account.planned() == []
    assert len(world.ses.identities) == 8


def test_boto3_itself_with_its_own_tries_comes_to_the_same(world, managed, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    for service in ("SESV2", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", world.url)
    account = managed()
    account.aws = AwsClients()
    world.fail["sesv2.CreateConfigurationSet", 1] = Fault.RESET_AFTER
    assert account.apply(create(account, f"configuration-set/{SET}")).failure is None
    world.fail["sesv2.CreateEmailIdentity", 1] = Fault.CONCURRENT
    account.apply(create(account, IDENTITY))
    assert (list(world.ses.sets), list(world.ses.identities)) == ([SET], [MAIL])


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ("sesv2.GetEmailIdentity", IDENTITY),
        ("sesv2.GetConfigurationSet", f"configuration-set/{SET}"),
        ("sesv2.GetConfigurationSetEventDestinations", f"event-destination/{TOPIC}"),
        ("sesv2.GetAccount", f"configuration-set/{SET}"),
        ("sns.GetTopicAttributes", f"topic/{TOPIC}"),
        ("sns.ListSubscriptionsByTopic", f"subscription/{TOPIC}"),
        ("iam.GetPolicy", POLICY),
        ("sts.GetCallerIdentity", IDENTITY),
    ],
)
def test_no_answer_however_wrong_ends_in_a_traceback(world, made, operation, key):
    for body in (b"", b"{}", b"[]", b"7", b"null", b"<html>", b"{", NESTED):
        world.answers[operation] = body
        live = made.read(key)
        assert not any("html" in each.reason for each in live.unread.values())
        outcome = made.apply(update(made, key))
        assert outcome.failure is None or outcome.said


# verification and notes


def test_what_ses_says_of_dns_is_told_and_asked_for_again_once_it_gave_up(world, managed):
    account = managed()
    account.make("configuration-set")
    account.apply(create(account, IDENTITY))
    assert account.read(IDENTITY).found[IDENTITY].verification is Verification.PENDING
    verify = change_of(account.resources()[IDENTITY], Action.VERIFY, stage=Stage.VERIFY)
    world.forget_calls()
    assert "PENDING" in account.apply(verify).notes[0]
    assert world.changes() == []
    world.ses.give_up(MAIL)
    before = list(world.ses.identities[MAIL].tokens)
    assert account.read(IDENTITY).found[IDENTITY].verification is Verification.FAILED
    outcome = account.apply(verify)
    assert world.ses.identities[MAIL].status == "PENDING"
    assert outcome.issued[MAIL]["dkim"]["tokens"] == world.ses.identities[MAIL].tokens != before
    world.ses.see_dns(MAIL)
    assert account.read(IDENTITY).found[IDENTITY].verification is Verification.DONE
    assert account.apply(verify).notes == ()


def test_a_mail_from_that_ses_gave_up_on_is_started_anew(world, made):
    world.ses.identities[MAIL].mail_from["MailFromDomainStatus"] = "FAILED"
    assert f"SES says of the MAIL FROM bounce.{MAIL}: FAILED" in made.read(IDENTITY).notes
    made.apply(change_of(made.resources()[IDENTITY], Action.VERIFY, stage=Stage.VERIFY))
    assert world.ses.identities[MAIL].mail_from["MailFromDomainStatus"] == "PENDING"


def test_sandbox_pause_and_missing_suppression_are_notes(world, managed):
    world.ses.account |= {"ProductionAccessEnabled": False, "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE"]}}
    notes = managed().read("configuration-set/none").notes
    assert any("sandbox" in note for note in notes)
    assert any("COMPLAINT" in note for note in notes)


def test_a_mail_from_that_the_spec_does_not_want_is_a_note(world, made):
    made.spec = made.spec.replace("configuration_set: northwind", "configuration_set: northwind, mail_from: null")
    assert any(f"bounce.{MAIL}" in note and "takes it away" in note for note in made.read(IDENTITY).notes)


def test_nothing_that_was_logged_holds_a_key(world, made, caplog):
    caplog.set_level(logging.DEBUG)
    made.read()
    assert "not-a-secret" not in caplog.text
