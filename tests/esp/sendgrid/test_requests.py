"""The calls that set SendGrid up, held against the vendor's own description."""

import json
from pathlib import Path

import pytest

from sendspec.esp.sendgrid.facts import EVENT_SETTINGS

GOLDEN = Path(__file__).parent / "golden" / "requests.json"
PATH = "esps/sendgrid-eu/requests.json"
EU_SETTINGS = "{region: eu, subuser: northwind-eu, link_branding: true}"
DESCRIBED_IN = {
    "subuser": "tsg_subusers_v3",
    "authenticated-domain": "tsg_domain_authentication_v3",
    "link-branding": "tsg_link_branding_v3",
    "event-webhook": "tsg_webhooks_v3",
    "event-webhook-signature": "tsg_webhooks_v3",
    "api-key": "tsg_api_keys_v3",
    "tracking": "tsg_tracking_settings_v3",
}
SECOND_URL = (
    "    routes:\n      - {role: primary, via: smtp",
    (
        '    events: {url: "https://hooks.northwind.example/auth", types: [bounced]}\n'
        "    routes:\n      - {role: primary, via: smtp"
    ),
)


@pytest.fixture
def calls(variant, read_calls):
    return read_calls(variant(), "sendgrid-eu")


def of(calls, resource):
    return next(call for call in calls if call["resource"] == resource)


def document(read_files, setup):
    return json.loads(read_files(setup, "sendgrid-eu")[PATH])


def test_the_file_is_the_one_that_was_reviewed(variant, read_files, check_golden):
    check_golden(GOLDEN, read_files(variant(), "sendgrid-eu")[PATH])


@pytest.mark.parametrize(
    "settings",
    [
        EU_SETTINGS,
        "{}",
        "{link_branding: true, security: manual, domain_label: bounce}",
        "{subuser: northwind, link_branding: true}",
        '{security: "none", link_branding: true}',
    ],
)
def test_every_call_is_as_the_vendor_describes_it(variant, read_calls, open_api, settings):
    for call in read_calls(variant((EU_SETTINGS, settings), SECOND_URL), "sendgrid-eu"):
        described = open_api(f"sendgrid/{DESCRIBED_IN[call['resource'].partition('/')[0]]}")
        assert described.problems(call) == []


def test_a_misspelt_field_header_path_or_answer_would_be_found(calls, open_api):
    described, call = open_api("sendgrid/tsg_api_keys_v3"), of(calls, "api-key/sendgrid-eu.api_key")
    assert described.problems(call) == []
    assert described.problems(call | {"body": call["body"] | {"scope": ["mail.send"]}}) != []
    assert described.problems(call | {"headers": {"As-User": "x"}}) != []
    assert described.problems(call | {"url": "https://api.eu.sendgrid.com/v3/keys"}) != []
    assert described.problems(call | {"store": {"x": "/key"}}) != []


def test_every_placeholder_is_explained_or_kept_by_an_earlier_call(variant, read_files, unresolved):
    for settings in (EU_SETTINGS, "{}"):
        assert unresolved(document(read_files, variant((EU_SETTINGS, settings)))) == []
    broken = document(read_files, variant())
    broken["requests"].reverse()
    assert "event-webhook/newsletter#id" in unresolved(broken)


def test_calls_stand_in_the_order_in_which_they_work(calls):
    assert [call["resource"].partition("/")[0] for call in calls] == [
        "subuser",
        "authenticated-domain",
        "authenticated-domain",
        "link-branding",
        "link-branding",
        "event-webhook",
        "event-webhook-signature",
        "api-key",
        "tracking",
        "tracking",
        *["authenticated-domain"] * 2,
        *["link-branding"] * 2,
    ]
    assert all(call["url"].endswith("/validate") and call["after"] for call in calls[-4:])


def test_the_parent_makes_the_subuser_at_the_global_host_and_the_rest_happens_inside_it(calls):
    subuser, *rest = calls
    assert subuser["url"] == "https://api.sendgrid.com/v3/subusers"
    assert "On-Behalf-Of" not in subuser["headers"]
    assert subuser["body"]["region"] == "eu"
    for call in rest:
        assert call["url"].startswith("https://api.eu.sendgrid.com/v3/")
        assert call["headers"]["On-Behalf-Of"] == "northwind-eu"


def test_without_subuser_and_region_everything_is_the_accounts_own(variant, read_calls):
    for call in read_calls(variant((EU_SETTINGS, "{}")), "sendgrid-eu"):
        assert call["url"].startswith("https://api.sendgrid.com/v3/")
        assert "On-Behalf-Of" not in call["headers"]
        assert not call["resource"].startswith("subuser/")


def test_domain_and_links_say_the_region_in_the_words_of_each_api(variant, read_calls, calls):
    assert of(calls, "authenticated-domain/news.northwind.example")["body"]["region"] == "eu"
    assert of(calls, "link-branding/news.northwind.example")["body"]["region"] == "eu"
    world = read_calls(variant((EU_SETTINGS, "{link_branding: true}")), "sendgrid-eu")
    assert of(world, "authenticated-domain/news.northwind.example")["body"]["region"] == "global"
    assert of(world, "link-branding/news.northwind.example")["body"]["region"] == "us"


def test_an_authenticated_domain_is_never_the_fallback_for_others(calls):
    body = of(calls, "authenticated-domain/news.northwind.example")["body"]
    assert body == {
        "domain": "news.northwind.example",
        "automatic_security": True,
        "custom_spf": False,
        "default": False,
        "region": "eu",
    }


