"""What is to exist at AWS, and what each part of the spec changes about it."""

import json
import time

import pytest

from sendspec.esp.ses.resources import desired_resources
from sendspec.pipeline import compile_folder

SETTINGS = "settings: {region: eu-west-1, configuration_set: northwind}"
TYPES = "types: [delivered, bounced, complained, clicked]"
SUPPORT_FROM = "from: Northwind Support <support@help.northwind.example>"
MAIL, HELP = "mail.northwind.example", "help.northwind.example"


def event_types(compiled):
    return {
        each.properties["ConfigurationSetName"]: each.properties["EventDestination"]["MatchingEventTypes"]
        for each in compiled.of_kind("event-destination")
    }


def identity(compiled, domain):
    [found] = [each for each in compiled.of_kind("identity") if each.id == domain]
    return found


def documents(compiled):
    return {each.id: each.properties["PolicyDocument"] for each in compiled.of_kind("policy")}


def test_each_stream_has_a_configuration_set_whose_names_match_its_endpoints(variant):
    compiled = variant()
    assert [each.id for each in compiled.of_kind("configuration-set")] == ["northwind-receipts", "northwind-support"]
    for stream, route in compiled.setup.routes():
        assert route.endpoint.options["configuration_set"] == f"northwind-{stream.id}"


def test_without_a_prefix_the_account_names_the_sets(variant):
    compiled = variant((SETTINGS, "settings: {region: eu-west-1}"))
    assert [each.id for each in compiled.of_kind("configuration-set")] == ["ses-eu-receipts", "ses-eu-support"]