def test_manual_security_and_a_chosen_return_path_are_asked_for(variant, read_calls):
    calls = read_calls(variant((EU_SETTINGS, "{security: manual, domain_label: bounce}")), "sendgrid-eu")
    body = of(calls, "authenticated-domain/news.northwind.example")["body"]
    assert (body["automatic_security"], body["subdomain"]) == (False, "bounce")


def test_without_security_no_domain_is_made(variant, read_calls):
    calls = read_calls(variant((EU_SETTINGS, '{security: "none", link_branding: true}')), "sendgrid-eu")
    assert not any(call["resource"].startswith(("authenticated-domain/", "link-branding/")) for call in calls)


def test_a_webhook_has_exactly_the_declared_events_and_bounced_includes_dropped(calls):
    body = of(calls, "event-webhook/newsletter")["body"]
    wanted = {name for name in EVENT_SETTINGS if body[name]}
    assert wanted == {"delivered", "bounce", "dropped", "spam_report", "click"}
    assert body["url"] == "https://hooks.northwind.example/mail/sendgrid"
    assert body["enabled"] is True


def test_every_webhook_is_signed_and_its_public_key_kept(calls):
    call = of(calls, "event-webhook-signature/newsletter")
    assert (call["method"], call["body"]) == ("PATCH", {"enabled": True})
    assert call["url"].endswith("/signed/${event-webhook/newsletter#id}")
    assert call["keep"] == {"event-webhook-signature/newsletter#public_key": "/public_key"}


def test_a_webhook_says_that_other_streams_events_arrive_too(calls, variant, read_files):
    assert "events of password-reset arrive here too" in of(calls, "event-webhook/newsletter")["why"]
    two = document(read_files, variant(SECOND_URL))
    assert any("cannot filter by stream" in note for note in two["notes"])
    assert [call["resource"] for call in two["requests"] if call["resource"].startswith("event-webhook/")] == [
        "event-webhook/password-reset",
        "event-webhook/newsletter",
    ]


def test_streams_of_different_needs_share_one_webhook_and_it_says_so(variant, read_calls):
    shared = (
        SECOND_URL[0],
        SECOND_URL[1]
        .replace("https://hooks.northwind.example/auth", "https://hooks.northwind.example/mail/{kind}")
        .replace("[bounced]", "[deferred]"),
    )
    call = of(read_calls(variant(shared), "sendgrid-eu"), "event-webhook/newsletter+password-reset")
    assert (call["body"]["deferred"], call["body"]["click"], call["body"]["open"]) == (True, True, False)
    assert "streams of different needs" in call["why"]
    assert "password-reset: deferred" in call["why"]


def test_a_key_may_send_and_nothing_else_and_goes_where_the_spec_keeps_it(calls):
    call = of(calls, "api-key/sendgrid-eu.api_key")
    assert call["body"] == {"name": "sendgrid-eu.api_key", "scopes": ["mail.send"]}
    assert call["store"] == {"aws-sm://prod/mail/sendgrid#api_key": "/api_key"}


def test_an_apps_own_credential_gets_a_key_of_its_own(variant, read_calls):
    own = (
        "shop: {streams: [newsletter, password-reset]}",
        (
            "shop: {streams: [newsletter, password-reset]}\n"
            "  batch:\n    streams: [newsletter]\n    credentials: {sendgrid-eu: {api_key: {from: env://BATCH_KEY}}}"
        ),
    )
    calls = read_calls(variant(own), "sendgrid-eu")
    keys = {call["body"]["name"]: call["store"] for call in calls if call["resource"].startswith("api-key/")}
    assert keys == {
        "batch.sendgrid-eu.api_key": {"env://BATCH_KEY": "/api_key"},
        "sendgrid-eu.api_key": {"aws-sm://prod/mail/sendgrid#api_key": "/api_key"},
    }


def test_tracking_is_on_only_for_what_a_stream_asks(calls):
    assert of(calls, "tracking/click")["body"] == {"enabled": True}
    assert of(calls, "tracking/open")["body"] == {"enabled": False}


def test_the_management_key_is_a_reference_or_asked_for(variant, read_calls, calls):
    assert calls[0]["headers"]["Authorization"] == "Bearer ${input:management_key}"
    named = variant(("streams:\n  newsletter", "    manage: {api_key: {from: env://SG_ADMIN}}\nstreams:\n  newsletter"))
    assert read_calls(named, "sendgrid-eu")[0]["headers"]["Authorization"] == "Bearer ${secret:env://SG_ADMIN}"


def test_native_fields_are_laid_over_ours(variant, read_calls):
    extra = "{extra: {authenticated_domain: {custom_dkim_selector: abc}, event_webhook: {processed: true}}}"
    calls = read_calls(variant((EU_SETTINGS, extra)), "sendgrid-eu")
    body = of(calls, "authenticated-domain/news.northwind.example")["body"]
    assert (body["custom_dkim_selector"], body["automatic_security"]) == ("abc", True)
    assert of(calls, "event-webhook/newsletter")["body"]["processed"] is True


def test_the_notes_warn_of_the_dmarc_proposal_and_of_the_eu(variant, read_files):
    notes = " ".join(document(read_files, variant())["notes"])
    assert "_dmarc" in notes
    assert "Do not publish it" in notes
    assert "in the US" in notes
    assert "in the US" not in " ".join(document(read_files, variant((EU_SETTINGS, "{}")))["notes"])