def test_bounces_and_complaints_are_suppressed_and_tls_is_opportunistic(variant):
    [first, *_] = variant().of_kind("configuration-set")
    assert first.properties["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
    assert first.properties["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert first.properties["DeliveryOptions"] == {"TlsPolicy": "OPTIONAL"}


def test_exactly_the_declared_events_are_subscribed_and_bounced_includes_what_never_left(variant):
    declared = ["BOUNCE", "CLICK", "COMPLAINT", "DELIVERY", "REJECT", "RENDERING_FAILURE"]
    assert event_types(variant()) == {"northwind-receipts": declared}
    assert event_types(variant((TYPES, "types: [complained, deferred, unsubscribed]"))) == {
        "northwind-receipts": ["COMPLAINT", "DELIVERY_DELAY", "SUBSCRIPTION"]
    }


@pytest.mark.parametrize(
    "change",
    [
        ("kind: transactional", "kind: authentication"),
        ("needs: [webhooks, templates]", "tracking: {clicks: false}"),
    ],
)
def test_clicks_are_never_tracked_in_authentication_mail_or_where_the_spec_says_no(variant, change):
    assert "CLICK" not in event_types(variant(change))["northwind-receipts"]


def test_a_stream_that_wants_only_what_it_must_not_have_gets_no_webhook_at_all(variant):
    compiled = variant(("kind: transactional", "kind: authentication"), (TYPES, "types: [clicked]"))
    assert not compiled.of_kind("topic")


def test_a_route_with_a_webhook_of_its_own_adds_a_topic_for_it(variant):
    own = "{role: fallback, via: smtp, esp: ses-eu, events: {url: 'https://b.example/', types: [bounced]}}"
    compiled = variant(("{role: fallback, via: smtp, esp: ses-eu}", own))
    endpoints = [each.properties["Endpoint"] for each in compiled.of_kind("subscription")]
    assert endpoints == ["https://b.example/", "https://hooks.northwind.example/mail/ses"]
    assert [each.id for each in compiled.of_kind("topic")] == [
        "northwind-receipts-events",
        "northwind-receipts-events-2",
    ]
    names = [each.properties["EventDestinationName"] for each in compiled.of_kind("event-destination")]
    assert names == ["webhook", "webhook-2"]


def test_two_routes_that_name_one_set_share_it(variant):
    settings = "settings: {configuration_set: shared}"
    compiled = variant(
        ("{role: fallback, via: smtp, esp: ses-eu}", f"{{role: fallback, via: smtp, esp: ses-eu, {settings}}}"),
        ("- {role: primary, via: smtp, esp: ses-eu}", f"- {{role: primary, via: smtp, esp: ses-eu, {settings}}}"),
    )
    sets = {each.id: each.streams for each in compiled.of_kind("configuration-set")}
    assert sets == {"northwind-receipts": ("receipts",), "shared": ("receipts", "support")}
    assert "ConfigurationSetName" not in identity(compiled, MAIL).properties


def test_the_only_set_of_an_identity_is_its_default(variant):
    assert identity(variant(), HELP).properties["ConfigurationSetName"] == "northwind-support"
    shared = variant((SUPPORT_FROM, "from: Support <support@mail.northwind.example>"))
    assert "ConfigurationSetName" not in identity(shared, MAIL).properties


def test_mailed_feedback_is_off_only_where_a_webhook_takes_bounces_and_complaints(variant):
    compiled = variant()
    assert identity(compiled, MAIL).properties["FeedbackForwardingStatus"] is False
    assert identity(compiled, HELP).properties["FeedbackForwardingStatus"] is True
    partly = variant((TYPES, "types: [bounced]"))
    assert identity(partly, MAIL).properties["FeedbackForwardingStatus"] is True
    shared = variant((SUPPORT_FROM, "from: Support <support@mail.northwind.example>"))
    assert identity(shared, MAIL).properties["FeedbackForwardingStatus"] is True


def test_an_identity_has_the_mail_from_that_its_dns_is_for(variant):
    compiled = variant((SETTINGS, "settings: {region: eu-west-1, mail_from: rp, behavior_on_mx_failure: reject}"))
    assert identity(compiled, MAIL).properties["MailFromAttributes"] == {
        "MailFromDomain": compiled.identity(MAIL).envelope_domain,
        "BehaviorOnMxFailure": "REJECT_MESSAGE",
    }
    without = variant((SETTINGS, "settings: {region: eu-west-1, mail_from: null}"))
    assert "MailFromAttributes" not in identity(without, MAIL).properties


def test_only_its_own_configuration_set_may_publish_to_a_topic(variant):
    [topic] = variant((SETTINGS, 'settings: {region: eu-west-1, aws_account: "012345678901"}')).of_kind("topic")
    [statement] = topic.properties["Policy"]["Statement"]
    assert statement["Resource"] == "arn:aws:sns:eu-west-1:012345678901:ses-eu-receipts-events"
    assert statement["Condition"]["StringEquals"] == {
        "AWS:SourceAccount": "012345678901",
        "AWS:SourceArn": "arn:aws:ses:eu-west-1:012345678901:configuration-set/ses-eu-receipts",
    }


def test_a_sender_may_use_its_address_its_identity_and_its_configuration_set_and_no_other(variant):
    found = documents(variant((SETTINGS, 'settings: {region: us-gov-west-1, aws_account: "012345678901"}')))
    start = "arn:aws-us-gov:ses:us-gov-west-1:012345678901"
    assert found["ses-eu-us-gov-west-1-send-smtp"]["Statement"] == [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Action": ["ses:SendRawEmail"],
            "Resource": [f"{start}:configuration-set/ses-eu-{stream}", f"{start}:identity/{domain}"],
            "Condition": {"StringEqualsIgnoreCase": {"ses:FromAddress": [address]}},
        }
        for sid, stream, domain, address in (
            ("Receipts", "receipts", MAIL, f"receipts@{MAIL}"),
            ("Support", "support", HELP, f"support@{HELP}"),
        )
    ]


def test_only_an_api_sender_that_needs_templates_may_send_in_bulk(variant):
    def actions(compiled):
        return {
            action for each in documents(compiled).values() for part in each["Statement"] for action in part["Action"]
        }

    assert "ses:SendBulkEmail" in actions(variant())
    assert "ses:SendBulkEmail" not in actions(variant(("needs: [webhooks, templates]", "needs: [webhooks]")))


def test_an_app_with_credentials_of_its_own_gets_a_policy_of_its_own(variant):
    own = "{from: 'env://SHOP_USER'}"
    apps = f"shop: {{streams: [receipts], credentials: {{ses-eu: {{smtp_username: {own}, smtp_password: {own}}}}}}}"
    found = documents(variant(("shop: {streams: [receipts]}", apps)))
    statements = {name: [part["Sid"] for part in each["Statement"]] for name, each in found.items()}
    assert statements == {
        "northwind-eu-west-1-send-api": ["Receipts", "ReceiptsBulk"],
        "northwind-eu-west-1-send-smtp": ["Support"],
        "northwind-eu-west-1-send-smtp-shop-ses-eu": ["Receipts"],
    }


def test_an_address_cannot_smuggle_a_policy_variable_in(variant):
    compiled = variant((SUPPORT_FROM, "from: 'Support <${a}b@help.northwind.example>'"))
    [_, support] = documents(compiled)["northwind-eu-west-1-send-smtp"]["Statement"]
    assert support["Condition"]["StringEqualsIgnoreCase"]["ses:FromAddress"] == ["${$}{a}b@help.northwind.example"]


def test_a_policy_that_iam_would_refuse_for_its_length_is_widened_and_says_so(variant):
    senders = ", ".join(f"c{number}: 'x@customer-{number}.example'" for number in range(200))
    compiled = variant((SUPPORT_FROM, f"senders: {{{senders}}}"))
    [policy] = [each for each in compiled.of_kind("policy") if each.id.endswith("smtp")]
    assert len(json.dumps(policy.properties["PolicyDocument"])) < 6144
    assert [part["Sid"] for part in policy.properties["PolicyDocument"]["Statement"]] == ["AnyIdentity"]
    assert "6144" in policy.why
    assert len(compiled.of_kind("identity")) == 201


def test_a_dedicated_pool_of_the_route_wins_over_that_of_the_account(variant):
    compiled = variant(
        (SETTINGS, "settings: {region: eu-west-1, sending_pool: shared}"),
        (
            "- {role: primary, via: smtp, esp: ses-eu}",
            "- {role: primary, via: smtp, esp: ses-eu, settings: {sending_pool: own}}",
        ),
    )
    pools = {
        each.id: each.properties["DeliveryOptions"]["SendingPoolName"] for each in compiled.of_kind("configuration-set")
    }
    assert pools == {"ses-eu-receipts": "shared", "ses-eu-support": "own"}


def test_a_tracking_host_is_used_only_by_sets_that_track(variant):
    compiled = variant((SETTINGS, "settings: {region: eu-west-1, tracking_domain: links.mail.northwind.example}"))
    tracking = {each.id: each.properties.get("TrackingOptions") for each in compiled.of_kind("configuration-set")}
    assert tracking == {
        "ses-eu-receipts": {"CustomRedirectDomain": "links.mail.northwind.example"},
        "ses-eu-support": None,
    }


def test_extra_reaches_configuration_sets_and_identities_untouched(variant):
    extra = (
        "extra: {configuration_set: {VdmOptions: {DashboardOptions: {EngagementMetrics: ENABLED}}, "
        "DeliveryOptions: {MaxDeliverySeconds: 3600}}, identity: {Tags: [{Key: team, Value: mail}]}}"
    )
    route = "settings: {extra: {DeliveryOptions: {TlsPolicy: REQUIRE}}}"
    compiled = variant(
        (SETTINGS, f"settings: {{region: eu-west-1, {extra}}}"),
        ("- {role: primary, via: smtp, esp: ses-eu}", f"- {{role: primary, via: smtp, esp: ses-eu, {route}}}"),
    )
    receipts, support = (each.properties for each in compiled.of_kind("configuration-set"))
    assert receipts["VdmOptions"] == support["VdmOptions"] == {"DashboardOptions": {"EngagementMetrics": "ENABLED"}}
    assert receipts["DeliveryOptions"] == {"TlsPolicy": "OPTIONAL", "MaxDeliverySeconds": 3600}
    assert support["DeliveryOptions"] == {"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 3600}
    assert identity(compiled, MAIL).properties["Tags"] == [{"Key": "team", "Value": "mail"}]


def test_without_dkim_signing_is_switched_off(variant):
    compiled = variant((SETTINGS, "settings: {region: eu-west-1, dkim: none}"))
    assert identity(compiled, MAIL).properties["DkimAttributes"] == {"SigningEnabled": False}


def test_everything_comes_after_what_it_depends_on(variant):
    seen = set()
    for resource in variant().resources:
        assert set(resource.depends_on) <= seen, resource.key
        assert resource.key not in seen
        seen.add(resource.key)


def test_resources_are_the_same_every_time(variant):
    assert variant().resources == variant().resources


def test_an_account_that_no_stream_uses_has_nothing_and_writes_nothing(compile_text):
    compiled = compile_text("version: 1\nesps: {ses-eu: {kind: ses, settings: {region: eu-west-1}}}")
    assert compiled.resources == ()
    assert compiled.files() == {}


def test_the_time_for_thousands_of_streams_grows_with_their_number(tmp_path):
    streams = "".join(
        f"  s{number}: {{kind: support, from: a@mail.shop.example, routes: [{{role: primary, via: smtp, esp: ses}}]}}\n"
        for number in range(2500)
    )
    spec = "version: 1\ndomains: {shop.example: {}}\nesps: {ses: {kind: ses, settings: {region: eu-west-1}}}\n"
    (tmp_path / "a.yaml").write_text(f"{spec}streams:\n{streams}")
    setup = compile_folder(tmp_path).setup
    started = time.process_time()
    assert len(desired_resources(setup, setup.accounts[0])) > 2500
    assert time.process_time() - started < 2
